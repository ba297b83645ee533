// What is being uploaded, a few files at once, and its tray in the corner: only the sender needs to see the files that
// wait, that were refused, or that are here already. All others see the cards develop.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext, ngettext } = darkroom;

  const AT_ONCE = 3;
  const ROWS = 60; // of the tray; what waits behind them is only counted
  const FOLD_MS = 4000; // after the last one, where there is nothing to read
  const ORDER = ["here", "failed", "processing", "sending", "waiting"];
  const UNDER_WAY = ["waiting", "sending", "processing"];
  const WORDS = { waiting: gettext("Waits for its turn"), processing: gettext("Being looked into") };
  const ACTIONS = {
    here: [["keep", gettext("Keep both")], ["skip", gettext("Skip")]],
    failed: [["again", gettext("Try again")], ["close", gettext("Close")]],
    final: [["close", gettext("Close")]],
  };

  let transfers = [];
  let folding = 0;
  let drawing = 0;

  darkroom.mayUpload = () => Boolean(tray()) && ["editor", "owner"].includes(document.body.dataset.role);

  // `files`: File objects, or pairs of one with its sidecar (a JSON file that tells how it was made).
  darkroom.upload = (files) => {
    if (!darkroom.mayUpload() || !files.length) return;
    const drop = { target: tray().dataset.target, position: "", inTurn: turns() };
    const known = new Set(transfers.filter((each) => UNDER_WAY.includes(each.state)).map((each) => each.memory));
    const chosen = files.map((entry, place) => new darkroom.Transfer(entry.file ?? entry, drop, place, entry.sidecar));
    transfers.push(...chosen.filter((transfer) => !known.has(transfer.memory)));
    tray().open = true;
    say(transfers.length === 1 ? gettext("Uploading 1 file.") : gettext("Uploading %(count)s files.", { count: count(UNDER_WAY) }));
    next();
  };

  // One at a time, until the first one has succeeded.
  function turns() {
    let last = Promise.resolve();
    return (work) => {
      const mine = last.then(work);
      last = mine.catch(() => {});
      return mine;
    };
  }

  function next() {
    const free = AT_ONCE - count(["sending", "processing"]);
    for (const transfer of transfers.filter((each) => each.state === "waiting").slice(0, Math.max(0, free))) transfer.run().then(settle);
    draw();
  }

  function settle() {
    next();
    if (count(UNDER_WAY)) return;
    const [done, failed, here] = [count(["done"]), count(["failed"]), count(["here"])];
    const parts = [done && gettext("%(count)s uploaded", { count: done }), failed && gettext("%(count)s failed", { count: failed }), here && gettext("%(count)s already here", { count: here })].filter(Boolean);
    say(parts.length ? `${parts.join(", ")}.` : "");
    clearTimeout(folding);
    folding = setTimeout(fold, FOLD_MS);
  }

  function fold() {
    if (count([...UNDER_WAY, "failed", "here"])) return;
    transfers = [];
    draw();
  }

  const count = (states) => transfers.filter((each) => states.includes(each.state)).length;
  const tray = () => document.getElementById("uploads");

  function say(sentence) {
    const announcer = tray()?.querySelector("[role=status]");
    if (announcer) announcer.textContent = sentence;
  }

  // Drawing

  document.addEventListener("darkroom:uploads", draw);

  function draw() {
    drawing ||= requestAnimationFrame(() => {
      drawing = 0;
      if (tray()) drawTray(tray());
    });
  }

  function drawTray(element) {
    const listed = transfers.filter((each) => ORDER.includes(each.state));
    const shown = transfers.filter((each) => each.state !== "cancelled" && each.state !== "skipped");
    element.hidden = !shown.length;
    const total = shown.reduce((sum, each) => sum + each.size, 0);
    const sent = shown.reduce((sum, each) => sum + (each.state === "done" ? each.size : each.sent), 0);
    element.querySelector("[data-part=title]").textContent = title(shown);
    setBar(element.querySelector("[data-part=bar]"), count(UNDER_WAY) ? sent / Math.max(1, total) : null);
    for (const button of element.querySelectorAll("[data-all]")) button.hidden = meant(button.dataset).length < 2;
    listed.sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
    const list = element.querySelector("[data-part=list]");
    const rows = listed.slice(0, ROWS).map((transfer) => (transfer.row ??= newRow(transfer)));
    rows.forEach((row, place) => list.children[place] !== row && list.insertBefore(row, list.children[place] ?? null));
    while (list.children.length > rows.length) list.lastElementChild.remove();
    listed.slice(0, ROWS).forEach(drawRow);
    const more = element.querySelector("[data-part=more]");
    more.hidden = listed.length <= ROWS;
    more.textContent = gettext("and %(count)s more", { count: listed.length - ROWS });
  }

  function title(shown) {
    const [left, done, failed, here] = [count(UNDER_WAY), count(["done"]), count(["failed"]), count(["here"])];
    if (left) return shown.length === 1 ? gettext("Uploading 1 file") : gettext("Uploading %(number)s of %(total)s", { number: shown.length - left + 1, total: shown.length });
    if (failed) return ngettext("%(count)s file was not added", "%(count)s files were not added", failed);
    if (here) return ngettext("%(count)s file is already here", "%(count)s files are already here", here);
    return ngettext("%(count)s file uploaded", "%(count)s files uploaded", done);
  }

  function newRow(transfer) {
    const row = tray().querySelector("template").content.firstElementChild.cloneNode(true);
    row.transfer = transfer;
    const name = row.querySelector("[data-part=name]");
    name.textContent = name.title = transfer.name;
    return row;
  }

  function drawRow(transfer) {
    const { row, state } = transfer;
    if (state === "sending" || state === "processing") setBar(row.querySelector("[data-part=bar]"), state === "sending" ? transfer.sent / Math.max(1, transfer.size) : null);
    const words = transfer.words || WORDS[state] || gettext("%(sent)s of %(size)s", { sent: size(transfer.sent), size: size(transfer.size) });
    const says = row.querySelector("[data-part=words]");
    if (!transfer.here && says.textContent !== words) says.textContent = words;
    if (row.dataset.state === state) return;
    row.dataset.state = state;
    if (transfer.here) link(says, transfer.here);
    const buttons = ACTIONS[state === "failed" && transfer.isFinal ? "final" : state] ?? [["cancel", gettext("Cancel")]];
    row.querySelector("[data-part=actions]").replaceChildren(...buttons.map(([action, label]) => button(action, label, transfer.name)));
  }

  function link(says, here) {
    const target = document.createElement("a");
    target.href = tray().dataset.item.replace("-any-id-", encodeURIComponent(here.id));
    target.dir = "auto";
    target.textContent = here.name;
    says.replaceChildren(gettext("Already here as"), " ", target);
  }

  function button(action, label, name) {
    const element = document.createElement("button");
    Object.assign(element, { type: "button", className: "button button--small button--quiet", textContent: label });
    element.dataset.upload = action;
    element.setAttribute("aria-label", `${label}: ${name}`);
    return element;
  }

  function setBar(bar, fraction) {
    bar.style.setProperty("--progress", fraction ?? 1);
    bar.toggleAttribute("data-indeterminate", fraction === null);
    if (fraction === null) bar.removeAttribute("aria-valuenow");
    else bar.setAttribute("aria-valuenow", Math.round(100 * fraction));
  }

  function size(bytes) {
    if (bytes < 1000) return ngettext("%(count)s byte", "%(count)s bytes", bytes);
    const [unit, name] = bytes >= 1e9 ? [1e9, "GB"] : bytes >= 1e6 ? [1e6, "MB"] : [1e3, "KB"];
    const digits = bytes / unit < 10 && unit > 1e3 ? 1 : 0;
    return `${(bytes / unit).toLocaleString(darkroom.language, { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${name}`;
  }

  // What is pressed

  const DO = {
    keep: (transfer) => transfer.keep(),
    skip: (transfer) => transfer.cancel("skipped"),
    again: (transfer) => transfer.become("waiting"),
    close: (transfer) => transfer.cancel("skipped"),
    cancel: (transfer) => transfer.cancel(),
  };

  // By a button for all.
  function meant({ all, upload: action }) {
    const states = all.split(" ");
    return transfers.filter((each) => states.includes(each.state) && !(action === "again" && each.isFinal));
  }

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest?.("[data-upload]");
    if (!pressed || !tray()?.contains(pressed)) return;
    const { all, upload: action } = pressed.dataset;
    if (!all) focusNext(pressed);
    for (const transfer of all ? meant(pressed.dataset) : [pressed.closest("li").transfer]) DO[action](transfer);
    settle();
  });

  // The row goes, the keyboard stays.
  function focusNext(pressed) {
    const row = pressed.closest("li");
    const neighbour = row.nextElementSibling ?? row.previousElementSibling;
    setTimeout(() => document.activeElement === document.body && (neighbour?.isConnected ? neighbour.querySelector("button") : tray().querySelector("summary"))?.focus(), 50);
  }

  addEventListener("beforeunload", (event) => {
    if (count(UNDER_WAY)) event.preventDefault();
  });
})();
