// One file on its way to the gallery, piece by piece (tus 1.0). It goes on where it was cut, also after the page was
// closed: where a file was being sent to is remembered by its name, size and time.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext } = darkroom;
  const { Refusal, ask, backOnline, digest, encode, recall } = darkroom.tus;

  const PIECE_MS = 600; // that a piece should take: everybody else sees how far it is after each
  const LEAST_PIECE = 256 * 1024; // bytes
  const MOST_PIECE = 8 * 1024 * 1024;
  const MEMORY = "darkroom-upload:";
  const AWAY = gettext("The gallery cannot be reached. It goes on by itself.");
  const HOPELESS = [403, 413, 422]; // what is wrong with the file, or with who sends it
  const REMOVED = gettext("Somebody has removed it meanwhile.");

  darkroom.Transfer = class {
    state = "waiting"; // sending, processing; done, failed, here (it is there already), skipped, cancelled
    words = "";
    sent = 0; // bytes, with those that are under way
    here = null; // the item that is the same
    isFinal = false; // failed, and the same file would fail again in the same place
    #pieceLength = LEAST_PIECE;
    #url = "";
    #request = null;
    #keepsBoth = false;

    constructor(file, drop, place, sidecar = null) {
      Object.assign(this, { file, drop, place, sidecar, name: file.name, size: file.size });
      this.memory = `${MEMORY}${drop.target}:${file.name}:${file.size}:${file.lastModified}`;
    }

    become(state, words = "") {
      if (this.state === state && this.words === words) return;
      Object.assign(this, { state, words });
      document.dispatchEvent(new CustomEvent("darkroom:uploads"));
    }

    async run() {
      const isHere = this.#keepsBoth && this.#url; // else it was known by its hash, before a byte was sent
      this.become(isHere ? "processing" : "sending");
      try {
        if (isHere) await this.#insist(() => this.#ask("POST", `${this.#url}/keep`));
        else await this.#sendAll();
        if (this.isCancelled) return;
        this.#remember("");
        this.become("done");
      } catch (error) {
        if (this.isCancelled) return;
        if (error.status !== 401) this.#remember("");
        this.here = error.answer?.itemId ? { id: error.answer.itemId, name: error.answer.itemName } : null;
        this.isFinal = HOPELESS.includes(error.status) || (error.status === 404 && !this.#url); // or there is no folder
        this.become(this.here ? "here" : "failed", error.message);
      }
    }

    // The answer to "already here".
    keep() {
      this.#keepsBoth = true;
      this.here = null;
      this.become("waiting");
    }

    cancel(state = "cancelled") {
      const url = this.#url;
      this.become(state);
      this.#request?.abort();
      this.#remember("");
      if (url) this.#ask("DELETE", url).catch(() => {}); // else it is forgotten a day from now
    }

    get isCancelled() {
      return this.state === "cancelled" || this.state === "skipped";
    }

    async #sendAll() {
      if (!(await this.#resume())) await this.#create();
      await this.#send();
    }

    async #resume() {
      this.#url = recall(this.memory);
      if (!this.#url) return false;
      const offset = await this.#offset();
      if (offset === null) this.#remember("");
      this.sent = offset ?? 0;
      return offset !== null;
    }

    async #create() {
      const said = { filename: this.name.slice(-200), filetype: this.file.type, place: String(this.place) };
      const hash = await digest(this.file);
      if (hash) said.sha256 = hash;
      if (!this.#keepsBoth) said.duplicates = "ask";
      // The first of the files that were chosen together is told where it stands, and the others stand with it.
      await this.drop.inTurn(async () => {
        if (this.drop.position) said.position = this.drop.position;
        const metadata = Object.entries(said).filter(([, value]) => value).map(([key, value]) => `${key} ${encode(value)}`);
        const headers = { "Upload-Length": String(this.size), "Upload-Metadata": metadata.join(",") };
        const request = await this.#insist(() => this.#ask("POST", this.drop.target, { headers }));
        this.drop.position ||= request.answer.position;
        this.#remember(request.getResponseHeader("Location"));
      });
      if (this.isCancelled) return this.cancel(this.state); // while the answer was on its way
      if (this.sidecar) await this.#ask("PUT", `${this.#url}/sidecar`, { body: this.sidecar }).catch(() => {}); // only facts
    }

    async #send() {
      for (let failures = 0; !this.isCancelled; ) {
        try {
          if (await this.#sendPiece()) return;
          failures = 0;
        } catch (error) {
          await this.#wait(error, failures++);
          const offset = await this.#offset();
          if (offset === null) throw new Refusal(404, { message: REMOVED });
          this.sent = offset;
        }
      }
    }

    // Whether it was the last one. A file that is there as a whole gets an empty one, and what became of it is said.
    async #sendPiece() {
      const start = this.sent;
      const end = Math.min(this.size, start + this.#pieceLength);
      const began = performance.now();
      const request = await this.#ask("PATCH", this.#url, {
        headers: { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(start) },
        body: this.file.slice(start, end),
        onprogress: ({ loaded, total }) => {
          this.sent = start + Math.min(loaded, end - start);
          this.become(end === this.size && loaded >= total ? "processing" : "sending");
          document.dispatchEvent(new CustomEvent("darkroom:uploads"));
        },
      });
      this.sent = Number(request.getResponseHeader("Upload-Offset"));
      const took = Math.max(20, performance.now() - began);
      this.#pieceLength = Math.round(Math.min(MOST_PIECE, Math.max(LEAST_PIECE, ((end - start) * PIECE_MS) / took)));
      if (this.words) this.become(this.state);
      return this.sent === this.size;
    }

    // How many bytes the gallery has; null: it does not know the file.
    async #offset() {
      try {
        const request = await this.#insist(() => this.#ask("HEAD", this.#url));
        return Number(request.getResponseHeader("Upload-Offset"));
      } catch (error) {
        if (error.status === 404) return null;
        throw error;
      }
    }

    // As long as this page stays open.
    async #insist(ask) {
      for (let failures = 0; ; ) {
        try {
          return await ask();
        } catch (error) {
          await this.#wait(error, failures++);
        }
      }
    }

    async #wait(error, failures) {
      if (this.isCancelled || !error.isPassing) throw error;
      if (!error.status) this.become("sending", AWAY);
      await Promise.race([darkroom.sleep(Math.max(error.retryAfter * 1000, darkroom.backoff(failures))), backOnline()]);
      if (this.isCancelled) throw error;
    }

    #ask(method, url, options = {}) {
      return ask(method, url, { ...options, began: (request) => method !== "DELETE" && (this.#request = request) });
    }

    #remember(url) {
      this.#url = url || this.#url;
      try {
        if (url) localStorage.setItem(this.memory, url);
        else localStorage.removeItem(this.memory);
      } catch {
        // a browser that keeps nothing: then it does not go on after the page was closed
      }
    }
  };
})();
