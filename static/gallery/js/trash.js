// The trash follows what others throw away, put back and delete: the stream says that it has changed, at most once a
// second, and the page fetches itself and lays the answer over what it shows.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const byId = (id) => document.getElementById(id);
  const list = byId("trash");

  darkroom.looksAt = () => ({ trash: list.dataset.folder });

  document.addEventListener("darkroom:heartbeat", ({ detail: { dataset } }) => {
    if (dataset.trash && dataset.trash !== list.dataset.mark) darkroom.reload();
  });

  // What is not a row: sentences are put anew, and what there is nothing for is hidden.
  document.addEventListener("darkroom:fetched", ({ detail: page }) => {
    list.dataset.mark = page.getElementById("trash").dataset.mark;
    for (const id of ["trash-facts", "trash-number"]) byId(id).replaceChildren(...page.getElementById(id).childNodes);
    for (const id of ["trash-emptying", "thrown", "trash-none"]) byId(id).hidden = page.getElementById(id).hidden;
  });
})();
