// Something between the page and the gallery may refuse the socket, hold back what it says, or cut it again and again.
// Where nothing comes through, the page says so and fetches itself from time to time, until a socket works again.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const MOST_FAILURES = 3; // connections in a row that brought nothing
  const MOST_SILENCES = 2; // connections that began well and then brought nothing more
  const MOST_CUTS = 3; // connections in a row that were cut young
  const PROVEN_MS = 16 * 1000; // the server's first heartbeat comes after 15 s at most
  const YOUNG_MS = 60 * 1000;
  const PATIENCE_MS = 5000;
  const FROM_THE_SERVER = new Set([1001, 1012, 1013, 4503]); // so it came through
  darkroom.FALLBACK_MS = 10 * 1000;

  let failures = 0;
  let silences = 0;
  let cuts = 0;
  let answers = 0; // of the gallery, to failures one after the other
  let timer = 0;
  let isOn = false;

  document.addEventListener("darkroom:heard", ({ detail: { age } }) => {
    failures = answers = 0;
    if (age >= PROVEN_MS) silences = 0;
    if (age >= YOUNG_MS) cuts = 0;
    darkroom.trouble("cut", cuts >= MOST_CUTS);
    if (silences < MOST_SILENCES) stop();
  });

  document.addEventListener("darkroom:lost", ({ detail: { code, age, wasHeard, fellSilent } }) => {
    if (FROM_THE_SERVER.has(code)) return;
    if (fellSilent && wasHeard) silences += 1;
    else if (!wasHeard) failures += 1;
    else if (age < YOUNG_MS) cuts += 1;
    else cuts = 0;
    darkroom.trouble("cut", cuts >= MOST_CUTS);
    if (failures >= MOST_FAILURES || silences >= MOST_SILENCES) ask();
  });

  // A server that is down brings nothing either; only one that answers twice while no socket opens is cut off from us.
  async function ask() {
    if (isOn) return;
    try {
      const answer = await fetch(document.body.dataset.healthz, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
      answers = answer.ok ? answers + 1 : 0;
    } catch {
      answers = 0;
    }
    if (answers >= 2 && !isOn && !darkroom.isStopped()) {
      isOn = true;
      look();
    }
  }

  async function look() {
    clearTimeout(timer);
    if (document.visibilityState !== "hidden") {
      const hasAnswer = await darkroom.reload({ once: true });
      if (!isOn || darkroom.isStopped()) return;
      if (!hasAnswer) return stop();
      darkroom.trouble("blocked", true);
    }
    timer = setTimeout(look, darkroom.FALLBACK_MS * (0.9 + 0.2 * Math.random()));
  }

  function stop() {
    clearTimeout(timer);
    isOn = false;
    answers = 0;
    darkroom.trouble("blocked", false);
  }

  document.addEventListener("visibilitychange", () => isOn && document.visibilityState !== "hidden" && look());
})();
