// What one does with the item that is shown large: the selection's words and keys, by the selection's own doors.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext } = darkroom;
  const { lightbox } = darkroom;

  const part = (name) => document.querySelector(`#lightbox ${name}`);
  const cardOf = (id) => document.getElementById(`item-${id}`);
  const isStarred = (id) => "starred" in (cardOf(id)?.dataset ?? {});

  // Where the bar would send it, where this person may; nothing for two beside each other, or for what is gone.
  function door(action) {
    const button = document.querySelector(`#selection [data-action="${action}"]`);
    const may = !button?.dataset.needs || ["editor", "owner"].includes(document.body.dataset.role);
    return may && lightbox.panes.length === 1 && !lightbox.panes[0].isGone ? button?.getAttribute("formaction") : null;
  }

  async function post(url) {
    const answer = await darkroom.post(url, [["items", lightbox.id]]);
    if (!answer.ok) darkroom.notice(answer.sentence, answer.code);
    return answer.ok;
  }

  async function star() {
    const [url, { id }] = [door("star"), lightbox];
    if (!url) return;
    const wasStarred = isStarred(id);
    const isDone = await post(wasStarred ? url.replace(/star\/$/, "unstar/") : url);
    if (isDone) darkroom.say("viewer", wasStarred ? gettext("1 item without a star.") : gettext("1 item starred."), { soon: true });
  }

  // The next one is looked at then; this one is only an "Undo" away, which comes with the answer.
  async function throwAway() {
    const [url, { id }] = [door("delete"), lightbox];
    if (!url || !(await post(url))) return;
    if (lightbox.id === id) lightbox.next();
  }

  // `leads`: it is not here any more when that is done.
  function asks(action, leads = false) {
    return () => {
      const [url, { id }] = [door(action), lightbox];
      if (url) darkroom.question(url, [["items", id]], { done: () => leads && lightbox.id === id && lightbox.next() });
    };
  }

  // Two have no file of their own here.
  function download() {
    const link = part(".lightbox__download");
    if (!link.hidden) link.click();
  }

  lightbox.verbs = { star, delete: throwAway, move: asks("move", true), copy: asks("copy"), tag: asks("tag"), download };
  lightbox.keys = { s: star, Delete: throwAway, m: lightbox.verbs.move, c: lightbox.verbs.copy, t: lightbox.verbs.tag, d: download };

  document.addEventListener("darkroom:viewing", () => {
    const { id, panes } = lightbox;
    for (const action of ["star", "move", "delete"]) {
      const button = part(`[data-viewer=${action}]`);
      button.hidden = panes.length > 1;
      button.disabled = !door(action);
    }
    part("[data-viewer=star]").setAttribute("aria-pressed", String(isStarred(id)));
    link(id);
  });

  // The file itself, to be kept.
  async function link(id) {
    const shown = part(".lightbox__download");
    const card = cardOf(id);
    if (shown.dataset.of !== id) shown.hidden = true;
    shown.dataset.of = id;
    const detail = card?.classList.contains("item--finished") && lightbox.panes.length === 1 ? await darkroom.itemPage(card) : null;
    const file = detail?.querySelector(".detail__actions a[download]");
    if (lightbox.id !== id) return;
    shown.hidden = !file;
    if (file) shown.href = file.href;
  }
})();
