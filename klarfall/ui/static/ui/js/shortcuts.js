// Single-key shortcuts: [data-key="r"] is clicked or focused; j and k walk through [data-keys-list]; ? shows all.
// They rest in text fields and dialogs and can be switched off (WCAG 2.1.4); "mod+…" works everywhere.
const SWITCH = "klarfall.shortcuts";
const shortcutsOn = () => localStorage.getItem(SWITCH) !== "off";
const isTyping = (element) => element.closest("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=button], [type=submit])");
const helpDialog = () => document.querySelector("[data-shortcuts-dialog]");

const press = (target) => {
  const focusAfter = target.dataset.keyFocus && document.getElementById(target.dataset.keyFocus);
  if (target.matches("textarea, input:not([type=radio], [type=checkbox])")) target.focus();
  else if (target.type === "radio") { target.checked = true; target.dispatchEvent(new Event("change", { bubbles: true })); if (!focusAfter) target.focus(); }
  else target.click();
  focusAfter?.focus();
};

const walk = (step) => {
  const links = [...document.querySelectorAll("[data-keys-list] :is(tr, li) a[href]")].filter((link, index, all) => all.findIndex((other) => other.closest("tr, li") === link.closest("tr, li")) === index);
  if (!links.length) return;
  const now = links.findIndex((link) => link === document.activeElement || link.hasAttribute("aria-current"));
  const at = links.indexOf(document.activeElement) >= 0 ? links.indexOf(document.activeElement) : now;
  const next = links[Math.min(Math.max(at + step, 0), links.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
};

const row = (key, label) => {
  const pair = document.createElement("div");
  pair.innerHTML = '<dt><kbd class="key"></kbd></dt><dd></dd>';
  pair.querySelector("kbd").textContent = key.replace("mod+", document.documentElement.lang === "de" ? "Strg " : "Ctrl ").replace("enter", "↵").toUpperCase().replace("STRG", "Strg").replace("CTRL", "Ctrl");
  pair.querySelector("dd").textContent = label;
  return pair;
};

const showHelp = () => {
  const dialog = helpDialog();
  if (!dialog) return;
  const list = dialog.querySelector("[data-shortcuts-list]");
  const rows = [row("j", list.dataset.next), row("k", list.dataset.previous), row("?", list.dataset.help)];
  for (const target of document.querySelectorAll("[data-key][data-key-label]")) rows.push(row(target.dataset.key, target.dataset.keyLabel));
  list.replaceChildren(...rows);
  dialog.querySelector("[data-shortcuts-switch]").checked = shortcutsOn();
  dialog.showModal();
};

// Several forms of a page may have the same key: the one being written in wins, then the first that is visible.
const targetOf = (event, key) => {
  const wanted = `[data-key="${CSS.escape(key)}"]`;
  const own = event.target.closest("form")?.querySelectorAll(wanted) || [];
  return [...own, ...document.querySelectorAll(wanted)].find((one) => one.checkVisibility());
};

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.defaultPrevented || event.isComposing) return;
  const modified = event.ctrlKey || event.metaKey;
  const key = (modified ? "mod+" : "") + event.key.toLowerCase();
  if (!modified && (!shortcutsOn() || isTyping(event.target) || document.querySelector("dialog[open]"))) return;
  const target = targetOf(event, key);
  const fixed = { j: () => walk(1), k: () => walk(-1), "?": showHelp }[key];
  if (!helpDialog() && !target) return;
  if (!target && !fixed) return;
  event.preventDefault();
  if (target) press(target);
  else fixed();
});

document.addEventListener("click", (event) => { if (event.target.closest("[data-shortcuts-help]")) showHelp(); });
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-shortcuts-switch]")) localStorage.setItem(SWITCH, event.target.checked ? "on" : "off");
});
