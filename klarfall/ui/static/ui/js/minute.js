// [data-minute] gets the event "minute" just after each clock minute: minutes of work are whole clock minutes, so
// nothing changes in between. data-now is the server's clock at drawing. Hidden pages wait until they are seen again.
const SLACK = 400;
let skew = 0;

const setClock = (root) => {
  const drawn = root.querySelector("[data-now]");
  if (drawn) skew = Date.parse(drawn.dataset.now) - Date.now();
};

const tell = () => {
  if (document.hidden) return;
  for (const target of document.querySelectorAll("[data-minute]")) {
    if (!target.contains(document.activeElement)) target.dispatchEvent(new Event("minute"));
  }
};

const next = () => setTimeout(() => { tell(); next(); }, 60000 - ((Date.now() + skew) % 60000) + SLACK);

setClock(document);
next();
document.addEventListener("visibilitychange", tell);
