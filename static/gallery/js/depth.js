// The address leads back to what one looks at: deep in a folder it says after which card the page begins, and this
// entry of the history where its first card stood. So "back", a reload and an address that is passed on come to the same.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const SETTLED_MS = 250; // browsers take only so many changes of the address
  const MARKS_KEPT = 50;
  const { paper } = darkroom;
  const grid = () => document.getElementById("grid");
  let timer = 0;

  // Not while a viewer has the address, and not on a page of somebody else's.
  const isOurs = () => Boolean(grid()) && !darkroom.isEmbedded && location.href === darkroom.address() && !darkroom.lightbox?.isOpen;

  const remember = (darkroom.rememberDepth = () => {
    clearTimeout(timer);
    timer = 0;
    if (!isOurs()) return;
    const [axis, shown] = [darkroom.axis(), darkroom.cards()];
    const top = axis.isStrip ? 0 : Math.max(0, document.querySelector("header")?.getBoundingClientRect().bottom ?? 0);
    const index = shown.findIndex((card) => axis.end(card) > top);
    if (index < 0) return;
    const place = axis.scrolled > 0 ? placeOf(shown, index, axis) : null;
    const isDeep = axis.scrolled > axis.room || darkroom.begins();
    const cursor = isDeep && (index ? darkroom.cursorOf(shown[index - 1]) : darkroom.begins());
    const address = darkroom.addressOf(cursor ? { cursor } : {});
    if (address.href !== location.href || JSON.stringify(place) !== JSON.stringify(history.state?.place ?? null)) {
      history.replaceState({ ...history.state, place }, "", address);
    }
  });

  // Where the first card in view stands, and what lay above it.
  function placeOf(shown, index, axis) {
    const card = shown[index];
    const [size, cards] = [paper.sizeOf("above") + paper.depthOf(card), paper.cardsIn("above") + index];
    const each = Math.ceil(darkroom.marks.length / MARKS_KEPT);
    const marks = darkroom.marks.filter((_, number) => number % each === 0);
    return { id: card.id, start: Math.round(axis.start(card)), size: Math.round(size), cards, marks };
  }

  function restore({ id, start, size, cards, marks }) {
    const card = document.getElementById(id);
    if (!card) return;
    if (darkroom.begins() && darkroom.cards()[0] === card) {
      paper.reserve("above", size, cards);
      darkroom.marks = marks;
      darkroom.beginAfter(darkroom.begins());
    }
    const axis = darkroom.axis();
    axis.scroll(axis.start(card) - start);
  }

  function rememberSoon() {
    timer ||= setTimeout(remember, SETTLED_MS);
  }

  document.addEventListener("scroll", ({ target }) => (target === document || target === grid()) && rememberSoon(), { capture: true, passive: true });
  document.addEventListener("click", ({ target }) => timer && target.closest?.("a[href]") && remember(), true);
  addEventListener("popstate", rememberSoon);

  if (isOurs()) {
    history.scrollRestoration = "manual"; // the browser knows how many pixels, not which cards
    if (history.state?.place) restore(history.state.place);
  }
})();
