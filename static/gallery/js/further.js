// A search whose words are common, but hardly ever together: its first page comes at once, with what is near, and it goes
// on by itself to the rest, which takes longer.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext } = darkroom;

  const further = (darkroom.further = {
    isSoFar: () => document.getElementById("pager")?.dataset.soFar !== undefined,
    // To what follows this page; what stands where there is no card says whether all has been looked through.
    turn(plan, page) {
      darkroom.turnPager(plan, page);
      const empty = page.getElementById("empty");
      if (empty && document.getElementById("empty")) plan.swap(empty);
    },
    tell() {
      if (darkroom.cards().length) return;
      const said = further.isSoFar() ? gettext("Nothing found so far. Looking further.") : document.querySelector("#empty .empty__title")?.textContent;
      if (said) darkroom.say("further", said, { soon: true });
    },
  });
})();
