// Files by picker, drop or paste: [data-drop] sends each at once to data-upload-url and lists it below.
// Without an address the files stay in the picker and travel with the form. The server answers with JSON
// {"name", "size", "note", "remove_url"} or a refusal {"error": "…"}; a text comes back in the reader's language.
const uploadToken = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"];

const fileSize = (bytes) => {
  const unit = bytes < 1e6 ? ["kilobyte", 1e3] : ["megabyte", 1e6];
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: unit[0], maximumFractionDigits: bytes < 1e6 ? 0 : 1 }).format(bytes / unit[1]);
};

const listOf = (drop) => drop.parentElement.querySelector("[data-drop-list]");

const newRow = (drop, file) => {
  const row = document.createElement("li");
  row.innerHTML = '<span class="thumb doc" aria-hidden="true"></span><span><b></b><small></small></span><button type="button" class="btn only-icon quiet"><span aria-hidden="true">×</span><span class="vh"></span></button>';
  row.querySelector("b").textContent = file.name;
  row.querySelector("small").textContent = `${fileSize(file.size)}, ${drop.dataset.textUploading}`;
  row.querySelector(".vh").textContent = `${drop.dataset.textRemove} ${file.name}`;
  row.querySelector(".thumb").textContent = (file.name.split(".").pop() || "").slice(0, 4);
  listOf(drop).append(row);
  return row;
};

const fail = (row, text) => {
  const note = row.querySelector("small");
  note.textContent = text;
  note.className = "failed";
  row.querySelector("progress")?.remove();
  row.querySelector("button").onclick = () => row.remove();
};

const finish = (drop, row, file, answer) => {
  row.querySelector("progress")?.remove();
  row.querySelector("small").textContent = `${fileSize(answer.size ?? file.size)}, ${answer.note || drop.dataset.textDone}`;
  row.querySelector("button").dataset.remove = answer.remove_url || "";
};

const send = (drop, file) => {
  const row = newRow(drop, file);
  if (!file.size) return fail(row, drop.dataset.textEmpty);
  if (file.size > Number(drop.dataset.maxBytes)) return fail(row, drop.dataset.textTooLarge);
  const bar = document.createElement("progress");
  bar.max = file.size;
  bar.value = 0;
  row.children[1].append(bar);
  const request = new XMLHttpRequest();
  request.open("POST", drop.dataset.uploadUrl);
  request.setRequestHeader("X-CSRFToken", uploadToken());
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  request.upload.onprogress = (event) => (bar.value = event.loaded);
  request.onload = () => (request.status < 300 ? finish(drop, row, file, request.response || {}) : fail(row, request.response?.error || drop.dataset.textFailed));
  request.onerror = () => fail(row, drop.dataset.textFailed);
  row.querySelector("button").onclick = () => { request.abort(); row.remove(); };
  const body = new FormData();
  body.append("file", file, file.name);
  request.send(body);
};

const take = (drop, files) => {
  if (!files.length) return;
  if (drop.dataset.uploadUrl) {
    for (const file of files) send(drop, file);
    return;
  }
  const picker = drop.querySelector("input[type=file]");
  const all = new DataTransfer();
  for (const file of [...picker.files, ...files]) all.items.add(file);
  picker.files = all.files;
};

const prepareDrop = (root) => {
  for (const drop of root.querySelectorAll("[data-drop]:not([data-ready])")) {
    drop.dataset.ready = "1";
    const picker = drop.querySelector("input[type=file]");
    if (drop.dataset.uploadUrl) {
      drop.classList.add("live-drop");
      picker.addEventListener("change", () => { take(drop, [...picker.files]); picker.value = ""; });
    }
    drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => { event.preventDefault(); drop.classList.remove("over"); take(drop, [...event.dataTransfer.files]); });
  }
};

// A screenshot pasted anywhere in a form belongs to the drop zone of that form.
document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files || [])];
  const drop = (event.target.closest?.("form") || document).querySelector("[data-drop]");
  if (!files.length || !drop) return;
  event.preventDefault();
  take(drop, files);
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-remove]");
  if (!button || !button.dataset.remove) return;
  event.preventDefault();
  const answer = await fetch(button.dataset.remove, { method: "POST", headers: { "X-CSRFToken": uploadToken(), Accept: "application/json" } });
  if (answer.ok) button.closest("li").remove();
});

prepareDrop(document);
document.addEventListener("htmx:load", (event) => prepareDrop(event.target));
