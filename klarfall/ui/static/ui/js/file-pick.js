// A styled file field names what was chosen: .file-pick holds a text in its first span and the field.
document.addEventListener("change", (event) => {
  const label = event.target.closest?.(".file-pick")?.querySelector("span");
  if (!label) return;
  label.dataset.label ??= label.textContent;
  label.textContent = [...event.target.files].map((file) => file.name).join(", ") || label.dataset.label;
});
