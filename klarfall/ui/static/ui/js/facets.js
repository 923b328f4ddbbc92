// On narrow screens filters are folded in above the hits, except where something is chosen.
if (matchMedia("(max-width: 64rem)").matches) {
  for (const one of document.querySelectorAll(".facets details[open]")) {
    if (!one.querySelector("[aria-current]")) one.open = false;
  }
}
