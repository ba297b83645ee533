// Native dialogs over the page. What lies outside an open one is inert, so what the page says moves in with it.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const VOICES = ["notices", "toasts", "connection", "announcer"];

  darkroom.openLayer = (dialog) => {
    if (dialog.open) return;
    dialog.showModal();
    speakFrom(dialog);
    dialog.addEventListener("close", () => speakFrom([...document.querySelectorAll("dialog:modal")].at(-1) ?? home()), { once: true });
  };

  // The page, or the component's place on a page of somebody else's.
  const home = () => document.querySelector("div[data-gallery]") ?? document.body;

  function speakFrom(place) {
    for (const id of VOICES) {
      const voice = document.getElementById(id);
      if (voice && voice.parentElement !== place) place.append(voice);
    }
  }

  // A press beside a dialog closes it, as Escape does.
  document.addEventListener("click", ({ target }) => {
    if (target.matches?.("dialog[data-light]")) target.close();
    else if (target.closest?.("[data-close]")) target.closest("dialog")?.close();
  });
})();
