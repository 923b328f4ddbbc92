// A link to a closed <details> opens it: <a href="#split" data-opens="split">. The first field gets the focus, also
// where htmx fetches the content only now.
const focusFirst = (section) => section.querySelector("input:not([type=hidden]), select, textarea")?.focus();

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-opens]");
  const section = link && document.getElementById(link.dataset.opens);
  if (!section) return;
  event.preventDefault();
  link.closest("details[data-menu]")?.removeAttribute("open");
  section.open = true;
  section.scrollIntoView({ block: "nearest" });
  focusFirst(section);
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.matches("details[open][hx-get]")) focusFirst(event.target);
});
