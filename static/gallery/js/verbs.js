// What can be done with a selection, why it cannot be, and how it is done. Other scripts add theirs.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext, ngettext } = darkroom;
  const { selection } = darkroom;

  const MANY = 20; // from here on it is asked first; fewer are brought back by "Undo" alone
  const SETTLING_MS = 3000; // so long after one's own action what vanishes is one's own doing
  let settling = 0;
  const count = new Intl.NumberFormat(darkroom.language);
  const byId = (id) => document.getElementById(id);
  const pictures = (number) => ngettext("%(count)s item", "%(count)s items", number);

  const lock = (items, isAll) => (!isAll && items.length === 1 ? items[0].lock : "");

  // Why it cannot be done with these; nothing where it can. `isAll`: besides these, all that the view finds.
  darkroom.reasons = {
    move: lock,
    delete: lock,
    rename: (items, isAll) => (isAll || items.length !== 1 ? gettext("Select one to rename it") : lock(items, isAll)),
    copy: (items, isAll) => (isAll || items.some((item) => item.isFinished) ? "" : gettext("What still develops can be copied once it is finished")),
    download: (items, isAll) => (isAll || items.some((item) => item.isFinished) ? "" : gettext("None of these has a file yet")),
    compare: (items, isAll) =>
      !isAll && items.length === 2 && items.every((item) => item.isFinished && item.isPicture) ? "" : gettext("Select two finished pictures to compare them"),
    retry: (items) => (items.some((item) => item.canRetry) ? "" : gettext("Nothing that is selected has failed and can be tried again")),
  };

  const question = (_items, button) => darkroom.question(button.getAttribute("formaction"), selection.fields());

  darkroom.actions = {
    move: question,
    copy: question,
    tag: question,
    rename: ([item]) => document.querySelector(`[data-rename="${CSS.escape(item.id)}"]`)?.click(),
    compare: (items) => darkroom.lightbox.open(items.map((item) => item.id)),
    delete: (_items, button) => throwAway(button.getAttribute("formaction")),
    star,
    download,
    retry,
  };

  // Where all have one it is taken off. They stay selected: a star is seldom the last that is done with them.
  async function star(items, button) {
    const areStarred = !selection.isAll && items.every((item) => item.isStarred);
    const url = button.getAttribute("formaction");
    const answer = await darkroom.post(areStarred ? url.replace(/star\/$/, "unstar/") : url, selection.fields());
    if (!answer.ok) darkroom.notice(answer.sentence, answer.code);
    else darkroom.say("selection", areStarred ? gettext("%(items)s without a star.", { items: pictures(selection.size) }) : gettext("%(items)s starred.", { items: pictures(selection.size) }), { soon: true });
  }

  // One file as itself, several as an archive: the browser itself keeps what it is sent. How much "all" is, is said before.
  function download(items, button) {
    if (selection.isAll) return darkroom.question(button.dataset.ask, selection.fields());
    const form = byId("actions").cloneNode(true);
    form.removeAttribute("id");
    form.action = button.getAttribute("formaction");
    form.append(Object.assign(document.createElement("input"), { name: "items", value: items.map(({ id }) => id).join(" ") }));
    document.body.append(form);
    form.submit();
    form.remove();
  }

  async function retry(items) {
    for (const { page, name, canRetry } of items) {
      if (!canRetry) continue;
      const answer = await darkroom.post(`${page}retry/`);
      if (!answer.ok) return darkroom.notice(`“${name}”: ${answer.sentence}`, answer.code);
    }
  }

  // One's own action: what was refused is said and stays selected, the rest leaves the selection.
  darkroom.act = async (url, fields) => {
    const next = afterwards();
    begin();
    const answer = await darkroom.post(url, fields);
    begin();
    if (answer.ok) {
      darkroom.clearNotice();
      selection.clear();
      if (document.activeElement === document.body) darkroom.focusCard(next);
    } else {
      darkroom.notice(answer.sentence, answer.code);
    }
    return answer.ok;
  };

  function begin() {
    darkroom.isActing = true;
    clearTimeout(settling);
    settling = setTimeout(() => (darkroom.isActing = false), SETTLING_MS);
  }

  // The card that has the focus when the selected ones are gone.
  function afterwards() {
    const ids = selection.cards().map(selection.idOf);
    const last = ids.findLastIndex(selection.has);
    return ids.slice(last + 1).find((id) => !selection.has(id)) ?? ids.findLast((id) => !selection.has(id));
  }

  async function throwAway(url) {
    const { isAll, size } = selection;
    if ((isAll || size > MANY) && !(await asked("delete-dialog"))) return;
    await darkroom.act(url, selection.fields());
  }

  // Resolves to whether it was said yes.
  function asked(id) {
    const dialog = byId(id);
    dialog.returnValue = "";
    darkroom.openLayer(dialog);
    follow();
    return new Promise((answer) => dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true }));
  }

  // While a question about the selection stands, it follows it; where nothing is left, there is nothing to ask, which is
  // said: somebody may be typing an answer.
  function follow() {
    for (const form of document.querySelectorAll("dialog[open] [data-of-selection]")) {
      if (!selection.size && !darkroom.isActing && form.ariaBusy !== "true") {
        form.closest("dialog").close();
        darkroom.notice(gettext("Nothing of what was selected is here any more."), "not_found");
      }
      for (const place of form.querySelectorAll("[data-number]")) place.textContent = pictures(selection.size);
      const fields = new Map(selection.fields());
      for (const name of ["items", "view"]) if (form.elements[name]) form.elements[name].value = fields.get(name) ?? "";
    }
  }
  document.addEventListener("darkroom:selection", follow);
  document.addEventListener("submit", ({ target }) => "ofSelection" in target.dataset && begin(), true);

  // Looking for one of many folders
  function narrow(field) {
    const wanted = field.value.trim().toLowerCase();
    const places = [...byId(field.dataset.filter).querySelectorAll("label")];
    for (const place of places) place.hidden = !place.textContent.toLowerCase().includes(wanted);
    field.form.querySelector("[data-none]").hidden = places.some((place) => !place.hidden);
  }
  document.addEventListener("input", ({ target }) => target.matches("[data-filter]") && narrow(target));
  // Others came, where there are more than were listed.
  document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
    const field = target?.id === "places" && document.querySelector("[data-filter=places]");
    if (field) narrow(field);
  });
})();
