// How this person likes the cards laid out, kept on this browser. Loaded without `defer` from the head, so that the
// first picture of the page is painted as it shall be; the address (`?layout=`) comes before what is kept.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const KEPT = "darkroom.view";
  const STEP = 1.22; // from one notch of the slider to the next
  const CHOICES = { layout: ["grid", "rows", "strip"], fit: ["crop", "whole"] };
  const root = document.documentElement;
  const told = root.dataset.layout; // by the address

  darkroom.view = { layout: "grid", fit: "crop", zoom: 0 };

  function read() {
    try {
      return JSON.parse(localStorage.getItem(KEPT)) ?? {};
    } catch {
      return {}; // no storage here, or something else in it
    }
  }

  function take(choices) {
    const view = darkroom.view;
    for (const [name, allowed] of Object.entries(CHOICES)) if (allowed.includes(choices[name])) view[name] = choices[name];
    const zoom = Number(choices.zoom);
    if (Number.isInteger(zoom) && Math.abs(zoom) <= 4) view.zoom = zoom;
  }

  function show() {
    const { layout, fit, zoom } = darkroom.view;
    Object.assign(root.dataset, { layout, fit });
    root.style.setProperty("--zoom", (STEP ** zoom).toFixed(3));
  }

  function keep() {
    try {
      localStorage.setItem(KEPT, JSON.stringify(darkroom.view));
    } catch {
      // for this page only, then
    }
  }

  take(read());
  take({ layout: told });
  show();

  // The menu

  function fill() {
    for (const field of document.querySelectorAll("[data-view]")) {
      const value = String(darkroom.view[field.dataset.view]);
      if (field.type === "radio" || field.type === "checkbox") field.checked = field.value === value;
      else field.value = value;
    }
  }

  document.addEventListener("DOMContentLoaded", fill);
  document.addEventListener("input", ({ target }) => {
    if (!target.matches?.("[data-view]")) return;
    const value = target.type === "checkbox" && !target.checked ? CHOICES[target.dataset.view][0] : target.value;
    document.dispatchEvent(new CustomEvent("darkroom:before", { detail: "view" }));
    take({ [target.dataset.view]: target.type === "range" ? Number(value) : value });
    show();
    keep();
    document.dispatchEvent(new CustomEvent("darkroom:changed", { detail: "view" }));
  });

  // The slider's ends can be pressed, too.
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-zoom]");
    const slider = button && document.querySelector("[data-view=zoom]");
    if (!slider) return;
    slider.value = Number(slider.value) + Number(button.dataset.zoom);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
