// After a form came back with errors the summary gets the focus, so that it is read first.
const focusSummary = (root) => root.querySelector("[data-focus]")?.focus();
// A page that is slow to load takes the focus from nobody who is in a field of it already.
const isInUse = (field) => field?.matches("input, select, textarea") && !field.autofocus;
const focusOnLoad = () => { if (!isInUse(document.activeElement)) focusSummary(document); };

focusOnLoad();
document.addEventListener("htmx:load", (event) => {
  if (event.target === document.body) focusOnLoad();
  else focusSummary(event.target);
});
