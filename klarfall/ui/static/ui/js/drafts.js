// Saves a form while it is being written: <form data-autosave="/drafts/7/">, state in [data-saved].
// Sends the fields (no files) as a POST two seconds after the last key and when the page is left; the server answers 204
// or JSON {"saved_at": "09:36"}. A failed save is repeated.
// A form with the fields `saved` and `mark` counts what is saved: the mark names the page and numbers its savings, so
// that the server knows a page's own ones, whatever became of their answers. With data-copy="NAME" what the server
// has not taken yet lies in this browser as well; [data-copy-offer] offers it when the form is opened again.
const SAVE_AFTER_MS = 2000;
const RETRY_AFTER_MS = 10000;
const COPY_AFTER_MS = 300;
const COPY_DAYS = 14;
// Browsers send no more than this behind a page that is left.
const KEEPALIVE_MOST = 60000;
const COPIES = "klarfall-draft:";
const PAGE = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 12)}`;
const FORMS = "form[data-autosave]";
let step = 0;
const nextMark = () => `${PAGE}:${++step}`;
const csrfToken = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"];
const all = () => [...document.querySelectorAll(FORMS)];

const fieldsOf = (form) => {
  const data = new FormData(form);
  for (const [name, value] of [...data.entries()]) if (value instanceof File) data.delete(name);
  return data;
};

// What somebody wrote: without what only counts, and without fields that stand elsewhere on the page.
const OURS = ["csrfmiddlewaretoken", "saved", "mark"];
const writtenIn = (form) => [...form.elements].filter((one) => one.name && !OURS.includes(one.name) && (!form.elements.mark || form.contains(one)));
const wordsOf = (form) => {
  const data = fieldsOf(form), names = new Set(writtenIn(form).map((one) => one.name));
  return new URLSearchParams([...data.entries()].filter(([name]) => names.has(name))).toString();
};

const say = (form, kind, time) => {
  const state = form.querySelector("[data-saved]") || document.querySelector("[data-saved]");
  if (!state) return;
  const words = { saving: state.dataset.textSaving, saved: state.dataset.textSaved, failed: state.dataset.textFailed };
  state.textContent = words[kind].replace("{time}", time || "");
};

const localTime = (at = new Date()) => at.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

// Copies in this browser: a net for when the server is out of reach. Where a browser keeps nothing, there is none.
const copyOf = (form) => { try { return JSON.parse(localStorage.getItem(COPIES + form.dataset.copy)); } catch { return null; } };
const dropCopy = (form) => { try { localStorage.removeItem(COPIES + form.dataset.copy); } catch { /* as above */ } };
const keepCopy = (form) => {
  const words = wordsOf(form);
  if (!form.dataset.copy || form.copyHeld || form.draftSaved === words) return;
  try { localStorage.setItem(COPIES + form.dataset.copy, JSON.stringify({ at: Date.now(), words })); } catch { /* full */ }
};

const kept = (form, words, fields) => {
  for (const [name, value] of Object.entries(fields || {})) if (form.elements[name]) form.elements[name].value = value;
  form.draftSaved = words;
  form.draftFailed = false;
  if (form.dataset.copy && copyOf(form)?.words === words) dropCopy(form);
};

const refusedDraft = (form, answer, state) => {
  if (answer.status === 409) form.draftStopped = true;
  form.draftFailed = true;
  const place = form.querySelector("[data-saved]") || document.querySelector("[data-saved]");
  if (place) place.textContent = state.error || place.dataset.textFailed;
};

const sendDraft = async (form, leaving) => {
  const words = wordsOf(form);
  if (form.draftStopped || words === form.draftSaved || (leaving && words === form.draftLeft)) return;
  if (leaving) form.draftLeft = words;
  const body = fieldsOf(form);
  if (form.elements.mark) body.set("mark", nextMark());
  try {
    const answer = await fetch(form.dataset.autosave, {
      method: "POST",
      body,
      keepalive: leaving && words.length < KEEPALIVE_MOST,
      redirect: "error", // to the sign-in page: nothing is saved then
      headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
    });
    const state = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
    if ([409, 410, 422].includes(answer.status) && state.error) return refusedDraft(form, answer, state);
    if (!answer.ok) throw new Error(String(answer.status));
    kept(form, words, state.fields);
    say(form, "saved", state.saved_at || localTime());
  } catch {
    form.draftFailed = true;
    form.draftLeft = null;
    say(form, "failed");
    form.draftTimer = setTimeout(() => saveDraft(form), RETRY_AFTER_MS);
  }
};

// One after the other; but a page that is left waits for nothing, for no answer reaches it any more.
const saveDraft = (form, leaving = false) => {
  clearTimeout(form.draftTimer);
  const before = leaving ? null : form.draftSaving;
  const saving = before ? before.then(() => sendDraft(form, false)) : sendDraft(form, leaving);
  form.draftSaving = saving;
  saving.finally(() => { if (form.draftSaving === saving) form.draftSaving = null; });
  return saving;
};

const touched = (form) => {
  form.draftTouched = true;
  clearTimeout(form.draftTimer);
  form.draftTimer = setTimeout(() => saveDraft(form), SAVE_AFTER_MS);
  clearTimeout(form.copyTimer);
  form.copyTimer = setTimeout(() => keepCopy(form), COPY_AFTER_MS);
};

document.addEventListener("input", (event) => {
  const form = event.target.closest(FORMS);
  if (form) touched(form);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  clearTimeout(form.draftTimer);
  if (form.dataset.copyDone) dropCopy({ dataset: { copy: form.dataset.copyDone } });
  if (!form.elements.mark) return;
  keepCopy(form);
  form.elements.mark.value = nextMark(); // newer than a saving under way
});

// A button with data-ends-draft sends what was typed by itself: afterwards nothing may bring the draft back.
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target.closest?.("[data-ends-draft]")?.closest(FORMS);
  if (!form) return;
  clearTimeout(form.draftTimer);
  form.dataset.sent = "1";
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("[data-ends-draft]")?.closest(FORMS);
  if (form && event.detail.failed) delete form.dataset.sent;
});

// Browsers differ in which of the two they tell, and when.
const leave = () => {
  for (const form of all()) {
    if (!form.draftTouched || form.dataset.sent) continue;
    keepCopy(form);
    saveDraft(form, true);
  }
};
window.addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") leave(); });

// Who leaves is asked only where the words would not reach the server behind the page.
const isStuck = (form) => form.draftStopped || form.draftFailed || wordsOf(form).length >= KEEPALIVE_MOST;
window.addEventListener("beforeunload", (event) => {
  const open = all().filter((form) => form.elements.saved && form.draftTouched && !form.dataset.sent);
  if (open.some((form) => wordsOf(form) !== form.draftSaved && isStuck(form))) event.preventDefault();
});

const fill = (form, words) => {
  const given = new URLSearchParams(words);
  for (const field of writtenIn(form)) {
    if (field.type === "checkbox") field.checked = given.has(field.name);
    else if (given.has(field.name)) field.value = given.get(field.name);
  }
  form.querySelector("textarea").dispatchEvent(new Event("input", { bubbles: true }));
};

const offerCopy = (form) => {
  const copy = copyOf(form), words = wordsOf(form), offer = form.querySelector("[data-copy-offer]");
  if (!copy || !offer) return;
  if (copy.words === words) return touched(form); // brought back by the browser, or saved after all
  const [take, back, drop] = ["take", "back", "drop"].map((name) => offer.querySelector(`[data-copy-${name}]`));
  const at = new Date(copy.at);
  offer.querySelector("[data-copy-time]").textContent = `${at.toLocaleDateString(document.documentElement.lang)}, ${localTime(at)}`;
  const swap = (to, hides, shows) => () => { form.copyHeld = false; fill(form, to); hides.hidden = true; shows.hidden = false; shows.focus(); };
  take.addEventListener("click", swap(copy.words, take, back));
  back.addEventListener("click", swap(words, back, take));
  drop.addEventListener("click", () => { form.copyHeld = false; offer.hidden = true; dropCopy(form); keepCopy(form); });
  form.copyHeld = true; // until somebody has chosen, nothing takes its place
  offer.hidden = false;
};

const forgetOldCopies = () => {
  try {
    for (const name of Object.keys(localStorage).filter((one) => one.startsWith(COPIES)))
      if (!(Date.now() - JSON.parse(localStorage.getItem(name)).at < COPY_DAYS * 86400000)) localStorage.removeItem(name);
  } catch { /* nothing is kept here, or not by us */ }
};

forgetOldCopies();
all().filter((form) => form.dataset.copy).forEach(offerCopy);
