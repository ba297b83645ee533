// The tab shows work in progress: "(2) Sunsets · Darkroom" and a favicon that glows. Driven only by what the page shows.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const own = document.title;
  let plain = own;
  const icon = document.querySelector("link[rel~=icon][data-alive]");
  const plainIcon = icon?.getAttribute("href");

  // What is at work: folders, batches, and developing pictures of no batch that is counted.
  function count() {
    const batches = [...document.querySelectorAll(".batch--running:not(.batch--stalled)")];
    const counted = new Set(batches.map((batch) => batch.id.replace("batch-", "")));
    const cards = [...document.querySelectorAll(".item--developing")].filter((card) => !counted.has(batchOf(card)));
    return document.querySelectorAll(".folder--alive").length + batches.length + cards.length;
  }

  function batchOf(card) {
    return (card.dataset.placeholder ?? "").replace(/^placeholder-/, "").replace(/-\d+$/, "");
  }

  function show() {
    if (darkroom.isEmbedded) return; // it is the title of somebody else's page
    const alive = count();
    const title = alive ? `(${alive}) ${plain}` : plain;
    if (document.title !== title) document.title = title;
    const href = alive ? icon?.dataset.alive : plainIcon;
    if (icon && icon.getAttribute("href") !== href) icon.setAttribute("href", href);
  }

  // Something lies over the page and has a name of its own; without one, it is gone.
  darkroom.retitle = (name) => {
    plain = name ? `${name} · ${own}` : own;
    show();
  };

  document.addEventListener("DOMContentLoaded", show);
  document.addEventListener("darkroom:changed", show);
})();
