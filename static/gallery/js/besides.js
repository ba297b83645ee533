// A stream besides the page's own: opened while it is wanted, watched, and opened again after whatever close.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const AGAIN_MS = [1000, 30 * 1000]; // after a connection that ended: at least, at most
  const SILENCE_MS = 45 * 1000; // the server speaks at least every 20 s
  const FOR_GOOD = [4401, 4403, 4404]; // whoever is signed out learns it from the page's own stream

  // `take` gets each frame, and `again` is called when it speaks after it was lost: what went meanwhile it does not say.
  darkroom.besides = ({ address, take, again, isWanted }) => {
    let socket = null;
    let attempts = 0;
    let timer = 0;
    let silence = 0;
    let wasLost = false;

    function connect() {
      if (socket || !isWanted()) return;
      clearTimeout(timer);
      const url = address();
      url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
      const mine = (socket = new WebSocket(url));
      mine.addEventListener("message", (event) => {
        attempts = 0;
        listen(mine);
        if (wasLost) again();
        wasLost = false;
        take(event.data);
      });
      mine.addEventListener("close", ({ code }) => {
        if (socket !== mine) return;
        disconnect();
        wasLost = true;
        const [least, most] = AGAIN_MS;
        const wait = Math.min(most, least * 2 ** attempts++) * (0.5 + Math.random());
        if (!FOR_GOOD.includes(code) && isWanted()) timer = setTimeout(connect, wait);
      });
      listen(mine);
    }

    function listen(mine) {
      clearTimeout(silence);
      silence = setTimeout(() => mine.close(), SILENCE_MS);
    }

    function disconnect() {
      clearTimeout(timer);
      clearTimeout(silence);
      const old = socket;
      socket = null;
      old?.close();
    }

    const say = (said) => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(said));

    return { connect, disconnect, say };
  };
})();
