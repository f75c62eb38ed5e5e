// What a person can see and use on the page: `arguments` = [what, ...]. Returns an element, words or null.
const squeeze = (text) => (text || "").replace(/\s+/g, " ").trim();
const shown = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility === "visible";
const nameOf = (element) => {
  const named = (element.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean)
    .map((id) => document.getElementById(id)).filter(Boolean).map((label) => label.textContent).join(" ");
  const labels = Array.from(element.labels || []).map((label) => label.textContent).join(" ");
  const own = element.matches("input") ? element.value : element.innerText;
  return [named, element.getAttribute("aria-label"), labels, own, element.title, element.placeholder].map(squeeze).filter(Boolean);
};
const PRESSED = "button, a[href], summary, input[type=submit], input[type=button], input[type=checkbox], input[type=radio], [role=button], [role=menuitem], [role=tab]";
const FIELDS = "input:not([type=submit]):not([type=button]):not([type=hidden]), textarea, select, output";
const rowsWith = (words) => Array.from(document.querySelectorAll("tr, li, article, [role=row]"))
  .filter((row) => shown(row) && squeeze(row.innerText).includes(squeeze(words)));
const named = (within, selector, name) => {
  const found = Array.from(within.querySelectorAll(selector)).filter((element) => shown(element) && nameOf(element).includes(squeeze(name)));
  const open = document.querySelector("dialog[open]");
  return found.find((element) => open && open.contains(element)) || found[0] || null;
};
switch (arguments[0]) {
  case "words": return squeeze(document.body && document.body.innerText);
  case "pressable": return named(document, PRESSED, arguments[1]);
  case "pressable in": return rowsWith(arguments[2]).map((row) => named(row, PRESSED, arguments[1])).find(Boolean) || null;
  case "field": return named(document, FIELDS, arguments[1]);
  case "row": { const row = rowsWith(arguments[1]).pop(); return row ? squeeze(row.innerText) : null; }
  default: return null;
}
