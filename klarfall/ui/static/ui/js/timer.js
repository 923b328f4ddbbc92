// <time data-timer data-start="2026-11-24T09:51:00+01:00"> shows hours and minutes since then.
const showTimers = () => {
  for (const timer of document.querySelectorAll("[data-timer]")) {
    const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(timer.dataset.start)) / 60000));
    const text = `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
    if (timer.textContent !== text) timer.textContent = text;
  }
};

showTimers();
setInterval(showTimers, 5000);
document.addEventListener("htmx:load", showTimers);
