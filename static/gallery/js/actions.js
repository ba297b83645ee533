// What a button of the page's one form asks for is posted without leaving the page; what was refused is said.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext } = darkroom;

  const UNREACHABLE = gettext("The gallery could not be reached. Try again.");
  const FAILED = gettext("That did not work. Load the page again.");
  const SIGNED_OUT = gettext("You have been signed out. Sign in again.");
  const underWay = new Set(); // paths

  darkroom.post = async (url, fields = {}) => {
    const token = document.querySelector("#actions [name=csrfmiddlewaretoken], [name=csrfmiddlewaretoken]")?.value ?? "";
    try {
      const answer = await fetch(url, {
        method: "POST",
        credentials: "same-origin",
        headers: { "HX-Request": "true", "X-CSRFToken": token },
        body: new URLSearchParams(fields),
      });
      const target = answer.headers.get("HX-Redirect");
      if (target) location.assign(target);
      if (answer.redirected && new URL(answer.url).pathname.endsWith("/login/")) return { ok: false, status: 401, code: "unauthenticated", sentence: SIGNED_OUT };
      offerUndo(answer);
      const page = new DOMParser().parseFromString(answer.status === 204 ? "" : await answer.text(), "text/html");
      const notice = page.getElementById("notice");
      const sentence = (notice?.querySelector(".notice__text") ?? notice)?.textContent.trim();
      return { ok: answer.ok && !sentence, status: answer.status, code: notice?.dataset.code, sentence: sentence || FAILED };
    } catch {
      return { ok: false, status: 0, code: "unavailable", sentence: UNREACHABLE };
    }
  };

  // The page's own words, in the place and the shape of the server's.
  darkroom.notice = (sentence, code = "") => {
    const notice = document.createElement("div");
    Object.assign(notice, { id: "notice", className: "notice" });
    notice.setAttribute("role", "alert");
    notice.dataset.code = code;
    const text = notice.appendChild(document.createElement("p"));
    text.className = "notice__text";
    text.dir = "auto";
    text.textContent = sentence;
    const dismiss = notice.appendChild(document.createElement("button"));
    Object.assign(dismiss, { type: "button", className: "button button--small button--quiet", textContent: gettext("Close") });
    dismiss.dataset.dismiss = "notice";
    const shown = document.getElementById("notice");
    if (shown) shown.replaceWith(notice);
    else document.getElementById("notices")?.replaceChildren(notice);
  };

  darkroom.clearNotice = () => {
    const notice = document.getElementById("notice");
    if (!notice || notice.hidden) return false;
    const empty = document.createElement("div");
    Object.assign(empty, { id: "notice", hidden: true });
    notice.replaceWith(empty);
    return true;
  };

  // In the capturing phase, so that it is asked once, by this script.
  document.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest?.("button[form=actions][formaction]");
      if (event.defaultPrevented || !button || button.disabled || button.dataset.action) return; // the bar has its own
      event.preventDefault();
      event.stopImmediatePropagation();
      const question = button.getAttribute("hx-confirm");
      if (!question || confirm(question)) ask(button);
    },
    true,
  );

  async function ask(button) {
    const path = button.getAttribute("formaction");
    if (button.dataset.dismiss) return dismiss(button.dataset.dismiss, path);
    if (underWay.has(path)) return;
    underWay.add(path);
    refresh();
    const answer = await darkroom.post(path);
    underWay.delete(path);
    refresh();
    if (answer.ok) darkroom.clearNotice();
    else darkroom.notice(answer.sentence, answer.code);
  }

  // What can be taken back needs no question before: the answer says what was done, and where it is taken back.
  function offerUndo({ headers }) {
    const url = headers.get("Darkroom-Undo");
    if (!url || !document.getElementById("toasts")) return;
    darkroom.toast(decodeURIComponent(headers.get("Darkroom-Done")), gettext("Undo"), async () => {
      const answer = await darkroom.post(url);
      if (answer.ok) darkroom.say("undo", gettext("Taken back."), { soon: true });
      else darkroom.notice(answer.sentence, answer.code);
    });
  }
  darkroom.offerUndo = offerUndo;

  // A card that is swapped meanwhile brings a new button: it is under way too.
  function refresh() {
    for (const button of document.querySelectorAll("button[form=actions][formaction]")) {
      const isUnderWay = underWay.has(button.getAttribute("formaction"));
      if (isUnderWay) {
        button.setAttribute("aria-busy", "true");
        button.setAttribute("aria-disabled", "true");
      } else if (button.hasAttribute("aria-busy")) {
        button.removeAttribute("aria-busy");
        button.removeAttribute("aria-disabled");
      }
    }
  }
  document.addEventListener("darkroom:changed", () => underWay.size && refresh());

  // Dismissing

  function dismiss(id, path) {
    document.getElementById(id)?.remove();
    darkroom.dismiss(id);
    if (path && document.getElementById("actions")) darkroom.post(path); // the session remembers
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-dismiss]");
    if (button?.dataset.dismiss === "notice") darkroom.clearNotice();
    else if (button) dismiss(button.dataset.dismiss);
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
      event.preventDefault(); // one press, one thing
    } else if (darkroom.clearNotice()) {
      event.preventDefault();
    }
  });
})();
