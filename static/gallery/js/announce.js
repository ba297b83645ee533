// What changes is also said, to those who hear the page: politely, and at most one sentence every few seconds.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext, ngettext } = darkroom;
  const PAUSE_MS = 5000;
  const SOON_MS = 250; // an answer to what the person just did; the last word of each kind counts
  const finished = new Map(); // id → name
  const failed = new Map();
  const coming = new Map(); // id → how many, and of what
  const strips = new Set();
  let lastSaid = -Infinity;
  let timer = 0;

  // What other scripts have to say: the last sentence of each kind; `soon` where the person has just asked for it.
  const spoken = new Map();
  let soonTimer = 0;

  darkroom.say = (kind, sentence, { soon = false } = {}) => {
    spoken.set(kind, sentence);
    if (!soon) return plan();
    clearTimeout(soonTimer);
    soonTimer = setTimeout(() => {
      speak([...spoken.values()].join(" "));
      spoken.clear();
    }, SOON_MS);
  };

  document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target, fragment } }) => {
    const card = fragment instanceof DocumentFragment && fragment.firstElementChild;
    if (!card || !card.matches(".item[data-name]")) return;
    hear(card, "item--finished", finished, target);
    hear(card, "item--failed", failed, target);
  });

  function hear(card, state, list, target) {
    if (card.classList.contains(state) && !target.classList.contains(state)) list.set(card.id, card.dataset.name);
  }

  function look(isFirst) {
    for (const strip of document.querySelectorAll("#batches > .batch")) {
      const isNew = !strips.has(strip.id);
      strips.add(strip.id);
      if (!isNew || isFirst || !strip.classList.contains("batch--running")) continue;
      const tally = strip.querySelector(".batch__count")?.firstChild?.textContent ?? ""; // "3 of 1,500"
      const total = tally.match(/\d[\d.,’\s]*/g)?.[1]?.replace(/\D/g, "");
      coming.set(strip.id, [Number(total ?? 0), strip.getAttribute("aria-label") ?? ""]);
    }
    if (finished.size || failed.size || coming.size) plan();
  }

  function plan() {
    timer ||= setTimeout(say, Math.max(0, lastSaid + PAUSE_MS - performance.now()));
  }

  function say() {
    timer = 0;
    lastSaid = performance.now();
    speak([comingWords(), doneWords(), ...spoken.values()].filter(Boolean).join(" "));
    for (const list of [finished, failed, coming, spoken]) list.clear();
  }

  function speak(words) {
    const announcer = document.getElementById("announcer");
    if (announcer && words) announcer.textContent = words;
  }

  function comingWords() {
    const words = ([total, label]) =>
      total ? ngettext("%(count)s picture is coming: %(label)s.", "%(count)s pictures are coming: %(label)s.", Number(total), { label }) : gettext("More pictures are coming: %(label)s.", { label });
    return [...coming.values()].map(words).join(" ");
  }

  function doneWords() {
    const [done, lost] = [[...finished.values()], [...failed.values()]];
    if (done.length + lost.length === 1) return done.length ? gettext("%(name)s is finished.", { name: done[0] }) : gettext("%(name)s failed.", { name: lost[0] });
    const words = [];
    if (done.length) words.push(ngettext("%(count)s picture finished", "%(count)s pictures finished", done.length));
    if (lost.length) words.push(gettext("%(count)s failed", { count: lost.length }));
    return words.length ? `${words.join(", ")}.` : "";
  }

  document.addEventListener("DOMContentLoaded", () => look(true));
  document.addEventListener("darkroom:changed", () => look(false));
})();
