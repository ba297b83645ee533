// How files come to the page: chosen, dropped (folders too) or pasted.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext, ngettext } = darkroom;

  const MOST_FILES = 5000;
  const NAMES_SAID = 3; // of what cannot be read
  const NOT_MEANT = /^(\.|Thumbs\.db$|desktop\.ini$)/i; // what systems leave in folders
  const SIDECAR_BYTES = 256 * 1024;
  const TOO_MANY = gettext("More than %(count)s files at once: the others were left out.", { count: MOST_FILES });
  let depth = 0; // of elements that a drag has entered

  // A JSON file beside a picture of the same name tells how that was made; it is no item of its own.
  function take(files) {
    const chosen = files.filter((file) => !NOT_MEANT.test(file.name));
    if (chosen.length > MOST_FILES) darkroom.notice(TOO_MANY, "too_large");
    const sidecars = new Map();
    for (const file of chosen) if (/\.json$/i.test(file.name) && file.size <= SIDECAR_BYTES) sidecars.set(pathOf(file), file);
    const used = new Set();
    const entries = [];
    for (const file of chosen) {
      if (sidecars.get(pathOf(file)) === file) continue;
      const path = pathOf(file);
      const isMedia = /^(image|video|audio)\//.test(file.type);
      const sidecar = isMedia && (sidecars.get(`${path}.json`) ?? sidecars.get(path.replace(/\.[^./]*$/, ".json")));
      if (sidecar) used.add(sidecar);
      entries.push({ file, sidecar: sidecar || null });
    }
    for (const file of sidecars.values()) if (!used.has(file)) entries.push({ file });
    darkroom.upload(entries.slice(0, MOST_FILES));
  }

  const pathOf = (file) => file.darkroomPath ?? (file.webkitRelativePath || file.name);

  // Choosing: with script there is no second button to press.

  document.addEventListener("change", (event) => {
    const input = event.target.closest?.("[data-upload-files]");
    if (!input?.files.length || !darkroom.mayUpload()) return;
    take([...input.files]);
    input.value = "";
    input.closest("details.menu")?.removeAttribute("open");
  });

  document.addEventListener("DOMContentLoaded", () => {
    for (const element of document.querySelectorAll("[data-with-script]")) element.hidden = false;
    for (const element of document.querySelectorAll("[data-without-script]")) element.hidden = true;
    for (const input of document.querySelectorAll("[data-upload-files]")) input.required = false;
  });

  // Dropping

  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files") && darkroom.mayUpload();

  document.addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth += 1;
    show(true);
  });

  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });

  document.addEventListener("dragleave", (event) => {
    if (!carriesFiles(event)) return;
    depth -= 1;
    if (depth <= 0) show(false);
  });

  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    show(false);
    gather(event.dataTransfer).then(take);
  });

  function show(isOver) {
    if (!isOver) depth = 0;
    document.getElementById("drop")?.toggleAttribute("hidden", !isOver);
  }

  // The entries must be asked for before the first wait: the browser takes them back after the event.
  async function gather(data) {
    const entries = [...data.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
    const files = [];
    const unread = []; // names
    for (const entry of entries) await walk(entry, "", files, unread);
    if (unread.length) darkroom.notice(unreadWords(unread), "invalid");
    return files;
  }

  function unreadWords(names) {
    const words = names.slice(0, NAMES_SAID).map((name) => gettext("“%(name)s” cannot be read.", { name }));
    const more = names.length - NAMES_SAID;
    if (more > 0) words.push(ngettext("Nor can %(count)s more.", "Nor can %(count)s more.", more));
    return words.join(" ");
  }

  async function walk(entry, folder, files, unread) {
    if (!entry || files.length > MOST_FILES || NOT_MEANT.test(entry.name)) return;
    if (entry instanceof File) return files.push(entry);
    try {
      if (entry.isFile) {
        const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
        file.darkroomPath = `${folder}${file.name}`;
        files.push(file);
      } else {
        const reader = entry.createReader();
        const read = () => new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        for (let some = await read(); some.length; some = await read()) {
          for (const child of some) await walk(child, `${folder}${entry.name}/`, files, unread);
        }
      }
    } catch {
      unread.push(entry.name);
    }
  }

  // Pasting: a picture from the clipboard has no name of its own.

  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || !darkroom.mayUpload() || event.target.closest?.("input, textarea, [contenteditable]")) return;
    event.preventDefault();
    take(files.map((file) => (/^image\.\w+$/.test(file.name) ? renamed(file) : file)));
  });

  function renamed(file) {
    const now = new Date();
    const local = new Date(now - now.getTimezoneOffset() * 60000).toISOString();
    const when = `${local.slice(0, 10)} ${local.slice(11, 19).replaceAll(":", ".")}`;
    const name = gettext("Pasted %(when)s", { when });
    return new File([file], `${name}.${file.name.split(".").pop()}`, { type: file.type, lastModified: file.lastModified });
  }
})();
