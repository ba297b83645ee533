"""Several server processes behind nginx, as docs/deploy and compose.yaml have them."""
