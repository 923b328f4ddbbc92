// Adds a file to an article without leaving the text: sends it with progress, puts its reference at the cursor and has
// the list drawn anew. Without script the same button saves the text and adds the file with a page of its own.
const mediaToken = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"];

const updateUses = (part) => {
  const use = part.querySelector("select[name=use]").value;
  for (const field of part.querySelectorAll("[data-for-use]")) field.hidden = !field.dataset.forUse.split(" ").includes(use);
};

const sent = (part, request) => {
  const answer = request.response || {};
  const state = part.querySelector("[data-media-state]");
  part.querySelector("progress").hidden = true;
  part.querySelector("[data-media-send]").disabled = false;
  const good = request.status >= 200 && request.status < 300;
  state.textContent = good ? answer.said : answer.error || part.dataset.textFailed;
  state.classList.toggle("err-text", !good);
  if (!good) return;
  for (const field of part.querySelectorAll("input[type=file], input[name=description]")) field.value = "";
  document.body.dispatchEvent(new CustomEvent("media-added"));
  const area = document.querySelector("[data-md-text]");
  if (!answer.reference || !area) return;
  area.dispatchEvent(new CustomEvent("md-block", { bubbles: true, detail: answer.reference }));
};

const sendMedia = (part) => {
  const picker = part.querySelector("input[type=file]");
  if (!picker.files.length) { picker.focus(); return; }
  const body = new FormData();
  for (const field of part.querySelectorAll("select, input:not([type=file])")) body.append(field.name, field.value);
  body.append("file", picker.files[0], picker.files[0].name);
  const bar = part.querySelector("progress");
  const request = new XMLHttpRequest();
  request.open("POST", part.dataset.uploadUrl);
  request.setRequestHeader("X-CSRFToken", mediaToken());
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  request.upload.onprogress = (event) => { bar.max = event.total || 1; bar.value = event.loaded; };
  request.onload = () => sent(part, request);
  request.onerror = () => sent(part, { status: 0 });
  bar.hidden = false;
  bar.value = 0;
  part.querySelector("[data-media-send]").disabled = true;
  part.querySelector("[data-media-state]").textContent = part.dataset.textUploading;
  request.send(body);
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-media-send]");
  if (!button) return;
  event.preventDefault();
  sendMedia(button.closest("[data-media-form]"));
});

document.addEventListener("change", (event) => {
  const part = event.target.closest("[data-media-form]");
  if (part && event.target.name === "use") updateUses(part);
});

// A picture pasted into the text or dropped on it is taken for the form of files.
const takeMedia = (event, files) => {
  const area = event.target.closest?.("[data-md-text]");
  const part = area && document.querySelector("[data-media-form]");
  if (!part || !files?.length) return;
  event.preventDefault();
  const all = new DataTransfer();
  all.items.add(files[0]);
  part.querySelector("input[type=file]").files = all.files;
  const use = part.querySelector("select[name=use]");
  use.value = files[0].type.startsWith("video/") ? "video" : files[0].type.startsWith("image/") ? "picture" : "file";
  updateUses(part);
  part.scrollIntoView({ block: "center" });
  (use.value === "picture" ? part.querySelector("input[name=description]") : part.querySelector("[data-media-send]")).focus();
};

document.addEventListener("paste", (event) => takeMedia(event, event.clipboardData?.files));
document.addEventListener("dragover", (event) => { if (event.target.closest?.("[data-md-text]") && event.dataTransfer?.types.includes("Files")) event.preventDefault(); });
document.addEventListener("drop", (event) => takeMedia(event, event.dataTransfer?.files));

document.querySelectorAll("[data-media-form]").forEach(updateUses);
