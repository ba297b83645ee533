// Where a card stands in this view. Newest first, its own data-order says it. In any other order only the server knows:
// it says with each page the cursor of each card, and the page counts them in the order in which they came.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const known = new Map(); // card's DOM id → {cursor, rank}
  const grid = (page = document) => page.getElementById("grid");

  const isSorted = (darkroom.isSorted = (region) => region.hasAttribute("data-sort"));

  // By name or by size: a card's place there is not what it says of itself.
  const rankOf = (card) => known.get(card.id)?.rank;

  // The cursor of what comes after this card.
  darkroom.cursorOf = (card) => known.get(card.id)?.cursor ?? card.dataset.order;

  // How two roots for the region are ordered; what has no rank comes last.
  darkroom.compare = (region, a, b) => {
    if (isSorted(region)) return (rankOf(a) ?? Infinity) < (rankOf(b) ?? Infinity) ? -1 : 1;
    return (a.dataset.order ?? "") < (b.dataset.order ?? "") ? 1 : -1;
  };

  // Whether the card that is there stands after the one that comes.
  darkroom.isAfter = (region, shown, root) => {
    if (isSorted(region)) return rankOf(shown) > rankOf(root); // false where either has none
    return (shown.dataset.order ?? "") < (root.dataset.order ?? "");
  };

  // Learn the order of a page that was fetched: "anew", or of cards that come "after" or "before" those that are there.
  darkroom.learnOrder = (page, how, cards = darkroom.cards(page)) => {
    if (!grid() || !isSorted(grid())) return;
    if (how === "anew") known.clear();
    const cursors = (grid(page).dataset.cursors ?? "").split(" ");
    const all = darkroom.cards(page);
    const ranks = [...known.values()].map(({ rank }) => rank);
    const first = how === "before" ? Math.min(0, ...ranks) - cards.length : Math.max(-1, ...ranks) + 1;
    cards.forEach((card, index) => {
      const isThere = how !== "anew" && known.has(card.id) && grid().contains(document.getElementById(card.id));
      if (!isThere) known.set(card.id, { cursor: cursors[all.indexOf(card)], rank: first + index });
    });
  };

  darkroom.forgetOrder = (cards) => {
    for (const card of cards) known.delete(card.id);
  };

  // Of these cards, as they stand on the page, as few as possible that must move for all to stand in their order.
  darkroom.misplaced = (cards) => {
    const rows = cards.filter((card) => rankOf(card) !== undefined).map((card) => ({ card, rank: rankOf(card), length: 1, from: null }));
    let best = null;
    rows.forEach((row, index) => {
      for (const other of rows.slice(0, index)) if (other.rank < row.rank && other.length >= row.length) Object.assign(row, { length: other.length + 1, from: other });
      if (!best || row.length > best.length) best = row;
    });
    const moving = new Set(rows.map(({ card }) => card.id));
    for (let row = best; row; row = row.from) moving.delete(row.card.id);
    return moving;
  };
})();
