// Zoom and pan of one picture: wheel, pinch, drag, double click, keys; and what a finger means while nothing is zoomed.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const MOST = 8; // times the size in which it fits
  const STEP = 1.5;
  const WHEEL = 0.0016;
  const PINCH_WHEEL = 0.012; // a trackpad's pinch comes as a wheel with Ctrl
  const SWIPE = 60; // pixels
  const NOT_OURS = "video, audio, a, button";

  darkroom.zoom = (frame) => {
    let [scale, x, y] = [1, 0, 0]; // x and y in pixels from the middle
    const fingers = new Map(); // pointer id → its last event
    let start = null; // of a swipe
    const zoom = {
      linked: [], // others that follow
      onSwipe: () => {},
      onChange: () => {},
      get scale() {
        return scale;
      },
      by: (factor) => apply(scale * factor, x * factor, y * factor),
      step: (way) => zoom.by(way > 0 ? STEP : 1 / STEP),
      pan: (dx, dy) => apply(scale, x + dx, y + dy),
      reset: () => apply(1, 0, 0),
      // For those that follow: the place as a fraction of their own size.
      place: (newScale, fractionX, fractionY) => set(newScale, fractionX * frame.clientWidth, fractionY * frame.clientHeight),
    };

    function apply(newScale, newX, newY) {
      set(newScale, newX, newY);
      for (const other of zoom.linked) other.place(scale, x / frame.clientWidth, y / frame.clientHeight);
    }

    // Nothing is panned further than to its own edge.
    function set(newScale, newX, newY) {
      const picture = frame.querySelector(".pane__picture");
      const before = scale;
      scale = picture ? Math.min(MOST, Math.max(1, newScale)) : 1;
      const ratio = newScale ? scale / newScale : 1; // of what was asked
      const limit = (size, room) => Math.max(0, (size * scale - room) / 2);
      const within = (value, most) => Math.min(most, Math.max(-most, value));
      x = within(newX * ratio, limit(picture?.offsetWidth ?? 0, frame.clientWidth));
      y = within(newY * ratio, limit(picture?.offsetHeight ?? 0, frame.clientHeight));
      frame.style.setProperty("--scale", scale.toFixed(4));
      frame.style.setProperty("--x", `${x.toFixed(1)}px`);
      frame.style.setProperty("--y", `${y.toFixed(1)}px`);
      frame.classList.toggle("pane__frame--zoomed", scale > 1);
      if (scale !== before) zoom.onChange(scale);
    }

    // What lies under this point stays under it.
    function around(factor, { clientX, clientY }) {
      const box = frame.getBoundingClientRect();
      const [px, py] = [clientX - box.left - box.width / 2, clientY - box.top - box.height / 2];
      const real = Math.min(MOST, Math.max(1, scale * factor)) / scale;
      apply(scale * real, px - (px - x) * real, py - (py - y) * real);
    }

    const isOurs = (event) => !event.target.closest(NOT_OURS);

    frame.addEventListener(
      "wheel",
      (event) => {
        if (!isOurs(event)) return;
        event.preventDefault();
        const pixels = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY;
        around(Math.exp(-pixels * (event.ctrlKey ? PINCH_WHEEL : WHEEL)), event);
      },
      { passive: false },
    );

    frame.addEventListener("dblclick", (event) => {
      if (!isOurs(event)) return;
      if (scale > 1) zoom.reset();
      else around(natural(), event);
    });

    // From "it fits" to its own pixels.
    function natural() {
      const picture = frame.querySelector(".pane__picture");
      return Math.max(2, picture ? picture.naturalWidth / (picture.offsetWidth || 1) / devicePixelRatio : 2);
    }

    frame.addEventListener("pointerdown", (event) => {
      if (!isOurs(event) || event.button !== 0) return;
      fingers.set(event.pointerId, event);
      frame.setPointerCapture(event.pointerId);
      start = fingers.size === 1 && event.pointerType !== "mouse" && scale === 1 ? event : null;
    });

    frame.addEventListener("pointermove", (event) => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      const other = [...fingers.values()].find((one) => one.pointerId !== event.pointerId);
      fingers.set(event.pointerId, event);
      if (other) {
        start = null;
        frame.style.removeProperty("--swipe");
        const middle = { clientX: (event.clientX + other.clientX) / 2, clientY: (event.clientY + other.clientY) / 2 };
        around(distance(event, other) / distance(before, other), middle);
      }
      if (scale > 1) zoom.pan((event.clientX - before.clientX) / (other ? 2 : 1), (event.clientY - before.clientY) / (other ? 2 : 1));
      else if (start) frame.style.setProperty("--swipe", `${event.clientX - start.clientX}px`);
    });

    const distance = (one, other) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;

    for (const end of ["pointerup", "pointercancel"]) {
      frame.addEventListener(end, (event) => {
        if (!fingers.delete(event.pointerId)) return;
        frame.style.removeProperty("--swipe");
        if (start && end === "pointerup") lift(event);
        start = null;
      });
    }

    function lift(event) {
      const [dx, dy] = [event.clientX - start.clientX, event.clientY - start.clientY];
      if (Math.abs(dx) > SWIPE && Math.abs(dx) > 1.5 * Math.abs(dy)) zoom.onSwipe(dx < 0 ? "next" : "previous");
      else if (dy > 1.5 * SWIPE && dy > 1.5 * Math.abs(dx)) zoom.onSwipe("away");
    }

    const sizes = new ResizeObserver(() => set(scale, x, y));
    sizes.observe(frame);
    zoom.end = () => sizes.disconnect();
    return zoom;
  };
})();
