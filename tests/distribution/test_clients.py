# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may ask, changed by several at once: a token that was said counts, and one that was taken stays taken."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from station.distribution.clients import Clients
from station.errors import ConfigError


def test_of_changes_at_once_none_undoes_another(tmp_path: Path) -> None:
    clients = Clients(tmp_path / "clients.json")
    gone = [clients.add(f"gone-{number}").reveal() for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        added = [pool.submit(clients.add, f"new-{number}") for number in range(8)]
        taken = [pool.submit(clients.remove, f"gone-{number}") for number in range(8)]
        tokens = [one.result().reveal() for one in added]
        for one in taken:
            one.result()
    assert [who.name for token in tokens if (who := clients.who(token))] == [f"new-{number}" for number in range(8)]
    assert [clients.who(token) for token in gone] == [None] * 8


def test_there_is_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request is held against each of them."""
    monkeypatch.setattr("station.distribution.clients.MOST", 1)
    clients = Clients(tmp_path / "clients.json")
    clients.add("first")
    with pytest.raises(ConfigError, match="1 clients already"):
        clients.add("second")
    clients.remove("first")
    assert clients.who(clients.add("second").reveal()) is not None


def test_a_list_that_cannot_be_read_is_said_as_it_is(tmp_path: Path) -> None:
    there = tmp_path / "clients.json"
    there.mkdir(mode=0o700)
    with pytest.raises(ConfigError, match="Is a directory") as caught:
        Clients(there).all()
    assert caught.value.code == "E114"
