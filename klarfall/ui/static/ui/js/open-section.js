// A link to a closed <details> opens it and puts the focus into its first field: <a href="#split" data-opens="split">.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-opens]");
  const section = link && document.getElementById(link.dataset.opens);
  if (!section) return;
  event.preventDefault();
  link.closest("details[data-menu]")?.removeAttribute("open");
  section.open = true;
  section.scrollIntoView({ block: "nearest" });
  section.querySelector("input:not([type=hidden]), select, textarea")?.focus();
});
