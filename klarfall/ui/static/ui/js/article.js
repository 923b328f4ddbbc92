// Articles and lists: what stands beside is folded on narrow displays, the contents follow the reading, headings and
// code can be copied, chapters of a video start it there. Everything is a link or text without this script.
if (matchMedia("(max-width: 64rem)").matches) for (const one of document.querySelectorAll("[data-folds], .facet")) one.open = false;

const article = document.querySelector("[data-article]");

if (article) {
  const links = new Map([...article.querySelectorAll("[data-toc] a")].map((a) => [decodeURIComponent(a.hash.slice(1)), a]));
  const heads = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  const mark = () => {
    const passed = heads.filter((head) => head.getBoundingClientRect().top < innerHeight / 3);
    const now = (passed.at(-1) ?? heads[0])?.id;
    for (const [id, a] of links) id === now ? a.setAttribute("aria-current", "true") : a.removeAttribute("aria-current");
  };
  if (heads.length) {
    new IntersectionObserver(mark, { rootMargin: "0px 0px -66% 0px" }).observe(article.querySelector(".art-body"));
    addEventListener("scroll", mark, { passive: true });
    mark();
  }

  if (navigator.clipboard) {
    for (const pre of article.querySelectorAll("pre")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn copy-code no-print";
      button.textContent = article.dataset.codeCopy;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(pre.textContent);
        button.textContent = article.dataset.codeCopied;
        setTimeout(() => (button.textContent = article.dataset.codeCopy), 2000);
      });
      pre.before(button);
    }
    article.addEventListener("click", (event) => {
      const anchor = event.target.closest(".anchor");
      if (anchor) navigator.clipboard.writeText(anchor.href).catch(() => {});
    });
  }

  article.addEventListener("click", (event) => {
    const link = event.target.closest("[data-seek]");
    const video = article.querySelector("video");
    if (!link || !video) return;
    event.preventDefault();
    video.currentTime = Number(link.dataset.seek);
    video.scrollIntoView({ block: "nearest" });
    video.play().catch(() => {});
  });
}
