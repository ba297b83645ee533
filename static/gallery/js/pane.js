// One item, large: at once what its card shows, then the file itself. It follows its card, and its player plays on.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext } = darkroom;

  const KEPT_PAGES = 24;
  const GLANCE_MS = 60; // who runs through the pictures sees thumbnails, and fetches nothing
  const UNREADABLE = gettext("The file could not be loaded.");
  const pages = new Map(); // item id → {mark, detail: promise}

  const cardOf = (id) => document.getElementById(`item-${id}`);
  const isFinished = (card) => card.classList.contains("item--finished");

  // What the item's own page says of it: its file, and the facts that this person may read. Asked again where the card changed.
  darkroom.itemPage = (card) => {
    const id = card.id.slice("item-".length);
    const mark = isFinished(card) ? card.dataset.revision : card.className;
    const kept = pages.get(id);
    pages.delete(id);
    pages.set(id, kept?.mark === mark ? kept : { mark, detail: ask(card.querySelector(".item__link").href).catch(() => pages.delete(id) && null) });
    if (pages.size > KEPT_PAGES) pages.delete(pages.keys().next().value);
    return pages.get(id).detail;
  };

  async function ask(url) {
    const answer = await fetch(url, { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) throw new Error("no page");
    return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("detail");
  }

  // Fetched, and its picture too: it is there before it is asked for.
  darkroom.preload = async (card) => {
    if (!card || !isFinished(card)) return;
    const picture = (await darkroom.itemPage(card))?.querySelector("img.stage__picture");
    if (picture) new Image().src = picture.getAttribute("src");
  };

  darkroom.Pane = class {
    #source = null; // the file that is shown

    constructor(id) {
      this.id = id;
      this.element = make("figure", "pane");
      this.name = make("figcaption", "pane__name");
      this.name.dir = "auto";
      this.frame = make("div", "pane__frame");
      this.element.append(this.frame, this.name);
      this.zoom = darkroom.zoom(this.frame);
    }

    get player() {
      return this.frame.querySelector("video, audio");
    }

    // Shows what the card says now.
    async update() {
      const card = cardOf(this.id);
      if (!card) return;
      this.isGone = false; // it came back
      this.element.classList.remove("pane--gone");
      this.name.textContent = card.dataset.name;
      if (!isFinished(card)) return this.#showSheet(card);
      if (!this.frame.firstChild) {
        this.#showThumbnail(card);
        await darkroom.sleep(GLANCE_MS);
        if (!this.element.isConnected) return;
      }
      const detail = await darkroom.itemPage(card);
      if (this.element.isConnected && cardOf(this.id)) this.#showFile(detail);
    }

    #showThumbnail(card) {
      const thumbnail = card.querySelector(".item__picture");
      if (!thumbnail?.naturalWidth) return;
      this.#put(picture(thumbnail.currentSrc || thumbnail.src, thumbnail.naturalWidth, thumbnail.naturalHeight, "pane__picture--coarse"));
    }

    // While it develops or has failed: the card's own parts, each changed only where it differs.
    #showSheet(card) {
      this.#source = null;
      let sheet = this.frame.querySelector(":scope > .pane__sheet");
      if (!sheet) this.#put((sheet = make("div", "")));
      sheet.className = `pane__sheet ${card.className}`;
      const parts = [...card.querySelectorAll(":scope > :is(.item__picture, .developing, .item__words)")].map((part) => {
        const copy = part.cloneNode(true);
        for (const element of [copy, ...copy.querySelectorAll("[id]")]) element.removeAttribute("id");
        copy.removeAttribute("loading");
        return copy;
      });
      parts.forEach((part, index) => {
        const shown = sheet.children[index];
        if (!shown) sheet.append(part);
        else if (!shown.isEqualNode(part)) shown.replaceWith(part);
      });
      while (sheet.children.length > parts.length) sheet.lastChild.remove();
    }

    async #showFile(detail) {
      const shown = detail?.querySelector(".stage__picture, .stage__sound") ?? detail?.querySelector(".stage__sheet");
      const source = shown?.getAttribute("src") ?? shown?.innerHTML;
      if (!shown && !this.frame.firstChild) this.#put(words(UNREADABLE));
      if (!shown || source === this.#source) return;
      this.#source = source;
      if (shown.localName === "img") {
        const image = picture(source, shown.width, shown.height);
        image.alt = shown.alt;
        const isReadable = await image.decode().then(() => true, () => false);
        if (source !== this.#source) return; // another one meanwhile
        this.#put(isReadable ? image : words(UNREADABLE));
      } else {
        const copy = (shown.localName === "video" ? shown : detail.querySelector(".stage__sheet")).cloneNode(true);
        for (const element of [copy, ...copy.querySelectorAll("*")]) for (const name of ["id", "hx-preserve"]) element.removeAttribute(name);
        copy.classList.add("pane__media");
        this.#put(copy);
      }
    }

    #put(element) {
      const isSameShape = element.localName === "img" && this.frame.firstChild?.localName === "img";
      this.frame.replaceChildren(element);
      if (!isSameShape) this.zoom.reset();
    }

    // Another one is shown now.
    leave() {
      this.player?.pause();
      this.zoom.end();
    }

    // It was removed: what is shown stays, without its light.
    lose() {
      this.isGone = true;
      this.player?.pause();
      this.element.classList.add("pane--gone");
    }
  };

  function make(name, className) {
    const element = document.createElement(name);
    if (className) element.className = className;
    return element;
  }

  function words(sentence) {
    const sheet = make("p", "pane__words");
    sheet.textContent = sentence;
    return sheet;
  }

  function picture(source, width, height, kind = "") {
    const image = make("img", `pane__picture ${kind}`.trim());
    Object.assign(image, { src: source, draggable: false, alt: "" });
    if (width && height) image.style.setProperty("--shape", `${width} / ${height}`);
    if (width) image.style.setProperty("--width", `${width}px`);
    return image;
  }
})();
