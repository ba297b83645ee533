// "Today", "Yesterday", "12 November 2026" over the cards of each day. The server's headings are in UTC; a card's
// place begins with its moment, so the page knows each card's day in the reader's own zone, whatever is swapped.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext } = darkroom;

  const LOOK_MS = 60 * 1000; // at midnight today becomes yesterday
  const MS_DIGITS = 14; // of the 17 digits of microseconds with which data-order begins
  const written = new Intl.DateTimeFormat(darkroom.language, { day: "numeric", month: "long", year: "numeric" });
  const pad = (number) => String(number).padStart(2, "0");
  const keyOf = (moment) => `${moment.getFullYear()}-${pad(moment.getMonth() + 1)}-${pad(moment.getDate())}`;

  // The local day of a card; the same for all in a view that is not sorted by time.
  darkroom.dayOf = (card) => {
    const time = Number((card.dataset.order ?? "").slice(0, MS_DIGITS));
    return isByDay() && Number.isFinite(time) ? keyOf(new Date(time)) : "";
  };

  function isByDay() {
    return document.getElementById("grid")?.hasAttribute("data-days");
  }

  function words(day) {
    const now = new Date();
    const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
    if (day === keyOf(now)) return gettext("Today");
    if (day === keyOf(yesterday)) return gettext("Yesterday");
    const [year, month, date] = day.split("-").map(Number);
    return written.format(new Date(year, month - 1, date));
  }

  function heading(day) {
    const element = document.createElement("h2");
    element.className = "day";
    element.dataset.day = day;
    element.append(document.createElement("time"));
    return element;
  }

  // Put a heading before the first card of each day, and none elsewhere.
  darkroom.headDays = () => {
    const grid = document.getElementById("grid");
    if (!grid || !isByDay()) return;
    const spare = new Map();
    for (const element of grid.querySelectorAll(":scope > .day")) {
      if (spare.has(element.dataset.day)) element.remove();
      else spare.set(element.dataset.day, element);
    }
    let day = "";
    for (const card of [...grid.children]) {
      if (!card.dataset.order) continue;
      const own = darkroom.dayOf(card);
      if (own === day) continue;
      day = own;
      const shown = spare.get(day) ?? heading(day);
      spare.delete(day);
      if (card.previousElementSibling !== shown) card.before(shown);
      const [time, text] = [shown.firstElementChild, words(day)];
      if (time.textContent !== text) Object.assign(time, { dateTime: day, textContent: text });
    }
    for (const element of spare.values()) element.remove();
  };

  darkroom.headDays();
  document.addEventListener("darkroom:changed", darkroom.headDays);
  setInterval(darkroom.headDays, LOOK_MS);
})();
