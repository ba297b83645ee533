// Everybody is sent the same messages; those that this person has put away stay away: the session keeps them, and
// for those who have not signed in, the tab.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const KEPT = "darkroom.dismissed";
  const dismissed = new Set(`${document.body.dataset.dismissed ?? ""} ${sessionStorage.getItem(KEPT) ?? ""}`.split(" "));

  darkroom.dismiss = (id) => {
    dismissed.add(id.replace(/^message-/, ""));
    sessionStorage.setItem(KEPT, [...dismissed].join(" ").trim());
  };

  darkroom.withoutDismissed = (messages) => {
    for (const message of [...messages.children]) if (dismissed.has(message.id.replace(/^message-/, ""))) message.remove();
    return messages;
  };
})();
