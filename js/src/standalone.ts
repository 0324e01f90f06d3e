/** A page of its own: the widget on a model that lives in the page, with all states of a session in it. */
import { Stored } from "./stored.ts";
import widget from "./widget.ts";

const data = document.getElementById("kanwidget-data");
const el = document.getElementById("kanwidget");
if (data && el) {
  const model = new Stored(JSON.parse(data.textContent ?? ""));
  el.replaceChildren();
  widget.render({ model, el });
}
