"""No style leaks out of the widget or into it, in a real JupyterLab."""

from __future__ import annotations

NEIGHBOURS = """
import ipywidgets
from IPython.display import HTML, display
display(ipywidgets.VBox([
    ipywidgets.Button(description="A"), ipywidgets.IntSlider(), ipywidgets.Dropdown(options=["b"]),
    ipywidgets.Text("c"), ipywidgets.HTMLMath("$x^2$"), ipywidgets.Tab([ipywidgets.Label("d")]),
]))
HTML('''<div class="neighbour"><h3>Heading</h3><table><tr><th>1</th><td>2</td></tr></table>
<button>Go</button>
<input type="range"><select><option>e</option></select><canvas></canvas>
<svg><path d="M0 0L9 9"/></svg><p>Text</p>
<span class="katex"><span class="katex-html">
<span class="base"><span class="mord mathnormal">x</span></span></span></span>
</div>''')
"""

STYLES_OUTSIDE = """() => {
    const ours = '[data-testid=kanwidget]';
    const all = [document.body, document.documentElement];
    const roots = document.querySelectorAll('.neighbour, .jp-Notebook .widget-vbox');
    for (const root of roots) if (!root.closest(ours)) all.push(root, ...root.querySelectorAll('*'));
    return all.map(element => {
        const style = getComputedStyle(element);
        const values = [...style].map(name => [name, style[name]]);
        return {on: element.className + '', ...Object.fromEntries(values)};
    });
}"""

# nothing under the selector was added, removed or changed for a second
UNTIL_QUIET = """selector => new Promise(resolve => {
    const watcher = new MutationObserver(() => { clearTimeout(timer); timer = wait(); });
    const wait = () => setTimeout(() => { watcher.disconnect(); resolve(); }, 1000);
    let timer = wait();
    watcher.observe(document.querySelector(selector),
        {childList: true, subtree: true, attributes: true, characterData: true});
})"""

HOSTILE = """
body { letter-spacing: 3px; word-spacing: 5px; text-transform: uppercase; font-style: italic;
       line-height: 3; text-align: right; white-space: pre; text-shadow: 1px 1px red; cursor: wait; }
button, input, select, option, label, table, caption, th, td, ul, ol, li, p, h2, h3, h4, dl, dt, dd,
span, a, output, details, summary, figure, canvas, dialog, kbd, code, fieldset, legend {
    margin: 7px; padding: 9px; border: 3px dotted red; background: lime; color: fuchsia;
    font: bold 22px serif; border-radius: 50%; box-shadow: 0 0 9px red; opacity: 0.5; float: right;
    text-decoration: underline; transform: rotate(3deg); }
div, section, header, footer, nav, form { outline: 4px solid red; font-size: 31px; text-indent: 9px; }
.jp-OutputArea button, .jp-OutputArea-output table td, .jp-Notebook .jp-OutputArea div span,
.jp-Notebook .jp-OutputArea input { color: red; font-size: 30px; border: 5px solid blue; margin: 20px; }
.katex, .katex .mord, .katex-display, .katex .base { font-size: 40px; color: red; display: block; }
"""

STYLES_INSIDE = """hostile => {
    const root = document.querySelector('[data-testid=kanwidget]');
    const all = [root, ...root.querySelectorAll('*')].filter(element => !element.closest('svg'));
    const read = () => all.map(element => {
        const style = getComputedStyle(element);
        return Object.fromEntries([...style].map(name => [name, style[name]]));
    });
    const before = read();
    const sheet = document.createElement('style');
    sheet.textContent = hostile;
    document.body.append(sheet);
    const after = read();
    sheet.remove();
    const changes = new Set();
    all.forEach((element, n) => {
        const where = `${element.tagName}.${element.className}`;
        for (const [name, old] of Object.entries(before[n]))
            if (!name.startsWith('--') && old !== after[n][name])
                changes.add(`${where} ${name}: ${old} -> ${after[n][name]}`);
    });
    return [...changes];
}"""


def differences(before: list[dict[str, str]], after: list[dict[str, str]]) -> list[str]:
    assert len(before) == len(after)
    return [
        f"{old['on']} {name}: {old[name]} -> {new[name]}"
        for old, new in zip(before, after, strict=True)
        for name in old
        if old[name] != new[name]
    ]


def test_what_stands_beside_the_widget_looks_as_before(desk):
    desk.notebook.run_code(NEIGHBOURS)
    # JupyterLab sets formulas in moments of its own, and until then they are plain text
    desk.page.locator(".jp-Notebook .widget-vbox mjx-container").wait_for()
    desk.page.evaluate(UNTIL_QUIET, ".jp-Notebook .widget-vbox")
    before = desk.page.evaluate(STYLES_OUTSIDE)
    assert len(before) > 40
    desk.fitted().click_edge((0, 0, 0))
    assert differences(before, desk.page.evaluate(STYLES_OUTSIDE)) == []


def test_styles_of_the_page_do_not_reach_the_widget(desk):
    hand = desk.fitted()
    assert desk.page.evaluate(STYLES_INSIDE, HOSTILE) == []
    hand.click_edge((0, 0, 0))
    assert desk.page.evaluate(STYLES_INSIDE, HOSTILE) == []


def test_every_rule_of_ours_holds_inside_of_the_widget_only(desk):
    desk.fitted()
    foreign = desk.page.evaluate("""() => {
        const ours = [...document.querySelectorAll('style')]
            .filter(style => style.textContent.includes('.kw-toolbar'));
        const found = [];
        // a rule stands inside of ours, or begins with us; what is beside us is not inside
        const holds = (part, within) => /^&(?!\\s*[+~])/.test(part)
            || (within && !part.includes('&') && !/^[+~]/.test(part));
        const look = (rules, within) => { for (const rule of rules) {
            if (rule.selectorText) {
                let text = rule.selectorText.replaceAll(':is(.kanwidget, #kanwidget)', '&');
                const plain = /\\([^()&]*\\)/g;
                while (text !== text.replaceAll(plain, '')) text = text.replaceAll(plain, '');
                const foreign = text.split(',').map(part => part.trim())
                    .filter(part => !holds(part, within));
                found.push(...foreign);
                look(rule.cssRules, foreign.length === 0);
            } else if (rule instanceof CSSKeyframesRule) {
                if (!rule.name.startsWith('kw-')) found.push(rule.name);
            } else if (rule instanceof CSSFontFaceRule) {
                if (!rule.style.fontFamily.startsWith('Kanwidget_'))
                    found.push(rule.style.fontFamily);
            } else if (rule.cssRules) look(rule.cssRules, within);
        } };
        for (const style of ours) look(style.sheet.cssRules, false);
        return [ours.length, found];
    }""")
    assert foreign == [1, []]
