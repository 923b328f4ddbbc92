// Suggestions below a search field: the arrows walk through them, Escape puts them away. They are links, nothing more.
document.addEventListener("keydown", (event) => {
  const box = event.target.closest("[data-suggests]");
  if (!box) return;
  const list = box.querySelector(".suggests");
  const stops = [box.querySelector("input[type=search]"), ...list.querySelectorAll("a")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && stops.length > 1) {
    event.preventDefault();
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length]?.focus();
  } else if (event.key === "Escape" && list.childElementCount) {
    event.preventDefault();
    list.replaceChildren();
    stops[0].focus();
  }
});
