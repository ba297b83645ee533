// What scripts say, in the page's language: the file of that language (gallery/texts/) brings the words, and where there
// is none the English that stands in the scripts is said. `make messages` finds what is said by these two names.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  let words = {};
  let formOf = (n) => Number(n !== 1);

  darkroom.texts = (plural, texts) => {
    formOf = plural;
    words = texts;
  };

  // Dates and numbers as the reader has them, where that is the page's language: "en-GB" on a page in "en".
  const page = document.querySelector("[data-gallery][lang]")?.lang || "en";
  darkroom.language = navigator.languages.find((own) => own.split("-")[0] === page.split("-")[0]) ?? page;
  darkroom.number = new Intl.NumberFormat(darkroom.language);

  const filled = (text, values) =>
    text.replace(/%\((\w+)\)s/g, (_, name) => (typeof values[name] === "number" ? darkroom.number.format(values[name]) : values[name]));

  darkroom.gettext = (text, values = {}) => filled(words[text] ?? text, values);

  darkroom.ngettext = (one, many, count, values = {}) => filled(words[one]?.[formOf(count)] ?? [one, many][Number(count !== 1)], { count, ...values });
})();
