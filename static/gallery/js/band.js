// The rubber band: drawn with the mouse from the empty space, it selects what it touches.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { selection } = darkroom;

  const SLACK = 5; // pixels; less is a click
  const EDGE = 48; // nearer to the window's edge it scrolls
  const FASTEST = 22; // pixels a frame
  const NOT_EMPTY = "a, button, input, label, select, textarea, summary, dialog, .item, .batch, .menu, .topbar, .band, .notices, .empty, [contenteditable]";
  let band = null; // {x, y, base, element}: where it began, in the page; what was selected before
  let pointer = { clientX: 0, clientY: 0 };
  let frame = 0;

  document.addEventListener("pointerdown", (event) => {
    const isPlain = event.pointerType === "mouse" && event.button === 0 && document.getElementById("grid");
    if (!isPlain || !event.target.closest?.("#main, html") || event.target.closest(NOT_EMPTY)) return;
    if (event.clientX >= document.documentElement.clientWidth || document.querySelector("dialog[open]")) return; // the scrollbar
    const keeps = event.ctrlKey || event.metaKey || event.shiftKey;
    const base = keeps ? selection.cards().map(selection.idOf).filter(selection.has) : [];
    band = { x: event.pageX, y: event.pageY, base, keeps, element: null };
    pointer = event;
  });

  document.addEventListener("pointermove", (event) => {
    if (!band) return;
    if (!(event.buttons & 1)) return end();
    pointer = event;
    if (!band.element && Math.hypot(event.pageX - band.x, event.pageY - band.y) > SLACK) begin();
    if (band.element && !frame) frame = requestAnimationFrame(draw);
  });

  document.addEventListener("pointerup", (event) => {
    if (!band) return;
    if (!band.element && !band.keeps && !event.defaultPrevented && selection.size) selection.clear();
    end();
  });
  document.addEventListener("pointercancel", end);
  document.addEventListener(
    "keydown",
    (event) => {
      if (!band?.element || event.key !== "Escape") return;
      event.stopImmediatePropagation();
      selection.show(band.base);
      end();
    },
    true,
  );

  function begin() {
    getSelection()?.removeAllRanges();
    document.body.dataset.banding = "";
    band.element = document.createElement("div");
    band.element.className = "rubber-band";
    band.element.setAttribute("aria-hidden", "true");
    document.body.append(band.element);
    if (!band.keeps && selection.size) selection.clear();
  }

  function draw() {
    frame = 0;
    if (!band?.element) return;
    scroll();
    const [x, y] = [pointer.clientX + scrollX, pointer.clientY + scrollY];
    const [left, top, right, bottom] = [Math.min(x, band.x), Math.min(y, band.y), Math.max(x, band.x), Math.max(y, band.y)];
    Object.assign(band.element.style, { left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px` });
    const touched = selection.cards().filter((card) => {
      const box = card.getBoundingClientRect();
      return box.left + scrollX < right && box.right + scrollX > left && box.top + scrollY < bottom && box.bottom + scrollY > top;
    });
    selection.show([...band.base, ...touched.map(selection.idOf)]);
  }

  function scroll() {
    const above = EDGE - pointer.clientY;
    const below = pointer.clientY - (innerHeight - EDGE);
    const step = Math.max(above, below) > 0 ? Math.min(FASTEST, Math.max(above, below) / 2) * (below > above ? 1 : -1) : 0;
    if (!step) return;
    scrollBy({ top: step, behavior: "instant" });
    frame = requestAnimationFrame(draw); // it goes on while the mouse stays
  }

  function end() {
    if (band?.element) darkroom.say("selection", `${selection.size} selected.`, { soon: true });
    band?.element?.remove();
    delete document.body.dataset.banding;
    cancelAnimationFrame(frame);
    frame = 0;
    band = null;
  }
})();
