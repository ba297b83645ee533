// A word about what was just done, with a way back: it goes by itself, but not while somebody is at it.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext } = darkroom;

  const STAYS_MS = 12 * 1000;
  let timer = 0;
  let act = null; // of the one that is shown

  darkroom.toast = (sentence, label, action) => {
    const place = document.getElementById("toasts");
    const toast = document.createElement("div");
    toast.className = "notice toast";
    const text = toast.appendChild(document.createElement("p"));
    text.className = "notice__text";
    text.textContent = sentence;
    const button = toast.appendChild(document.createElement("button"));
    Object.assign(button, { type: "button", className: "button button--small", textContent: label });
    act = () => {
      close();
      action();
    };
    button.addEventListener("click", act);
    place.replaceChildren(toast);
    wait();
    for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, () => clearTimeout(timer));
    for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, wait);
    darkroom.say("toast", gettext("%(sentence)s %(label)s: Ctrl Z.", { sentence, label }), { soon: true });
  };

  function wait() {
    clearTimeout(timer);
    timer = setTimeout(close, STAYS_MS);
  }

  function close() {
    clearTimeout(timer);
    act = null;
    document.getElementById("toasts").replaceChildren();
  }

  document.addEventListener("keydown", (event) => {
    const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "z";
    if (!isUndo || !act || event.defaultPrevented || darkroom.isTyping()) return;
    event.preventDefault();
    act();
  });
})();
