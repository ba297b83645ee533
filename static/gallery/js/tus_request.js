// What is said to the gallery about one file that is sent in pieces (tus 1.0), and what of it is refused.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext } = darkroom;

  const MOST_HASHED = 64 * 1024 * 1024; // the browser needs such a file in memory; larger ones are hashed by the server
  const SIGNED_OUT = gettext("You have been signed out. Sign in and choose the file again: it goes on.");

  class Refusal extends Error {
    constructor(status, answer, request) {
      super(status === 401 ? SIGNED_OUT : answer?.message || gettext("The gallery answered %(status)s.", { status: String(status) }));
      Object.assign(this, { status, answer, retryAfter: Number(request?.getResponseHeader("Retry-After") ?? 0) });
    }

    // Whether the same may well succeed in a while.
    get isPassing() {
      return !this.status || this.status >= 500 || this.status === 423 || this.status === 429 || (this.status === 409 && this.answer && !this.answer.itemId);
    }
  }

  // XMLHttpRequest, for only that tells how much of a body is sent. `began` gets it, to be stopped by.
  function ask(method, url, { headers = {}, body = null, onprogress = null, began = null } = {}) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      began?.(request);
      request.open(method, url);
      const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
      const all = { "Tus-Resumable": "1.0.0", "X-CSRFToken": token, ...headers };
      for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
      if (onprogress) request.upload.onprogress = onprogress;
      request.onerror = request.onabort = () => reject(new Refusal(0));
      request.onload = () => {
        request.answer = parse(request.responseText);
        if (request.status < 300) resolve(request);
        else reject(new Refusal(request.status, request.answer, request));
      };
      request.send(body);
    });
  }

  const encode = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  const backOnline = () => new Promise((done) => addEventListener("online", done, { once: true }));

  function parse(text) {
    try {
      return JSON.parse(text);
    } catch {
      return null;
    }
  }

  function recall(memory) {
    try {
      const url = localStorage.getItem(memory) ?? "";
      return /^\/(?!\/)/.test(url) ? url : "";
    } catch {
      return "";
    }
  }

  async function digest(file) {
    if (!crypto.subtle || file.size > MOST_HASHED) return "";
    try {
      const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
      return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    } catch {
      return ""; // a file that cannot be read says so when it is sent
    }
  }

  darkroom.tus = { Refusal, ask, backOnline, digest, encode, recall };
})();
