// Panels that are switched in place: [role=tablist] with [role=tab][aria-controls]; arrow keys move between the tabs.
// Without JavaScript all panels are visible one after the other.
const selectTab = (tab) => {
  for (const other of tab.closest("[role=tablist]").querySelectorAll("[role=tab]")) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls"))?.toggleAttribute("hidden", !chosen);
  }
};

const prepareTabs = (root) => {
  for (const list of root.querySelectorAll("[role=tablist]")) {
    const chosen = list.querySelector("[role=tab][aria-selected=true]") || list.querySelector("[role=tab]");
    if (chosen) selectTab(chosen);
  }
};

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[role=tablist] [role=tab]");
  if (tab) selectTab(tab);
});

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.("[role=tablist] [role=tab]");
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!tab || !step) return;
  const all = [...tab.closest("[role=tablist]").querySelectorAll("[role=tab]")];
  const next = all[(all.indexOf(tab) + step + all.length) % all.length];
  selectTab(next);
  next.focus();
});

prepareTabs(document);
document.addEventListener("htmx:load", (event) => prepareTabs(event.target));
