# SPDX-License-Identifier: GPL-3.0-or-later
"""The system's keyring is believed as far as it gives back what it was given: a key that it lost opens nothing."""

from __future__ import annotations

from pathlib import Path

import keyring
import pytest
from keyring.errors import PasswordDeleteError

from station.errors import ConfigError, StationFault
from station.secrets import system_keyring
from station.secrets.keys import create_key, open_vault


class ShortKeyring:
    """Of an entry it keeps as many characters as it has room for."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.kept: dict[str, str] = {}

    def get_password(self, _service: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, _service: str, username: str, password: str) -> None:
        self.kept[username] = password[: self.room]

    def delete_password(self, _service: str, username: str) -> None:
        if username not in self.kept:
            raise PasswordDeleteError("no such entry")
        del self.kept[username]


@pytest.fixture
def ring(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ShortKeyring:
    """To choose it as the user's would look for each one that this PC has."""
    made = ShortKeyring(request.param)
    monkeypatch.setattr(keyring, "get_password", made.get_password)
    monkeypatch.setattr(keyring, "set_password", made.set_password)
    monkeypatch.setattr(keyring, "delete_password", made.delete_password)
    return made


@pytest.mark.parametrize("ring", [43], indirect=True)
def test_no_key_is_kept_where_less_comes_back_than_was_given(ring: ShortKeyring, tmp_path: Path) -> None:
    with pytest.raises(StationFault, match="another key"):
        create_key(tmp_path / "key", wrap="keyring")
    assert [len(text) for text in ring.kept.values()] == [43]
    assert not (tmp_path / "key").exists()


@pytest.mark.parametrize("ring", [44], indirect=True)
def test_an_entry_that_is_gone_is_told(ring: ShortKeyring, tmp_path: Path) -> None:
    create_key(tmp_path / "key", wrap="keyring")
    open_vault(tmp_path / "key")
    ring.kept.clear()
    with pytest.raises(ConfigError, match="no entry"):
        open_vault(tmp_path / "key")


@pytest.mark.parametrize("ring", [44], indirect=True)
def test_an_entry_that_is_gone_already_is_forgotten_none_the_less(ring: ShortKeyring) -> None:
    """Else its name would stay in the key file, and each start would ask for it again."""
    ring.kept["old"] = "x"
    for _ in range(2):
        system_keyring.forget("old")
    assert ring.kept == {}
