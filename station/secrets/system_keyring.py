# SPDX-License-Identifier: GPL-3.0-or-later
"""The system's keyring, by entries under our service name.

A keyring may be missing, locked or without a desktop to ask on; its library then raises errors of many kinds. Promises:
only ours come out: ConfigError E114 for what a person can mend, StationFault when the library is not installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from station.codes import Code
from station.errors import ConfigError, StationFault
from station.extras import install
from station.model import Secret
from station.secrets.memory import keep_out_of_dumps

_SERVICE = "certificate-station"


def keep(name: str, value: str) -> None:
    """A new entry, read back."""
    with _reached() as keyring:
        keyring.set_password(_SERVICE, name, value)
    if read(name).reveal() != value:
        raise StationFault("the keyring gave back another key than it was given", do="keep the key in a file")


def read(name: str) -> Secret:
    """ConfigError E114 when it is missing."""
    keep_out_of_dumps()
    with _reached() as keyring:
        stored = keyring.get_password(_SERVICE, name)
    if stored is None:
        raise ConfigError(f"the keyring has no entry {name}", do="log in as the user who made it", code=Code.E114)
    return Secret(stored)


def forget(name: str) -> None:
    """An entry that is gone already is none the less gone."""
    with _reached() as keyring:
        if keyring.get_password(_SERVICE, name) is not None:
            keyring.delete_password(_SERVICE, name)


@contextmanager
def _reached() -> Iterator[Any]:
    try:
        import keyring  # noqa: PLC0415 - optional
        from keyring.errors import KeyringError  # noqa: PLC0415
    except ImportError as error:
        raise StationFault("the keyring package is missing", do=f"run: {install('keyring')}") from error
    try:
        yield keyring
    except (KeyringError, OSError, RuntimeError) as error:
        raise ConfigError(
            f"the system’s keyring cannot be used ({type(error).__name__})",
            means="it is missing, locked, or another user’s",
            do="unlock it, or log in as the user who made the entry; without a keyring keep the secret in a 0600 file",
            code=Code.E114,
        ) from error
