// Rename in place: the name becomes a field where it stands; the lock is taken on focus and given back on leaving.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext } = darkroom;

  const REFUSALS = ["locked", "forbidden", "not_found"];
  let editor = null; // {itemId, input, url, original}

  document.addEventListener("click", (event) => {
    const control = event.target.closest?.("[data-rename]");
    const isPlain = !event.defaultPrevented && event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
    if (!control || !isPlain) return;
    const host = document.getElementById(`item-${control.dataset.rename}`)?.querySelector(".item__name");
    if (!host?.getClientRects().length) return; // the link leads to the item's own page
    event.preventDefault();
    open(control, host);
  });

  function open(control, host) {
    if (editor) close();
    const itemId = control.dataset.rename;
    const original = document.getElementById(`item-${itemId}`).dataset.name;
    const input = document.createElement("input");
    Object.assign(input, { className: "item__editor", type: "text", value: original, defaultValue: original, maxLength: 200, autocomplete: "off", dir: "auto", enterKeyHint: "done" });
    input.setAttribute("aria-label", gettext("Name"));
    // It lies over the name, in the name's own size.
    const { color } = getComputedStyle(host);
    Object.assign(input.style, { position: "absolute", inset: "0", boxSizing: "border-box", width: "100%", height: "100%", margin: "0", padding: "0", border: "0", background: "none", font: "inherit", pointerEvents: "auto", color });
    Object.assign(host.style, { position: "relative", color: "transparent" });
    host.dataset.editing = "";
    host.append(input);
    const url = new URL("rename/", new URL(control.getAttribute("href") ?? `/items/${itemId}/`, location.href)).pathname;
    editor = { itemId, input, url, original };
    input.addEventListener("keydown", onKey);
    input.addEventListener("blur", () => setTimeout(() => input === editor?.input && document.activeElement !== input && save(false)));
    input.focus({ preventScroll: true });
    input.select();
    darkroom.takeLease(itemId);
  }

  function onKey(event) {
    event.stopPropagation();
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    if (event.key === "Enter") save(true);
    else close({ refocus: true });
  }

  async function save(refocus) {
    const { itemId, input, url, original } = editor;
    const name = input.value.trim();
    if (input.readOnly) return;
    if (!name || name === original) return close({ refocus });
    input.readOnly = true;
    const answer = await darkroom.post(url, { name });
    input.readOnly = false;
    if (editor?.input !== input) return;
    if (answer.ok) {
      const card = document.getElementById(`item-${itemId}`);
      if (card?.dataset.name === original) card.dataset.name = name; // the stream brings it to everybody else
      close({ refocus });
    } else if (answer.status === 423 || REFUSALS.includes(answer.code)) {
      refuse(answer.sentence, answer.code);
    } else {
      darkroom.notice(answer.sentence, answer.code);
      input.focus({ preventScroll: true });
    }
  }

  // What was typed stays readable where the editor may not.
  function refuse(sentence, code) {
    const typed = editor.input.value.trim();
    const isNew = typed && typed !== editor.original;
    close();
    darkroom.notice(isNew ? gettext("%(sentence)s You had typed: “%(text)s”", { sentence, text: typed }) : sentence, code);
  }

  function close({ refocus = false } = {}) {
    const { itemId, input } = editor;
    editor = null;
    const host = input.parentElement;
    const card = document.getElementById(`item-${itemId}`);
    input.remove();
    if (host?.isConnected) {
      host.removeAttribute("data-editing");
      host.style.removeProperty("position");
      host.style.removeProperty("color");
      if (!host.getAttribute("style")) host.removeAttribute("style");
      if (card) host.textContent = card.dataset.name;
    }
    if (refocus) card?.querySelector("[data-rename]")?.focus({ preventScroll: true });
    darkroom.giveLease(itemId);
  }

  document.addEventListener("darkroom:notice", ({ detail: notice }) => {
    if (!REFUSALS.includes(notice.dataset.code)) return;
    const sentence = notice.querySelector(".notice__text")?.textContent ?? notice.textContent;
    if (editor) refuse(sentence, notice.dataset.code);
    else if (document.activeElement?.closest("[data-rename-form]")) document.activeElement.blur();
  });

  document.addEventListener("darkroom:changed", () => {
    if (!editor) return;
    const lock = darkroom.lockOf(editor.itemId);
    if (lock) refuse(`${lock.title}.`, "locked");
    else if (!document.getElementById(`item-${editor.itemId}`)) refuse(gettext("“%(name)s” was removed.", { name: editor.original }), "not_found");
  });

  // The item's own page has a form.

  const formOf = (event) => event.target.closest?.("[data-rename-form]");

  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-rename-form] input") && !event.target.readOnly) darkroom.takeLease(formOf(event).dataset.renameForm);
  });

  document.addEventListener("focusout", (event) => {
    const form = formOf(event);
    if (form && !form.contains(event.relatedTarget)) darkroom.giveLease(form.dataset.renameForm);
  });

  document.addEventListener(
    "submit",
    async (event) => {
      const form = formOf(event);
      if (!form) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const answer = await darkroom.post(form.action, Object.fromEntries(new FormData(form)));
      if (!answer.ok) return darkroom.notice(answer.sentence, answer.code);
      darkroom.clearNotice();
      for (const input of form.querySelectorAll("input:not([type=hidden])")) input.defaultValue = input.value;
      document.activeElement?.closest("[data-rename-form]") && document.activeElement.blur();
    },
    true,
  );
})();
