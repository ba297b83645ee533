// The component on a page of somebody else's. What it does there, that page is told by events, and may do otherwise.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const root = document.querySelector("div[data-gallery]");
  darkroom.isEmbedded = true;
  if (!root) return;
  // The gallery's scripts ask the body for these.
  for (const name of ["role", "user", "dismissed", "healthz"]) document.body.dataset[name] = root.dataset[name];

  // Whether nobody wants to do it in another way.
  function tell(name, detail, cancelable = false) {
    return root.dispatchEvent(new CustomEvent(`gallery:${name}`, { bubbles: true, cancelable, detail }));
  }

  const selected = () => ({ items: darkroom.selection.ids, count: darkroom.selection.size, all: darkroom.selection.isAll });
  document.addEventListener("darkroom:selection", () => tell("selection", selected()));

  // Before the gallery's own scripts hear of it.
  addEventListener(
    "click",
    (event) => {
      if (!root.contains(event.target) || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (!goesOn(event.target)) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
    },
    true,
  );

  function goesOn(target) {
    const link = target.closest(".item__link");
    if (link) {
      if (document.body.hasAttribute("data-selecting")) return true; // it selects
      const card = link.closest(".item");
      return tell("preview", { item: card.id.slice("item-".length), name: card.dataset.name, href: link.href }, true);
    }
    const button = target.closest("#selection [data-action], button[form=actions][formaction]");
    if (!button || button.disabled || button.getAttribute("aria-disabled") === "true") return true;
    const path = (button.getAttribute("formaction") ?? "").split("/").filter(Boolean);
    const item = button.closest(".item")?.id.slice("item-".length);
    const subject = button.dataset.action ? selected() : { items: item ? [item] : [], count: item ? 1 : 0, all: false };
    return tell("action", { action: button.dataset.action ?? path.at(-1), ...subject }, true);
  }
})();
