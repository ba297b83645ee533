// The page's side of the stream: frames wait while the page fetches, place.js decides about them, and what the page
// shows is acknowledged. Everything that the scripts share lies in `window.darkroom`.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  let api; // htmx's own, for extensions

  const ACKNOWLEDGE_FRAMES = 32;
  const ACKNOWLEDGE_CHARACTERS = 256 * 1024;
  const ACKNOWLEDGE_MS = 5000; // after the last one said

  darkroom.live = () => document.getElementById("live");

  // The address of what the page shows; a viewer that lies over it has one of its own.
  darkroom.address = () => location.href;

  // The revision that the page shows; null where it has none.
  darkroom.revision = () => {
    const element = document.getElementById("revision");
    return element ? Number(element.dataset.revision) : null;
  };

  darkroom.defers = () => false; // keep.js knows better

  darkroom.sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

  // Full jitter, 5 s at most: what comes back after a restart comes spread out.
  darkroom.backoff = (attempt) => 100 + Math.random() * Math.min(4900, 400 * 2 ** Math.min(attempt, 10));

  darkroom.send = (said) => {
    const socket = darkroom.socket;
    if (socket?.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(said));
    return true;
  };

  // Swap roots that carry `hx-swap-oob`, outside a frame: by the same machinery, with the same care.
  darkroom.write = (html) => {
    announce("darkroom:before");
    swap(html);
    announce("darkroom:changed");
  };

  // As the WebSocket extension does it, but each root settles by itself: where a frame settles as one, htmx tells every
  // root of each later one, and 200 cards cost 20,000 events.
  function swap(html) {
    for (const root of [...api.makeFragment(html).children]) {
      const settling = api.makeSettleInfo(darkroom.live() ?? document.body);
      api.oobSwap(root.getAttribute("hx-swap-oob") ?? "true", root, settling);
      api.settleImmediately(settling.tasks);
    }
  }

  function announce(name) {
    document.dispatchEvent(new CustomEvent(name));
  }

  // Holding

  const held = [];
  let holding = 0;
  let work = Promise.resolve();

  // Run `job` alone; frames that arrive before it ends are applied after it.
  darkroom.hold = (job) => {
    holding += 1;
    work = work.then(job).catch(() => {}).finally(() => {
      holding -= 1;
      while (held.length && !holding) darkroom.lastSocket.dispatchEvent(new MessageEvent("message", { data: held.shift() }));
    });
    return work;
  };

  document.addEventListener("htmx:wsBeforeMessage", (event) => {
    if (holding) {
      held.push(event.detail.message);
      event.preventDefault();
    } else {
      announce("darkroom:before");
    }
  });

  document.addEventListener("htmx:wsAfterMessage", () => {
    announce("darkroom:changed");
    count(frameLength);
  });

  // Acknowledging

  let frames = 0;
  let characters = 0;
  let frameLength = 0; // of the frame that is being swapped, as it was sent
  let lastSaid = 0;
  let timer = 0;

  function count(length) {
    frames += 1;
    characters += length;
    if (frames >= ACKNOWLEDGE_FRAMES || characters >= ACKNOWLEDGE_CHARACTERS) {
      darkroom.acknowledge();
    } else if (!timer) {
      timer = setTimeout(darkroom.acknowledge, Math.max(0, lastSaid + ACKNOWLEDGE_MS - Date.now()));
    }
  }

  darkroom.acknowledge = () => {
    clearTimeout(timer);
    timer = frames = characters = 0;
    lastSaid = Date.now();
    darkroom.send({ type: "seen", revision: darkroom.revision() ?? 0 });
  };

  htmx.defineExtension("live", {
    init(internal) {
      api = internal;
      darkroom.wrapper = () => darkroom.live() && api.getInternalData(darkroom.live()).webSocket;
    },
    transformResponse(text, xhr) {
      if (xhr) return text; // an answer of htmx's own requests, not a frame
      frameLength = text.length;
      try {
        swap(darkroom.decide(text));
      } catch {
        darkroom.reload(); // a frame that cannot be read: the page is fetched instead
      }
      return ""; // nothing is left to be swapped
    },
  });
})();
