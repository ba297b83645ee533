// The folders beside the page: a column that stays open, on a phone a drawer. While it is open its rows follow the
// stream of the home page, which knows what this person may see; closed, it costs nothing.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const panel = document.getElementById("panel");
  const toggle = document.querySelector("[data-panel=toggle]");
  if (!panel || !toggle) return;

  const AGAIN_MS = [1000, 30 * 1000]; // after a connection that ended: at least, at most
  const SILENCE_MS = 45 * 1000; // the server speaks at least every 20 s
  const REMEMBERED_S = 365 * 24 * 3600;
  const FOR_GOOD = [4401, 4403, 4404]; // whoever is signed out learns it from the folder's own stream
  const rows = panel.querySelector(".panel__rows");
  const isColumn = matchMedia("(min-width: 64rem)");
  const rowOf = (id) => rows.querySelector(`#${CSS.escape(id)}`);
  const revisionOf = (element) => Number(element.dataset.revision);
  let socket = null;
  let attempts = 0;
  let timer = 0;
  let silence = 0;
  let fetching = null;
  let pages = 1; // of the list, as far as one asked for more
  let typing = 0;
  const TYPED_MS = 250;
  const find = panel.querySelector("[type=search]");
  const words = () => find?.value.trim() ?? "";

  toggle.setAttribute("role", "button");
  toggle.setAttribute("aria-controls", "panel");
  toggle.addEventListener("click", (event) => {
    event.preventDefault();
    if (panel.hidden) open({ byHand: true });
    else close();
  });
  toggle.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      event.preventDefault();
      toggle.click();
    }
  });
  panel.addEventListener("click", (event) => event.target.closest("[data-panel=close]") && close());
  document.addEventListener("click", (event) => {
    if (!panel.hidden && !isColumn.matches && !panel.contains(event.target) && !toggle.contains(event.target)) close({ keepsFocus: true });
  });
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || panel.hidden || (isColumn.matches && !panel.contains(document.activeElement))) return;
      event.preventDefault();
      event.stopPropagation();
      close();
    },
    true,
  );
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) disconnect();
    else if (!panel.hidden) connect();
  });
  isColumn.addEventListener("change", () => !panel.hidden && !isColumn.matches && close({ keepsFocus: true, forgets: false }));

  function open({ byHand }) {
    panel.hidden = false;
    document.body.dataset.panel = "open";
    toggle.setAttribute("aria-expanded", "true");
    if (byHand && isColumn.matches) remember("open");
    if (byHand && !isColumn.matches) panel.focus();
    load().then(connect);
  }

  function close({ keepsFocus = false, forgets = true } = {}) {
    panel.hidden = true;
    delete document.body.dataset.panel;
    toggle.setAttribute("aria-expanded", "false");
    if (forgets && isColumn.matches) remember("");
    disconnect();
    if (!keepsFocus) toggle.focus();
  }

  // A cookie, so that the server leaves room for it in the page's first bytes.
  function remember(state) {
    document.cookie = `panel=${state}; path=/; samesite=lax; max-age=${state ? REMEMBERED_S : 0}`;
  }

  function load() {
    fetching ??= read()
      .catch(() => {}) // the stream's next word asks again
      .finally(() => (fetching = null));
    return fetching;
  }

  async function read() {
    const wanted = words();
    const address = new URL(panel.dataset.source, location.href);
    if (wanted) address.searchParams.set("q", wanted);
    const htmls = [await get(address)];
    while (htmls.length < pages) {
      const link = /<p class="tree__more"><a [^>]*href="([^"]*)"/.exec(htmls.at(-1) ?? "")?.[1];
      if (!link) break;
      htmls.push(await get(new URL(link.replaceAll("&amp;", "&"), location.href)));
    }
    if (wanted !== words()) return read(); // typed meanwhile
    if (htmls.every((html) => html !== null)) show(htmls);
  }

  async function get(address) {
    const answer = await fetch(address, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    return answer.ok && !answer.redirected ? answer.text() : null;
  }

  function findAnew() {
    pages = 1;
    load();
  }
  find?.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(findAnew, TYPED_MS);
  });
  find?.form.addEventListener("submit", (event) => {
    event.preventDefault();
    findAnew();
  });
  rows.addEventListener("click", (event) => {
    if (!event.target.closest(".tree__more a")) return;
    event.preventDefault();
    pages += 1;
    load();
  });

  function show(htmls) {
    const focused = document.activeElement?.closest?.("#panel .folder")?.id;
    rows.innerHTML = htmls.join("");
    for (const more of [...rows.querySelectorAll(".tree__more")].slice(0, -1)) more.remove();
    if (focused) rowOf(focused)?.focus();
  }

  // The stream

  function connect() {
    if (socket || panel.hidden || document.hidden) return;
    clearTimeout(timer);
    const address = new URL(panel.dataset.stream, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const mine = (socket = new WebSocket(address));
    mine.addEventListener("message", (event) => {
      attempts = 0;
      listen(mine);
      take(event.data);
    });
    mine.addEventListener("close", ({ code }) => {
      if (socket !== mine) return;
      disconnect();
      const [least, most] = AGAIN_MS;
      const wait = Math.min(most, least * 2 ** attempts++) * (0.5 + Math.random());
      if (!FOR_GOOD.includes(code) && !panel.hidden) timer = setTimeout(connect, wait);
    });
    listen(mine);
  }

  function listen(mine) {
    clearTimeout(silence);
    silence = setTimeout(() => mine.close(), SILENCE_MS);
  }

  function disconnect() {
    clearTimeout(timer);
    clearTimeout(silence);
    const old = socket;
    socket = null;
    old?.close();
  }

  // Rows that changed are laid over those that are there; for one that is new, or goes, the tree is fetched again.
  function take(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    let isAnotherTree = false;
    for (const root of template.content.children) {
      if (!root.id.startsWith("folder-")) continue;
      const shown = rowOf(root.id);
      if (root.getAttribute("hx-swap-oob") === "delete") {
        if (shown) isAnotherTree = true;
      } else if (!shown && words()) {
        continue; // it is not looked for, or came meanwhile
      } else if (!shown || shown.dataset.place !== root.dataset.place) {
        isAnotherTree = true;
      } else if (revisionOf(root) > revisionOf(shown) && !shown.isEqualNode(root)) {
        const hasFocus = document.activeElement === shown;
        shown.replaceWith(root);
        if (hasFocus) root.focus();
      }
    }
    if (isAnotherTree) load();
  }

  toggle.setAttribute("aria-expanded", "false");
  if (document.body.dataset.panel === "open" && isColumn.matches) open({ byHand: false });
  else delete document.body.dataset.panel;
  darkroom.closePanel = close;
})();
