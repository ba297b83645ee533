"""All that can break is broken, in an order that a seed decides; in the end nothing is lost, doubled or stale."""
