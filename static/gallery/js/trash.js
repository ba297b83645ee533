// The trash follows what others throw away, put back and delete: the stream says that it has changed, at most once a
// second, and the page fetches itself and lays the answer over what it shows.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const byId = (id) => document.getElementById(id);
  const list = byId("trash");
  const AIMED_MS = 300; // from one look at what is aimed at to the next
  let timer = 0;

  darkroom.looksAt = () => ({ trash: list.dataset.folder });

  document.addEventListener("darkroom:heartbeat", ({ detail: { dataset } }) => dataset.trash && follow(dataset.trash));

  // Nothing moves while somebody aims at a row's buttons: another item would be under them, and be deleted for good.
  function follow(mark) {
    clearTimeout(timer);
    if (mark === list.dataset.mark) return;
    if (list.querySelector(".trash__verbs:is(:hover, :focus-within)")) timer = setTimeout(follow, AIMED_MS, mark);
    else darkroom.reload();
  }

  // What is not a row: sentences are put anew, and what there is nothing for is hidden.
  document.addEventListener("darkroom:fetched", ({ detail: page }) => {
    list.dataset.mark = page.getElementById("trash").dataset.mark;
    for (const id of ["trash-facts", "trash-number"]) byId(id).replaceChildren(...page.getElementById(id).childNodes);
    for (const id of ["trash-emptying", "thrown", "trash-none"]) byId(id).hidden = page.getElementById(id).hidden;
  });
})();
