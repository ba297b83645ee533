// Times in the reader's own words: "4 min ago", "about 2 min left", with the exact local time in the title.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext } = darkroom;
  const TICK_MS = 5000;
  const MINUTE = 60;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;
  const exact = new Intl.DateTimeFormat(darkroom.language, { dateStyle: "medium", timeStyle: "short" });
  const precise = new Intl.DateTimeFormat(darkroom.language, { dateStyle: "full", timeStyle: "medium" });
  const day = new Intl.DateTimeFormat(darkroom.language, { day: "numeric", month: "short", year: "numeric" });
  const clock = new Intl.DateTimeFormat(darkroom.language, { hour: "2-digit", minute: "2-digit" });

  const MANNERS = {
    ago: (moment, seconds) => {
      if (seconds < 10) return gettext("just now");
      if (seconds < MINUTE) return gettext("%(count)s s ago", { count: Math.floor(seconds / 10) * 10 });
      if (seconds < HOUR) return gettext("%(count)s min ago", { count: Math.floor(seconds / MINUTE) });
      if (seconds < DAY) return gettext("%(count)s h ago", { count: Math.floor(seconds / HOUR) });
      return day.format(moment);
    },
    left: (moment, seconds) => {
      const left = -seconds;
      if (left < 5) return gettext("any moment now");
      if (left < 55) return gettext("about %(time)s left", { time: `${Math.ceil(left / 10) * 10} s` });
      if (left < HOUR - 30) return gettext("about %(time)s left", { time: `${Math.round(left / MINUTE)} min` });
      const [hours, minutes] = [Math.floor((left + 30) / HOUR), Math.round(((left + 30) % HOUR) / MINUTE - 0.5)];
      const time = minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
      return gettext("about %(time)s left", { time });
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
