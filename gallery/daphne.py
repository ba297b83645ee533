"""What Daphne does by itself, and a gallery cannot live with. Importing this mends it; other servers are left alone."""

from __future__ import annotations

from contextlib import suppress

with suppress(ImportError):  # another server
    from daphne.http_protocol import WebRequest
    from daphne.ws_protocol import WebSocketProtocol

    # Else it drops the connection without a word; a frame past its limit is to be told 1009.
    WebSocketProtocol.failByDrop = False

    # Else Twisted takes each form apart before the application hears of it: in memory, in the thread that serves
    # everybody (an upload of 150 MB: 2 GB, and half a minute without a word to anyone), and for anyone who sends one.
    # It is a switch of Twisted's own, which Daphne does not turn; Django reads the form, and only where it may come.
    WebRequest._parsePOSTFormSubmission = property(lambda request: False, lambda request, value: None)
