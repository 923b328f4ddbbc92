// Saves a form while it is being written: <form data-autosave="/drafts/7/">, state in [data-saved].
// Sends the fields (no files) as a POST two seconds after the last key and when the page is left; the server answers 204
// or JSON {"saved_at": "09:36"}. A failed save is repeated.
const SAVE_AFTER_MS = 2000;
const RETRY_AFTER_MS = 10000;
// Browsers send no more than this behind a page that is left.
const KEEPALIVE_MOST = 60000;
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

// What the answer says of the form's own fields (the count of the saved text) is written into it.
const keepFields = (form, body, fields) => {
  for (const [name, value] of Object.entries(fields || {})) {
    if (form.elements[name]) form.elements[name].value = value;
    body.set(name, value);
  }
  form.draftSaved = new URLSearchParams(body).toString();
};

const refusedDraft = (form, answer, state) => {
  if (answer.status === 409) form.draftStopped = true;
  const place = form.querySelector("[data-saved]") || document.querySelector("[data-saved]");
  if (place) place.textContent = state.error || place.dataset.textFailed;
};

const sendDraft = async (form, keepalive) => {
  const body = fieldsOf(form);
  const text = new URLSearchParams(body).toString();
  if (form.draftStopped || text === form.draftSaved) return;
  try {
    const answer = await fetch(form.dataset.autosave, {
      method: "POST",
      body,
      keepalive: keepalive && text.length < KEEPALIVE_MOST,
      headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
    });
    const state = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
    if ([409, 410, 422].includes(answer.status) && state.error) return refusedDraft(form, answer, state);
    if (!answer.ok) throw new Error(String(answer.status));
    keepFields(form, body, state.fields);
    say(form, "saved", state.saved_at || localTime());
  } catch {
    say(form, "failed");
    form.draftTimer = setTimeout(() => saveDraft(form), RETRY_AFTER_MS);
  }
};

// One after the other: what is saved next says which state it began from.
const saveDraft = (form, keepalive = false) => {
  const next = () => sendDraft(form, keepalive);
  const saving = (form.draftSaving || Promise.resolve()).then(next);
  form.draftSaving = saving;
  saving.finally(() => { if (form.draftSaving === saving) form.draftSaving = null; });
  return saving;
};

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-autosave]");
  if (!form) return;
  clearTimeout(form.draftTimer);
  form.draftTimer = setTimeout(() => saveDraft(form), SAVE_AFTER_MS);
});

// A form that counts what is saved waits for a saving that is under way, else it would say an older state.
document.addEventListener("submit", (event) => {
  const form = event.target;
  clearTimeout(form.draftTimer);
  form.dataset.left = "1";
  if (!form.elements.saved || !form.draftSaving || form.draftWaited) return;
  event.preventDefault();
  const button = event.submitter;
  const send = () => {
    form.draftWaited = true;
    form.requestSubmit(button);
    form.draftWaited = false;
  };
  form.draftSaving.finally(() => setTimeout(send)); // not while this event is still under way: that would be ignored
});

// A button with data-ends-draft sends what was typed by itself: afterwards nothing may bring the draft back.
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target.closest?.("[data-ends-draft]")?.closest("form[data-autosave]");
  if (!form) return;
  clearTimeout(form.draftTimer);
  form.dataset.sent = "1";
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("[data-ends-draft]")?.closest("form[data-autosave]");
  if (form && event.detail.failed) delete form.dataset.sent;
});

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "hidden") return;
  for (const form of document.querySelectorAll("form[data-autosave]")) {
    if (form.draftTimer && !form.dataset.sent) saveDraft(form, true);
  }
});

// Who leaves with words that are not saved yet is asked.
window.addEventListener("beforeunload", (event) => {
  const open = [...document.querySelectorAll("form[data-autosave]")].filter((form) => form.elements.saved && form.draftTimer && !form.dataset.left);
  if (open.some((form) => new URLSearchParams(fieldsOf(form)).toString() !== form.draftSaved)) event.preventDefault();
});
