/**
 * Make what is on the page show other HTML, changing only the parts that differ: what stays as it is need
 * not be laid out anew.
 *
 * `before` is what the page was last made to show; since then it may have got other classes.
 */
export function amend(shown: Node, before: Node, after: Node): void {
  const old = [...before.childNodes];
  const come = [...after.childNodes];
  const gone = [...shown.childNodes];
  while (old.length && come.length && old[0].isEqualNode(come[0])) {
    old.shift();
    come.shift();
    gone.shift();
  }
  let next: Node | null = null;
  while (old.length && come.length && old[old.length - 1].isEqualNode(come[come.length - 1])) {
    old.pop();
    come.pop();
    next = gone.pop() as Node;
  }
  const [a, b] = [old[0], come[0]];
  if (
    old.length === 1 &&
    come.length === 1 &&
    a.hasChildNodes() &&
    a.cloneNode().isEqualNode(b.cloneNode())
  ) {
    amend(gone[0], a, b);
    return;
  }
  for (const each of gone) shown.removeChild(each);
  for (const each of come) shown.insertBefore(each.cloneNode(true), next);
}
