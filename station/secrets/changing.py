# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes where a data key rests, or the key itself, so that a crash at any step leaves a key that opens the ledger.

A changed file is written beside the old one, synced, and takes its place as a whole; the old one's bytes are then
overwritten as far as a disk lets one. A rotation waits in `KEY.next` until the ledger is sealed with it: whichever of
the two the ledger names is its key. What the keyring held before is named in the new file until it is removed there.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import IO, Any

from station.codes import Code
from station.errors import ConfigError, StationFault
from station.model import Secret
from station.secrets import system_keyring
from station.secrets.asked_for import next_of
from station.secrets.keys import AskPassphrase, open_vault, read_data_key, wrapped, wrapped_copy
from station.secrets.vault import Vault, rotated
from station.whole import put_whole, sync_names, write_new

_FORGET = "forget"


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Two changes of one key would each put the other's away. StationFault when another one is under way."""
    handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StationFault("another program changes this key", do="wait until it has ended") from error
        yield


def move(path: Path, ask: AskPassphrase, *, wrap: str, passphrase: Secret | None = None) -> None:
    """The same key, resting otherwise. ConfigError E114 as `open_vault`, E128 for a short passphrase."""
    old = _content(path)
    new = wrapped(read_data_key(path, ask), wrap, passphrase)
    _put(path, new | _to_forget(old))
    forget_old(path)


def export(path: Path, file: Path, passphrase: Secret, ask: AskPassphrase) -> None:
    """The key behind this passphrase, in a 0600 file that is there whole or not at all. ConfigError E126 when `file`
    exists or cannot be written, E128 for a passphrase of less than 12 characters."""
    require_free(file)
    _, content = wrapped_copy(path, passphrase, ask)
    try:
        put_whole(file, content)
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be written: {error.strerror}", do="choose another folder", code=Code.E126
        ) from error


def require_free(file: Path) -> None:
    """ConfigError E126 for a file that is there, or has no folder."""
    if file.exists():
        raise ConfigError(f"{file} exists already", do="choose another name: nothing is overwritten", code=Code.E126)
    if not file.absolute().parent.is_dir():
        raise ConfigError(
            f"{file} cannot be written: there is no folder {file.parent}", do="choose another folder", code=Code.E126
        )


def take_over(path: Path, data_key: bytes, *, wrap: str, passphrase: Secret | None = None) -> None:
    """The key of another bench in the place of the one here, which goes. Errors as `wrapped`."""
    old = _content(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _put(path, wrapped(data_key, wrap, passphrase) | _to_forget(old))
    forget_old(path)


def wrap_of(path: Path) -> str:
    """plain, scrypt or keyring."""
    return str(_content(path).get("wrap"))


def prepare_next(path: Path, ask: AskPassphrase) -> Vault:
    """A rotated key, kept as the present one is, on the disk when it returns."""
    old = _content(path)
    data_key = rotated(read_data_key(path, ask))
    passphrase = ask() if old["wrap"] == "scrypt" else None
    _put(next_of(path), wrapped(data_key, str(old["wrap"]), passphrase) | _to_forget(old))
    return Vault(data_key)


def settle(path: Path, belongs: str | None, ask: AskPassphrase, *, drop: bool = False) -> None:
    """`belongs`: the id of the ledger's key. A rotated key that the ledger is sealed with takes its place; one that it
    never was goes with `drop`, which only the holder of `one_at_a_time` may say. What names neither key is left alone.
    """
    _clear_up(path, drop=drop)
    waiting = next_of(path)
    if waiting.exists():
        with suppress(FileNotFoundError):  # another start was quicker
            if open_vault(waiting, ask).key_id() == belongs:
                _replace(waiting, path)
            elif drop and open_vault(path, ask).key_id() == belongs:
                waiting.unlink()
    forget_old(path)


def _clear_up(path: Path, *, drop: bool) -> None:
    """What a change that was killed had written and not put in its place: it may hold the key in the clear. What cannot
    be removed, in a folder that is read-only just now, is tried again at the next start."""
    left = [one for at in (path, next_of(path)) if (one := _new_of(at)).exists()]
    if left:
        with suppress(StationFault, OSError), nullcontext() if drop else one_at_a_time(path):
            for one in left:
                _overwrite(one.open("r+b"))
                one.unlink()


def forget_old(path: Path) -> None:
    """Remove from the keyring what was there before the last change. One that is out of reach is tried again at the
    next start: the key in use does not need it."""
    content = _content(path) if path.exists() else {}
    if name := content.pop(_FORGET, None):
        with suppress(ConfigError, StationFault):
            system_keyring.forget(str(name))
            _put(path, content)


def is_left_in_keyring(path: Path) -> bool:
    """Whether an entry from before the last change waits to be removed."""
    return _FORGET in _content(path)


def _to_forget(old: dict[str, Any]) -> dict[str, object]:
    return {_FORGET: old["name"]} if old.get("wrap") == "keyring" else {}


def _content(path: Path) -> dict[str, Any]:
    """{} for what is no key file: `open_vault` says so."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _put(path: Path, content: dict[str, object]) -> None:
    new = _new_of(path)
    write_new(new, json.dumps(content))
    _replace(new, path)


def _replace(new: Path, path: Path) -> None:
    """`new` takes the place of `path`, which is overwritten unless it has another name still."""
    old = None
    with suppress(FileNotFoundError):
        old = path.open("r+b")
    new.replace(path)
    sync_names(path.parent)
    if old is not None:
        if os.fstat(old.fileno()).st_nlink == 0:
            _overwrite(old)
        old.close()


def _new_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _overwrite(file: IO[bytes]) -> None:
    with file:
        file.write(b"\0" * os.fstat(file.fileno()).st_size)
        file.flush()
        os.fsync(file.fileno())
