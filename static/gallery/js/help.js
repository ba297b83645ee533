// "?" shows the keys. Single letters can be turned off, for those whose voice or hand would press them unasked.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const KEPT = "darkroom.single-keys";
  const LETTER = /^[a-z]$/i;

  darkroom.takesLetters = () => localStorage.getItem(KEPT) !== "off";

  document.addEventListener("keydown", (event) => {
    const isHelp = event.key === "?" && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (LETTER.test(event.key) && !darkroom.takesLetters() && !event.ctrlKey && !event.metaKey && !darkroom.isTyping()) return event.stopImmediatePropagation();
    const help = document.getElementById("help");
    if (!isHelp || !help || event.defaultPrevented || darkroom.isTyping() || !darkroom.takesLetters()) return;
    event.preventDefault();
    show(help);
  }, true);

  document.addEventListener("click", ({ target }) => target.closest?.("[data-help]") && show(document.getElementById("help")));

  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-single-keys]")) localStorage.setItem(KEPT, target.checked ? "on" : "off");
  });

  function show(help) {
    help.querySelector("[data-single-keys]").checked = darkroom.takesLetters();
    darkroom.openLayer(help);
  }
})();
