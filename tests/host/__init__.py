"""Somebody's project, made of the blocks of docs/embed.md: its page has the component in it."""
