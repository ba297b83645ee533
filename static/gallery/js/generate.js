// A generator's questions in a dialog over the folder. Without script they are a page of their own.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext } = darkroom;
  const { selection } = darkroom;

  const UNREACHABLE = gettext("The gallery could not be reached. Try again.");
  const FAILED = gettext("That did not work. Load the page again.");
  let dialog = null;
  let after = null;

  // What has to be selected for it; the server asks the same.
  for (const button of document.querySelectorAll("[data-generator][data-action]")) {
    const { action, selects, types } = button.dataset;
    const wanted = types ? types.split(" ") : [];
    darkroom.reasons[action] = (items, isAll) => {
      if (selects === "single" && (isAll || items.length !== 1)) return gettext("Select exactly one item for this");
      if (wanted.length && items.some(({ type }) => !wanted.includes(type))) return gettext("Select only items of the type %(types)s for this", { types: wanted.join(" / ") });
      return "";
    };
    darkroom.actions[action] = () => open(button.getAttribute("formaction"), selection.fields());
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-generator]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    link.closest("details")?.removeAttribute("open");
    open(link.getAttribute("href"), []);
  });

  // `done`: where it is asked about something else than the selection, what follows.
  async function open(url, fields, { done = null } = {}) {
    const html = await ask(url, new URLSearchParams(fields));
    if (!html) return;
    dialog?.remove();
    dialog = document.createElement("dialog");
    Object.assign(dialog, { id: "questions", className: "dialog" });
    dialog.setAttribute("aria-labelledby", "questions-title");
    dialog.addEventListener("submit", submit);
    dialog.dataset.light = "";
    after = done;
    show(html);
    (document.querySelector("div[data-gallery]") ?? document.body).append(dialog);
    darkroom.openLayer(dialog);
    const mine = dialog;
    mine.addEventListener("close", () => mine.remove()); // when the notices in it have moved out
  }

  darkroom.question = open; // for whoever else has something to ask

  function show(html) {
    dialog.innerHTML = html;
    htmx.process(dialog);
    if (after) for (const form of dialog.querySelectorAll("form")) form.removeAttribute("data-of-selection");
    const wrong = dialog.querySelector("[aria-invalid=true]");
    (wrong ?? dialog.querySelector("[autofocus]"))?.focus();
  }

  async function submit(event) {
    const form = event.target;
    if ("native" in form.dataset) return setTimeout(() => dialog.close()); // the browser keeps what it is sent
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    const html = await ask(event.submitter?.getAttribute("formaction") ?? form.getAttribute("action"), new URLSearchParams(new FormData(form, event.submitter)));
    form.ariaBusy = "false";
    if (html) return show(html);
    if (html === "") {
      dialog.close();
      darkroom.clearNotice();
      if (after) after();
      else selection.clear();
      document.dispatchEvent(new Event("darkroom:acted"));
    }
  }

  // The form (once more); "" where it is done; null where it was refused, which is said.
  async function ask(url, body) {
    const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
    try {
      const headers = { "HX-Request": "true", "X-CSRFToken": token };
      const answer = await fetch(url, { method: "POST", credentials: "same-origin", headers, body });
      darkroom.offerUndo(answer);
      if (answer.status === 204) return "";
      const html = await answer.text();
      const page = new DOMParser().parseFromString(html, "text/html");
      if (page.querySelector("[data-questions]")) return html;
      darkroom.notice(page.querySelector("#notice .notice__text")?.textContent.trim() || FAILED, page.getElementById("notice")?.dataset.code);
    } catch {
      darkroom.notice(UNREACHABLE, "unavailable");
    }
    dialog?.close();
    return null;
  }
})();
