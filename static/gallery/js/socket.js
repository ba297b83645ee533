// The socket: opened from where the page stands, watched, and opened again after whatever close.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext } = darkroom;

  const SILENCE_MS = 45 * 1000; // the server speaks at least every 20 s
  darkroom.OPENING_MS = 15 * 1000; // for the first word, which follows the opening at once
  const WATCH_MS = 5000;
  const QUIET_MS = 1000; // a short gap is not worth a word
  const SENTENCES = {
    4401: gettext("You have been signed out."),
    4403: gettext("You may no longer see this folder."),
    4404: gettext("This folder is gone."),
  };
  const NO_DATABASE = 4503;
  const RESTART = 1012;
  const RESTART_SPREAD_MS = 3000; // all its pages were told at once, and shall not come back at once
  // What the page may wait for, the gravest first; "cut" is only a remark, the page is live.
  const TROUBLES = {
    database: gettext("The gallery cannot reach its database. This page goes on by itself."),
    blocked: gettext("Live updates do not come through. This page looks for news every 10 seconds."),
    page: gettext("Reconnecting…"),
    cut: gettext("The connection is cut again and again. Nothing is lost, but news may come late."),
    socket: gettext("Reconnecting…"),
  };

  let attempts = 0;
  let isStopped = false;
  let lastHeard = Date.now();
  let openedAt = 0; // of the socket that is open
  let wasHeard = false; // it has said something
  let reconnectTimer = 0;
  let wordTimer = 0;
  let nextSentence = ""; // shown, or about to be
  const troubles = new Set(["socket"]); // what the page waits for
  darkroom.socket = null;

  // htmx calls this for every connection, with the URL that the page was rendered with.
  htmx.createWebSocket = (url) => {
    const address = new URL(url);
    if (darkroom.revision() !== null) address.searchParams.set("after", darkroom.revision());
    for (const [name, value] of Object.entries(darkroom.looksAt?.() ?? {})) address.searchParams.set(name, value);
    const socket = new WebSocket(address);
    socket.binaryType = htmx.config.wsBinaryType;
    darkroom.socket = darkroom.lastSocket = socket;
    lastHeard = openedAt = Date.now();
    wasHeard = false;
    // These listeners come before htmx's own, which would know only four close codes, and write errors to the console.
    socket.addEventListener("open", () => {
      if (socket !== darkroom.socket) return;
      lastHeard = openedAt = Date.now();
      trouble("socket", false);
    });
    socket.addEventListener("message", (event) => {
      if (!event.isTrusted) return; // a frame that waited
      if (socket !== darkroom.socket) return event.stopImmediatePropagation();
      lastHeard = Date.now();
      attempts = 0;
      wasHeard = true;
      tell("darkroom:heard", { age: lastHeard - openedAt });
    });
    socket.addEventListener("error", (event) => event.stopImmediatePropagation());
    socket.addEventListener("close", (event) => {
      event.stopImmediatePropagation();
      if (socket === darkroom.socket) closed(event.code);
    });
    return socket;
  };

  function closed(code, fellSilent = false) {
    darkroom.socket = null;
    if (code in SENTENCES) {
      darkroom.stop(code);
    } else {
      trouble("socket", true);
      trouble("database", code === NO_DATABASE);
      tell("darkroom:lost", { code, age: Date.now() - openedAt, wasHeard, fellSilent });
      clearTimeout(reconnectTimer);
      const wait = code === RESTART && attempts === 0 ? Math.random() * RESTART_SPREAD_MS : darkroom.backoff(attempts);
      attempts++;
      reconnectTimer = setTimeout(connect, wait);
    }
  }

  function connect() {
    clearTimeout(reconnectTimer);
    if (!isStopped && !darkroom.socket) darkroom.wrapper?.()?.init();
  }

  // A connection that says nothing is dead, whatever it says of itself.
  function watch() {
    const socket = darkroom.socket;
    if (!socket || isStopped) return;
    if (Date.now() - lastHeard < (wasHeard ? SILENCE_MS : darkroom.OPENING_MS)) return;
    closed(1006, true);
    socket.close();
  }
  setInterval(watch, WATCH_MS);

  function wake() {
    if (document.visibilityState === "hidden") return;
    watch();
    connect();
  }
  addEventListener("online", wake);
  addEventListener("pageshow", (event) => event.persisted && wake());
  document.addEventListener("visibilitychange", wake);

  // Saying

  darkroom.stop = (code, sentence = SENTENCES[code]) => {
    if (isStopped) return;
    isStopped = true;
    const socket = darkroom.socket;
    darkroom.socket = null;
    socket?.close();
    clearTimeout(wordTimer);
    say("stopped", sentence);
    const home = document.querySelector("a.brand")?.getAttribute("href");
    if (code !== 4401 && !home) return;
    const link = document.createElement("a");
    link.href = code === 4401 ? `/login/?next=${encodeURIComponent(location.pathname + location.search)}` : home;
    link.textContent = code === 4401 ? gettext("Sign in again.") : gettext("To the folders.");
    document.getElementById("connection")?.append(" ", link);
  };
  darkroom.isStopped = () => isStopped;

  function trouble(what, isThere) {
    if (isStopped) return;
    troubles[isThere ? "add" : "delete"](what);
    const connection = document.getElementById("connection");
    if (!connection) return;
    const gravest = Object.keys(TROUBLES).find((each) => troubles.has(each));
    const state = troubles.size > troubles.has("cut") ? "connecting" : "connected";
    const sentence = TROUBLES[gravest] ?? "";
    connection.dataset.state = state;
    if (sentence === nextSentence) return;
    clearTimeout(wordTimer);
    nextSentence = sentence;
    if (connection.hidden && sentence) wordTimer = setTimeout(say, QUIET_MS, state, sentence);
    else say(state, sentence);
  }
  darkroom.trouble = trouble;

  function tell(name, detail) {
    document.dispatchEvent(new CustomEvent(name, { detail }));
  }

  function say(state, sentence) {
    const connection = document.getElementById("connection");
    if (!connection) return;
    connection.dataset.state = state;
    if (connection.textContent !== sentence) connection.textContent = sentence;
    connection.hidden = !sentence;
  }

  if (document.getElementById("live")?.hasAttribute("ws-connect")) trouble("socket", true);
})();
