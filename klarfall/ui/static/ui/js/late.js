// <div data-late-after="24" data-late-of="id_end">…</div> is needed only for time that ended so many hours ago; the
// server decides. Without JavaScript it is always there; with an error or a value it stays.
const update = (part) => {
  const end = document.getElementById(part.dataset.lateOf);
  const late = end?.value && Date.now() - Date.parse(end.value) > Number(part.dataset.lateAfter) * 3600000;
  const input = part.querySelector("input, textarea");
  part.hidden = !late && !input.value && !part.querySelector(".bad");
  input.required = Boolean(late);
};

const updateAll = (root) => root.querySelectorAll("[data-late-after]").forEach(update);

updateAll(document);
document.addEventListener("htmx:load", (event) => updateAll(event.target));
document.addEventListener("input", (event) => {
  document.querySelectorAll(`[data-late-of="${CSS.escape(event.target.id || "-")}"]`).forEach(update);
});
