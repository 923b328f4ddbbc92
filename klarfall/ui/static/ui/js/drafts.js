// Saves a form while it is being written: <form data-autosave="/drafts/7/">, state in [data-saved].
// Sends the fields (no files) as a POST two seconds after the last key and when the page is left; the server answers 204
// or JSON {"saved_at": "09:36"}. A failed save is repeated.
const SAVE_AFTER_MS = 2000;
const RETRY_AFTER_MS = 10000;
const csrfToken = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"];

const fieldsOf = (form) => {
  const data = new FormData(form);
  for (const [name, value] of [...data.entries()]) if (value instanceof File) data.delete(name);
  return data;
};

const say = (form, kind, time) => {
  const state = form.querySelector("[data-saved]") || document.querySelector("[data-saved]");
  if (!state) return;
  const words = { saving: state.dataset.textSaving, saved: state.dataset.textSaved, failed: state.dataset.textFailed };
  state.textContent = words[kind].replace("{time}", time || "");
};

const localTime = () => new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

const saveDraft = async (form) => {
  const body = fieldsOf(form);
  const text = new URLSearchParams(body).toString();
  if (text === form.draftSaved) return;
  try {
    const answer = await fetch(form.dataset.autosave, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
    });
    if (!answer.ok) throw new Error(String(answer.status));
    form.draftSaved = text;
    const saved = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
    say(form, "saved", saved.saved_at || localTime());
  } catch {
    say(form, "failed");
    form.draftTimer = setTimeout(() => saveDraft(form), RETRY_AFTER_MS);
  }
};

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-autosave]");
  if (!form) return;
  clearTimeout(form.draftTimer);
  form.draftTimer = setTimeout(() => saveDraft(form), SAVE_AFTER_MS);
});

document.addEventListener("submit", (event) => clearTimeout(event.target.draftTimer));

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "hidden") return;
  for (const form of document.querySelectorAll("form[data-autosave]")) {
    const text = new URLSearchParams(fieldsOf(form)).toString();
    if (!form.draftTimer || text === form.draftSaved || form.dataset.sent) continue;
    const body = fieldsOf(form);
    fetch(form.dataset.autosave, { method: "POST", body, keepalive: true, headers: { "X-CSRFToken": csrfToken() } });
    form.draftSaved = text;
  }
});
