// Choosing an option with data-fill-<name> puts its text into the field of that name in the same form,
// unless somebody has already changed what stands there.
const fieldFor = (select, name) => [...select.form.elements].find((field) => field.name === name || field.name.endsWith(`-${name}`));

document.addEventListener("change", (event) => {
  const select = event.target;
  if (!select.matches?.("select") || !select.form) return;
  const known = [...select.options];
  for (const [key, text] of Object.entries(select.selectedOptions[0]?.dataset || {})) {
    if (!key.startsWith("fill")) continue;
    const field = fieldFor(select, key.slice(4).toLowerCase());
    if (!field || !(field.value === "" || known.some((option) => option.dataset[key] === field.value))) continue;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
