// Times in the reader's own words: "4 min ago", "about 2 min left", with the exact local time in the title.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const TICK_MS = 5000;
  const MINUTE = 60;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;
  const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const precise = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
  const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

  const MANNERS = {
    ago: (moment, seconds) => {
      if (seconds < 10) return "just now";
      if (seconds < MINUTE) return `${Math.floor(seconds / 10) * 10} s ago`;
      if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
      if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h ago`;
      return day.format(moment);
    },
    left: (moment, seconds) => {
      const left = -seconds;
      if (left < 5) return "any moment now";
      if (left < 55) return `about ${Math.ceil(left / 10) * 10} s left`;
      if (left < HOUR - 30) return `about ${Math.round(left / MINUTE)} min left`;
      const [hours, minutes] = [Math.floor((left + 30) / HOUR), Math.round(((left + 30) % HOUR) / MINUTE - 0.5)];
      return `about ${hours} h${minutes > 0 ? ` ${minutes} min` : ""} left`;
    },
    since: (moment, seconds) => (seconds < DAY ? clock : exact).format(moment),
    exact: (moment) => exact.format(moment),
  };

  function write() {
    if (document.visibilityState === "hidden") return;
    for (const time of document.querySelectorAll("time[datetime][data-time]")) {
      if (time.title && time.dataset.time === "exact") continue; // said once and for all
      const moment = new Date(time.dateTime);
      if (Number.isNaN(moment.getTime())) continue;
      const words = (MANNERS[time.dataset.time] ?? MANNERS.ago)(moment, (Date.now() - moment) / 1000);
      if (time.textContent !== words) time.textContent = words;
      if (!time.title) time.title = precise.format(moment);
    }
  }

  darkroom.tellTimes = write;
  setInterval(write, TICK_MS);
  document.addEventListener("DOMContentLoaded", write);
  document.addEventListener("darkroom:changed", write);
  document.addEventListener("visibilitychange", write);
})();
