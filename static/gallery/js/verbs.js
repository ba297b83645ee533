// What can be done with a selection, why it cannot be, and how it is done. Other scripts add theirs.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { selection } = darkroom;

  const MANY = 20; // from here on it is asked first; fewer are brought back by "Undo" alone
  const SETTLING_MS = 3000; // so long after one's own action what vanishes is one's own doing
  const count = new Intl.NumberFormat();
  const byId = (id) => document.getElementById(id);
  const pictures = (number) => (number === 1 ? "1 item" : `${count.format(number)} items`);

  // Why it cannot be done with these; nothing where it can. `isAll`: besides these, all that the view finds.
  darkroom.reasons = {
    rename: (items, isAll) => (isAll || items.length !== 1 ? "Select one to rename it" : (darkroom.lockOf(items[0].id)?.title ?? "")),
    compare: (items, isAll) =>
      !isAll && items.length === 2 && items.every((item) => item.isFinished && item.isPicture) ? "" : "Select two finished pictures to compare them",
    retry: (items) => (items.some((item) => item.canRetry) ? "" : "Nothing that is selected has failed and can be tried again"),
    delete: (items, isAll) => (!isAll && items.length === 1 ? (darkroom.lockOf(items[0].id)?.title ?? "") : ""),
  };

  darkroom.actions = {
    rename: ([item]) => document.querySelector(`[data-rename="${CSS.escape(item.id)}"]`)?.click(),
    compare: (items) => darkroom.lightbox.open(items.map((item) => item.id)),
    retry,
    delete: (_items, button) => throwAway(button.getAttribute("formaction")),
  };

  async function retry(items) {
    for (const { id, name, canRetry } of items) {
      if (!canRetry) continue;
      const answer = await darkroom.post(`/items/${id}/retry/`);
      if (!answer.ok) return darkroom.notice(`“${name}”: ${answer.sentence}`, answer.code);
    }
  }

  // One's own action: what was refused is said and stays selected, the rest leaves the selection.
  darkroom.act = async (url, fields) => {
    const next = afterwards();
    darkroom.isActing = true;
    const answer = await darkroom.post(url, fields);
    setTimeout(() => (darkroom.isActing = false), SETTLING_MS);
    if (answer.ok) {
      darkroom.clearNotice();
      selection.clear();
      if (document.activeElement === document.body) darkroom.focusCard(next);
    } else {
      darkroom.notice(answer.sentence, answer.code);
    }
    return answer.ok;
  };

  // The card that has the focus when the selected ones are gone.
  function afterwards() {
    const ids = selection.cards().map(selection.idOf);
    const last = ids.findLastIndex(selection.has);
    return ids.slice(last + 1).find((id) => !selection.has(id)) ?? ids.findLast((id) => !selection.has(id));
  }

  async function throwAway(url) {
    const { isAll, size, ids } = selection;
    if ((isAll || size > MANY) && !(await asked("delete-dialog"))) return;
    const isDone = await darkroom.act(url, selection.fields());
    if (isDone && !isAll) offerUndo(url, ids);
  }

  function offerUndo(url, ids) {
    const restore = url.replace(/delete\/$/, "restore/");
    darkroom.toast(`${pictures(ids.length)} put into the trash.`, "Undo", async () => {
      const answer = await darkroom.post(restore, [["items", ids.join(" ")]]);
      if (answer.ok) darkroom.say("undo", `${pictures(ids.length)} taken out of the trash.`, { soon: true });
      else darkroom.notice(answer.sentence, answer.code);
    });
  }
  darkroom.offerUndo = offerUndo;

  // Resolves to whether it was said yes. The number follows the selection while the question stands.
  function asked(id) {
    const dialog = byId(id);
    const write = () => {
      for (const place of dialog.querySelectorAll("[data-number]")) place.textContent = pictures(selection.size);
      if (!selection.size) dialog.close();
    };
    write();
    dialog.returnValue = "";
    darkroom.openLayer(dialog);
    document.addEventListener("darkroom:selection", write);
    return new Promise((answer) => {
      dialog.addEventListener(
        "close",
        () => {
          document.removeEventListener("darkroom:selection", write);
          answer(dialog.returnValue === "yes");
        },
        { once: true },
      );
    });
  }
})();
