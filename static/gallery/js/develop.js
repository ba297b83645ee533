// A picture develops without a flash: where a card is replaced, the old picture stays beneath until the new one is there.
(() => {
  const CARDS = "#grid, #detail, #live";
  const PICTURE = ".item__picture:not(.item__picture--before)";

  function watch(root) {
    new MutationObserver((records) => {
      const gone = records.flatMap((record) => [...record.removedNodes]).filter(isCard);
      const come = records.flatMap((record) => [...record.addedNodes]).filter(isCard);
      for (const card of come) {
        const before = gone.find((old) => old.id === card.id || (card.dataset.placeholder && old.id === card.dataset.placeholder));
        if (before) layBeneath(card, before);
      }
    }).observe(root, { childList: true });
  }

  function isCard(node) {
    return node instanceof Element && node.classList.contains("item");
  }

  function layBeneath(card, before) {
    const picture = card.querySelector(PICTURE);
    const old = before.querySelector(PICTURE);
    if (!picture) return;
    const isSame = old && old.getAttribute("src") === picture.getAttribute("src");
    picture.loading = "eager"; // it replaces what is on the screen now
    if (isSame && picture.complete) return;
    if (old && old.naturalWidth) {
      old.className = "item__picture item__picture--before";
      old.removeAttribute("id");
      picture.before(old);
    }
    if (!isSame) picture.style.opacity = "0";
    picture
      .decode()
      .catch(() => {})
      .then(() => {
        picture.style.removeProperty("opacity");
        if (!picture.getAttribute("style")) picture.removeAttribute("style");
        if (isSame || !old) return finish();
        picture.classList.add("item__picture--appearing");
        Promise.allSettled(picture.getAnimations().map((animation) => animation.finished)).then(finish);
      });

    function finish() {
      picture.classList.remove("item__picture--appearing");
      if (old && old.classList.contains("item__picture--before")) old.remove();
    }
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(CARDS).forEach(watch));
})();
