// After a form came back with errors the summary gets the focus, so that it is read first.
const focusSummary = (root) => root.querySelector("[data-focus]")?.focus();

focusSummary(document);
document.addEventListener("htmx:load", (event) => focusSummary(event.target));
