"""Finding items: what is typed, what it means to either database, and the pages that it leads to."""
