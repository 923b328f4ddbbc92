// Writing Markdown: buttons put marks around what is selected, [data-md-put] puts a reference at the cursor.
// Everything goes through execCommand, so that undo works; without script the buttons stay hidden.
const mdText = (from) => from.closest("form")?.querySelector("[data-md-text]") || document.querySelector("[data-md-text]");

const put = (area, text) => {
  area.focus();
  if (!document.execCommand("insertText", false, text)) area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
};

const chosen = (area) => area.value.slice(area.selectionStart, area.selectionEnd);
const around = (area, mark) => { const words = chosen(area); put(area, mark + words + mark); if (!words) area.setSelectionRange(area.selectionStart - mark.length, area.selectionStart - mark.length); };

// A block stands in lines of its own, with an empty line before and after it: a video beside other words is a mere link.
const asBlock = (area, text) => {
  const before = area.value.slice(0, area.selectionStart), after = area.value.slice(area.selectionEnd);
  const gap = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const rest = after === "" ? "\n" : after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n";
  return gap + text + rest;
};
const block = (area, text) => put(area, asBlock(area, text));

// What another script adds is put in without taking the focus.
document.addEventListener("md-block", (event) => {
  const area = event.target;
  area.setRangeText(asBlock(area, event.detail), area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
});

// Nobody has put a cursor into a page just drawn: what is added then goes to the end, not before the first word.
document.querySelectorAll("[data-md-text]").forEach((area) => area.setSelectionRange(area.value.length, area.value.length));

const lines = (area, mark) => block(area, (chosen(area) || "").split("\n").map((line, at) => mark(at) + line).join("\n"));
const callout = (area, name) => block(area, `:::${name}\n${chosen(area)}\n:::`);

const MARKS = {
  heading: (area) => block(area, `## ${chosen(area)}`),
  bold: (area) => around(area, "**"),
  code: (area) => (chosen(area).includes("\n") ? block(area, `\`\`\`\n${chosen(area)}\n\`\`\``) : around(area, "`")),
  list: (area) => lines(area, () => "- "),
  steps: (area) => lines(area, (at) => `${at + 1}. `),
  note: (area) => callout(area, "hinweis"),
  warning: (area) => callout(area, "achtung"),
  tip: (area) => callout(area, "tipp"),
  table: (area) => block(area, "| A | B |\n| --- | --- |\n| 1 | 2 |"),
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-md], [data-md-put]");
  const area = button && mdText(button);
  if (!area) return;
  if (button.dataset.md) MARKS[button.dataset.md](area);
  else if (button.dataset.mdBlock) block(area, button.dataset.mdPut);
  else put(area, button.dataset.mdPut);
  area.scrollIntoView({ block: "nearest" });
});

// On narrow displays text and preview take turns.
const showPanel = (button) => {
  const part = button.closest("[data-write]");
  part.dataset.shown = button.dataset.writeShow;
  for (const other of part.querySelectorAll("[data-write-show]")) other.setAttribute("aria-pressed", String(other === button));
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-write-show]");
  if (button) showPanel(button);
});

document.querySelectorAll("[data-write-show=text]").forEach(showPanel);

// [data-reply-put] puts a line into the reply of a request.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reply-put]");
  const area = button && document.getElementById("composer-text");
  if (!area) return;
  const gap = area.value === "" || area.value.endsWith("\n") ? "" : "\n";
  area.focus();
  area.setSelectionRange(area.value.length, area.value.length);
  put(area, `${gap}${button.dataset.replyPut}\n`);
});

const showTools = (root) => {
  if (document.getElementById("composer-text")) for (const button of root.querySelectorAll("[data-reply-put][hidden]")) button.hidden = false;
  if (!document.querySelector("[data-md-text]")) return;
  for (const part of root.querySelectorAll("[data-md-tools][hidden], [data-md-put][hidden]")) part.hidden = false;
};

showTools(document);
document.addEventListener("htmx:load", (event) => showTools(event.target));
