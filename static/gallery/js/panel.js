// The folders beside the page: a column that stays open, on a phone a drawer. While it is open its rows follow the
// stream of the home page, which knows what this person may see; closed, it costs nothing.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const panel = document.getElementById("panel");
  const toggle = document.querySelector("[data-panel=toggle]");
  if (!panel || !toggle) return;

  const PAGE_FOLDERS = 200; // FOLDERS_SHOWN in gallery/folder_list.py
  const REMEMBERED_S = 365 * 24 * 3600;
  const rows = panel.querySelector(".panel__rows");
  const isColumn = matchMedia("(min-width: 64rem)");
  const rowOf = (id) => rows.querySelector(`#${CSS.escape(id)}`);
  const revisionOf = (element) => Number(element.dataset.revision);
  let fetching = null;
  let pages = 1; // of the list, as far as one asked for more
  let typing = 0;
  const TYPED_MS = 250;
  const find = panel.querySelector("[type=search]");
  const words = () => find?.value.trim() ?? "";
  const looksAt = () => ({ q: words(), count: pages * PAGE_FOLDERS });
  const stream = darkroom.besides({ address, take, again: load, isWanted: () => !panel.hidden && !document.hidden });

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
    if (document.hidden) stream.disconnect();
    else if (!panel.hidden) load().then(stream.connect);
  });
  isColumn.addEventListener("change", () => !panel.hidden && !isColumn.matches && close({ keepsFocus: true, forgets: false }));

  function open({ byHand }) {
    panel.hidden = false;
    document.body.dataset.panel = "open";
    toggle.setAttribute("aria-expanded", "true");
    if (byHand && isColumn.matches) remember("open");
    if (byHand && !isColumn.matches) panel.focus();
    load().then(stream.connect);
  }

  function close({ keepsFocus = false, forgets = true } = {}) {
    panel.hidden = true;
    delete document.body.dataset.panel;
    toggle.setAttribute("aria-expanded", "false");
    if (forgets && isColumn.matches) remember("");
    stream.disconnect();
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

  function lookAt(number) {
    pages = number;
    load().then(() => stream.say({ type: "look", query: `${new URLSearchParams(looksAt())}` }));
  }
  find?.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(lookAt, TYPED_MS, 1);
  });
  find?.form.addEventListener("submit", (event) => {
    event.preventDefault();
    lookAt(1);
  });
  rows.addEventListener("click", (event) => {
    if (!event.target.closest(".tree__more a")) return;
    event.preventDefault();
    lookAt(pages + 1);
  });

  function show(htmls) {
    const focused = document.activeElement?.closest?.("#panel .folder")?.id;
    rows.innerHTML = htmls.join("");
    for (const more of [...rows.querySelectorAll(".tree__more")].slice(0, -1)) more.remove();
    if (focused) rowOf(focused)?.focus();
  }

  // The stream, of as much of the list as is shown

  function address() {
    const address = new URL(panel.dataset.stream, location.href);
    for (const [name, value] of Object.entries(looksAt())) address.searchParams.set(name, value);
    return address;
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
