// What is not asked is left out of the address, so that it stays short enough to be shared.
(() => {
  "use strict";
  document.addEventListener("formdata", ({ target, formData }) => {
    if (target.id !== "find") return;
    for (const [name, value] of [...formData]) if (!String(value).trim()) formData.delete(name);
    const order = target.elements.sort;
    if (order && formData.get("sort") === order.dataset.plain) formData.delete("sort");
  });
})();
