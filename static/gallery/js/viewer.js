// The viewer's keys, buttons and facts.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { lightbox } = darkroom;

  const PAN = 80; // pixels
  const KEPT = "darkroom.facts"; // whether this browser shows the facts
  const OF_A_PLAYER = ["ArrowLeft", "ArrowRight", "Home", "End", " "];
  const box = () => document.getElementById("lightbox");
  const part = (name) => box().querySelector(`.lightbox__${name}`);
  const zoomed = () => lightbox.panes[0]?.zoom.scale > 1;

  const zoom = (way) => lightbox.panes[0]?.zoom[way ? "step" : "reset"](way);
  const pan = (dx, dy) => lightbox.panes[0]?.zoom.pan(dx * PAN, dy * PAN);

  const KEYS = {
    ArrowRight: () => (zoomed() ? pan(-1, 0) : lightbox.step(1)),
    ArrowLeft: () => (zoomed() ? pan(1, 0) : lightbox.step(-1)),
    ArrowUp: () => pan(0, 1),
    ArrowDown: () => pan(0, -1),
    PageDown: () => lightbox.step(1),
    PageUp: () => lightbox.step(-1),
    Home: () => lightbox.end(-1),
    End: () => lightbox.end(1),
    "+": () => zoom(1),
    "=": () => zoom(1),
    "-": () => zoom(-1),
    0: () => zoom(0),
    i: () => toggleFacts(),
    x: () => choose(),
    " ": () => play(),
  };

  document.addEventListener("keydown", (event) => {
    if (!lightbox.isOpen || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || darkroom.isTyping()) return;
    if ([...document.querySelectorAll("dialog:modal")].at(-1) !== box()) return;
    if (event.target.matches("video, audio") && OF_A_PLAYER.includes(event.key)) return;
    if (event.key === " " && event.target.closest("button, a, summary")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = KEYS[key] ?? (event.shiftKey || event.repeat ? null : lightbox.keys[key]);
    if (!act || (event.target.closest(".lightbox__facts") && event.key.startsWith("Arrow"))) return;
    event.preventDefault();
    act();
  });

  const ACTS = {
    close: () => lightbox.close(),
    in: () => zoom(1),
    out: () => zoom(-1),
    fit: () => zoom(0),
    facts: () => toggleFacts(),
    select: () => choose(),
    ...lightbox.verbs,
    next: () => lightbox.next(),
  };

  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("#lightbox [data-view-step], #lightbox [data-viewer]");
    if (button?.dataset.viewStep) lightbox.step(Number(button.dataset.viewStep));
    else if (button) ACTS[button.dataset.viewer]?.();
  });

  function play() {
    const player = lightbox.panes[0]?.player;
    if (player?.paused) player.play().catch(() => {}); // it says itself what it cannot play
    else player?.pause();
  }

  // Selected here as in the grid, to be acted on later.
  function choose() {
    const { id } = lightbox;
    if (!document.getElementById(`item-${id}`)) return;
    darkroom.marking.toggle(id);
  }

  function markChosen() {
    if (!lightbox.isOpen) return;
    const isOn = darkroom.selection.has(lightbox.id);
    const button = box().querySelector("[data-viewer=select]");
    button.hidden = lightbox.panes.length > 1;
    button.setAttribute("aria-pressed", String(isOn));
  }
  document.addEventListener("darkroom:selection", markChosen);
  document.addEventListener("darkroom:viewing", markChosen);

  // Facts: as the item's own page says them to this person

  let shownFacts = null;

  const areOn = () => localStorage.getItem(KEPT) === "on";

  function toggleFacts() {
    localStorage.setItem(KEPT, areOn() ? "off" : "on");
    showFacts();
  }

  async function showFacts() {
    if (!lightbox.isOpen) return;
    const isOn = areOn() && lightbox.panes.length === 1;
    const facts = part("facts");
    facts.hidden = !isOn;
    const button = box().querySelector("[data-viewer=facts]");
    button.hidden = lightbox.panes.length > 1;
    button.setAttribute("aria-expanded", String(isOn));
    const card = document.getElementById(`item-${lightbox.id}`);
    if (!isOn || !card) return;
    if (facts.dataset.of !== card.id) facts.replaceChildren();
    facts.dataset.of = card.id;
    const detail = await darkroom.itemPage(card);
    if (facts.dataset.of !== card.id || !detail || detail === shownFacts) return;
    shownFacts = detail;
    facts.replaceChildren(...[...detail.querySelectorAll(".facts, .facts__title")].map((one) => one.cloneNode(true)));
    darkroom.tellTimes?.();
  }
  document.addEventListener("darkroom:viewing", () => {
    if (document.getElementById("lightbox").querySelector(".lightbox__facts").dataset.of !== `item-${lightbox.id}`) shownFacts = null;
    showFacts();
  });
})();
