from __future__ import annotations

from unittest.mock import patch

from gallery.models.fields import new_id


def test_an_id_does_not_look_like_an_option() -> None:
    with patch("gallery.models.fields.secrets.token_urlsafe", side_effect=["-a", "_b", "c-"]):
        assert new_id() == "c-"
