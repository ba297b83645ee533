// The home page's folders: found while one types, and more of them on the same page. Without script both are addresses.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext, ngettext } = darkroom;

  const TYPED_MS = 250;
  const folders = document.getElementById("folders");
  let timer = 0;
  if (!folders) return;

  // What of the list the stream shall follow: as much as is shown.
  darkroom.looksAt = () => {
    const asked = new URL(location.href).searchParams;
    return { q: asked.get("q") ?? "", cursor: asked.get("cursor") ?? "", count: folders.children.length };
  };
  const look = () => darkroom.send({ type: "look", query: `${new URLSearchParams(darkroom.looksAt())}` });

  // A frame with all that is looked at: which folders are missing in it went while the page was cut off.
  document.addEventListener("darkroom:heartbeat", ({ detail: heartbeat }) => {
    const { q, cursor } = darkroom.looksAt();
    if (heartbeat.dataset.whole !== `${q} ${cursor}`) return; // none, or of what was looked at before
    const all = new Map([...heartbeat.parentNode.children].filter((root) => root.dataset.order).map((root) => [root.id, root.dataset.order]));
    const last = [...all.values()].sort()[0] ?? "";
    const gone = [...folders.children].filter((shown) => !all.has(shown.id) && shown.dataset.order >= last);
    const plan = darkroom.plan();
    for (const { id } of gone) plan.remove(id);
    if (gone.length) queueMicrotask(() => darkroom.write(plan.html())); // after the frame itself
  });

  document.addEventListener("input", ({ target }) => {
    const form = target.closest?.("[data-find-folders]");
    if (!form) return;
    clearTimeout(timer);
    timer = setTimeout(() => find(form, target.value.trim()), TYPED_MS);
  });

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-find-folders]")) return;
    event.preventDefault();
    clearTimeout(timer);
    find(event.target, new FormData(event.target).get("q").trim());
  });

  async function find(form, words) {
    const address = new URL(form.action);
    if (words) address.searchParams.set("q", words);
    if (address.href === location.href) return;
    history.replaceState(history.state, "", address);
    folders.dataset.arrivals = words ? "none" : "insert";
    folders.toggleAttribute("data-found", Boolean(words));
    await darkroom.reload({ once: true, isAnother: true });
    look();
    darkroom.say("folders", folders.children.length ? ngettext("%(count)s folder found.", "%(count)s folders found.", folders.children.length) : gettext("No folder is called so."), { soon: true });
  }

  document.addEventListener("click", (event) => {
    const link = darkroom.isPlainClick(event) && event.target.closest?.("#pager a[href*='cursor=']");
    if (!link || link.ariaBusy === "true") return;
    event.preventDefault();
    link.ariaBusy = "true";
    darkroom.hold(async () => {
      const page = await darkroom.fetchPage(new URL(link.getAttribute("href"), location.href), -1, true).catch(() => location.assign(link.href));
      const plan = darkroom.plan();
      for (const root of page.getElementById("folders").children) darkroom.lay(plan, root, () => true);
      darkroom.turnPager(plan, page);
      darkroom.write(plan.html());
      const pager = document.getElementById("pager");
      pager.hidden = !pager.querySelector("[href*='cursor=']"); // all are here now
      look();
    });
  });
})();
