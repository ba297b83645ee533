"""The way out: what changed becomes fragments, and fragments reach every page that shows the folder."""
