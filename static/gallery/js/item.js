// The page of one item: its progress and its lock come as themselves; when its card changes, it fetches itself.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext } = darkroom;

  const GATHER_MS = 150; // several changes, one fetch
  let timer = 0;

  // Loaded again at the viewer's address, the page is this one; what the browser goes back to is another.
  const { pathname } = location;
  addEventListener("popstate", () => {
    if (document.getElementById("detail") && location.pathname !== pathname) location.reload();
  });

  document.addEventListener("darkroom:card", ({ detail: root }) => {
    const detail = document.getElementById("detail");
    const isNewer = Number(root.dataset.revision) > Number(detail.dataset.revision);
    if (root.getAttribute("hx-swap-oob") === "delete") {
      if (isNewer || root.dataset.revision === detail.dataset.revision) darkroom.stop(4404, gettext("This item was removed."));
    } else if (isNewer && !timer) {
      timer = setTimeout(() => {
        timer = 0;
        darkroom.reload({ atLeast: Number(root.dataset.revision) });
      }, GATHER_MS);
    }
  });
})();
