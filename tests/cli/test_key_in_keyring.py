# SPDX-License-Identifier: GPL-3.0-or-later
"""A key that rests in the system's keyring: it opens the ledger, moves, rotates, and leaves nothing behind; a keyring
that is missing or locked is a sentence with a remedy, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.cli_shell import Shell


def use(shell: Shell, ring: Path, backend: str = "file_keyring.FileKeyring") -> None:
    """From now on, as a user's configuration says it."""
    shell.environment["TEST_KEYRING"] = str(ring)
    rc = Path(shell.environment["XDG_CONFIG_HOME"]) / "python_keyring" / "keyringrc.cfg"
    rc.parent.mkdir(parents=True, exist_ok=True)
    rc.write_text(f"[backend]\ndefault-keyring={backend}\nkeyring-path={Path(__file__).parent}\n")


@pytest.fixture
def ring(shell: Shell) -> Path:
    """The keyring's file; `shell` uses it from now on."""
    path = shell.folder / "keyring.json"
    use(shell, path)
    return path


@pytest.fixture
def kept(shell: Shell, ring: Path) -> Path:
    """The keyring with a stocked ledger's key in it."""
    shell.stock_up("cam1")
    assert shell.apart("key", "move", "--to", "keyring").code == 0
    return ring


def lock(ring: Path) -> Path:
    locked = ring.with_name(f"{ring.name}.locked")
    locked.touch()
    return locked


def entries(ring: Path) -> list[str]:
    return list(json.loads(ring.read_text()).values())


def key_of(shell: Shell) -> dict[str, object]:
    return dict(json.loads((shell.folder / "state" / "station.key").read_bytes()))


def test_a_new_station_may_keep_its_key_there(ring: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    fresh = Shell(tmp_path_factory.mktemp("fresh"))
    use(fresh, ring)
    made = fresh.apart(
        "init", "--file", str(fresh.config), "--state-dir", str(fresh.folder / "state"), "--key", "keyring"
    )
    assert made.code == 0, made.err
    assert len(entries(ring)) == 1
    assert fresh.apart("status").code == 0


def test_moved_there_it_opens_and_the_file_holds_no_key(shell: Shell, kept: Path) -> None:
    [entry] = entries(kept)
    assert not any(entry.encode() in file.read_bytes() for file in (shell.folder / "state").iterdir())
    assert shell.apart("status").code == 0
    assert shell.apart("audit", "verify").code == 0


def test_moved_back_or_rotated_it_leaves_no_old_entry(shell: Shell, kept: Path) -> None:
    [first] = entries(kept)
    rotated = shell.apart("key", "rotate")
    assert rotated.code == 0, rotated.err
    [second] = entries(kept)
    assert second != first
    assert shell.apart("key", "move", "--to", "file").code == 0
    assert entries(kept) == []
    assert shell.apart("status").code == 0


@pytest.mark.parametrize("trouble", ["locked", "emptied", "no backend"])
def test_a_keyring_out_of_reach_is_told_with_its_remedy(shell: Shell, kept: Path, trouble: str) -> None:
    if trouble == "locked":
        lock(kept)
    elif trouble == "emptied":
        kept.write_text("{}")
    else:
        use(shell, kept, "keyring.backends.fail.Keyring")
    for command in (("status",), ("key", "rotate"), ("key", "move", "--to", "file")):
        done = shell.apart(*command)
        assert (done.code, done.err.split()[0]) == (2, "E114"), done
        assert "Traceback" not in done.err
    kept.with_name(f"{kept.name}.locked").unlink(missing_ok=True)


def test_a_key_is_not_moved_into_a_keyring_that_is_locked(shell: Shell, ring: Path) -> None:
    shell.stock_up("cam1")
    lock(ring)
    refused = shell.apart("key", "move", "--to", "keyring")
    assert (refused.code, refused.err.split()[0]) == (2, "E114")
    assert key_of(shell)["wrap"] == "plain"
    assert shell.apart("status").code == 0


def test_an_old_entry_that_cannot_be_removed_is_removed_when_it_can(shell: Shell, kept: Path) -> None:
    before = (shell.folder / "state" / "station.key").read_bytes()
    [entry] = entries(kept)
    name = json.loads(before)["name"]
    moved = {"schema": 1, "wrap": "plain", "key": entry, "forget": name}  # as a move leaves it when the keyring locks
    (shell.folder / "state" / "station.key").write_text(json.dumps(moved))
    locked = lock(kept)
    assert shell.apart("status").code == 0, "the key in use does not need the keyring"
    locked.unlink()
    assert entries(kept) == [entry]
    assert shell.apart("key", "move", "--to", "file").code == 0
    assert entries(kept) == []
    assert "forget" not in key_of(shell)
