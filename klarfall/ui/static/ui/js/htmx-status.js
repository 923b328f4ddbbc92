// A request of htmx that fails must not look like nothing happened: the words come from <body data-text-offline>.
const tellFailure = () => {
  const area = document.getElementById("messages");
  const text = document.body.dataset.textOffline;
  if (!area || !text) return;
  const note = document.createElement("p");
  note.className = "note is-err flash";
  note.setAttribute("role", "alert");
  note.textContent = text;
  area.replaceChildren(note);
};

document.addEventListener("htmx:sendError", tellFailure);
document.addEventListener("htmx:responseError", tellFailure);
