// Who holds what: controls that somebody else's lock turns off say so, a lease ends on time, and one's own is renewed.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const RENEW_MS = 30 * 1000; // a lease lasts 90 s
  const LOCKED = "[data-rename], [formaction$='/remove/'], [data-rename-form] input:not([type=hidden]), [data-rename-form] button";
  const off = new Map(); // control → the title that it had
  let timer = 0;

  // The lease on this item if somebody else holds it now.
  darkroom.lockOf = (itemId) => {
    const lock = document.getElementById(`lock-${itemId}`);
    return lock && isHeld(lock) && lock.dataset.holder !== document.body.dataset.user ? lock : null;
  };

  function isHeld(lock) {
    return Boolean(lock.dataset.holder) && !lock.hidden && !(Date.parse(lock.dataset.expiresAt) <= Date.now());
  }

  function refresh() {
    clearTimeout(timer);
    for (const [control, title] of off) if (!control.isConnected || !reasonFor(control)) turnOn(control, title);
    let next = Infinity;
    for (const lock of document.querySelectorAll(".lock[data-holder]:not([hidden])")) {
      if (!isHeld(lock)) {
        lock.hidden = true;
        continue;
      }
      next = Math.min(next, Date.parse(lock.dataset.expiresAt) || Infinity);
      if (darkroom.lockOf(lock.id.slice("lock-".length))) lock.parentElement.closest("[data-revision]")?.querySelectorAll(LOCKED).forEach(turnOff);
    }
    for (const [control, title] of off) if (!reasonFor(control)) turnOn(control, title);
    if (next < Infinity) timer = setTimeout(refresh, Math.max(50, next - Date.now() + 50));
  }

  function reasonFor(control) {
    const lock = control.closest("[data-revision]")?.querySelector(".lock");
    return lock && darkroom.lockOf(lock.id.slice("lock-".length)) ? lock.title : "";
  }

  function turnOff(control) {
    if (!off.has(control)) off.set(control, control.getAttribute("title"));
    control.setAttribute("aria-disabled", "true");
    control.setAttribute("title", reasonFor(control));
    if ("readOnly" in control) control.readOnly = true;
  }

  function turnOn(control, title) {
    off.delete(control);
    control.removeAttribute("aria-disabled");
    if (title === null) control.removeAttribute("title");
    else control.setAttribute("title", title);
    if ("readOnly" in control) control.readOnly = false;
  }

  document.addEventListener("darkroom:changed", refresh);
  document.addEventListener("DOMContentLoaded", refresh);

  // In the capturing phase: before anybody else hears of the press.
  document.addEventListener(
    "click",
    (event) => {
      const control = event.target.closest?.("[aria-disabled='true']");
      if (!control) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (off.has(control)) darkroom.notice(`${reasonFor(control)}.`, "locked");
      else if (control.dataset.reason) darkroom.notice(`${control.dataset.reason}.`);
    },
    true,
  );

  // One's own lease

  let leased = null;
  let renewal = 0;

  darkroom.takeLease = (itemId) => {
    if (leased && leased !== itemId) darkroom.giveLease(leased);
    leased = itemId;
    clearInterval(renewal);
    renewal = setInterval(renew, RENEW_MS);
    renew();
  };

  darkroom.giveLease = (itemId) => {
    if (leased !== itemId) return;
    leased = null;
    clearInterval(renewal);
    darkroom.send({ type: "unlock", itemId });
  };

  function renew() {
    if (leased) darkroom.send({ type: "lock", itemId: leased });
  }

  document.addEventListener("htmx:wsOpen", renew);
})();
