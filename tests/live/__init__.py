"""The stream: what is new, who is sent it, and what the page makes of it."""
