# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may ask for certificates: clients by name, each with a token that is said once and kept as its SHA-256.

A token is 32 random bytes, so that a plain hash of it tells nobody anything. The file is read anew for each request:
a client that was removed is out at once. Who changes it has it alone: of two at once neither undoes the other's.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from station.codes import Code
from station.errors import ConfigError, StationFault
from station.model import Secret
from station.secrets.keys import require_private
from station.whole import put_whole

MOST: Final = 64
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineClient:
    """`since`: ISO 8601, UTC."""

    name: str
    sha256: str
    since: str

    @property
    def slot(self) -> str:
        """What it is called among the slots."""
        return f"serve/{self.name}"


class Clients:
    """`path`: a 0600 file in the state folder; there is no client where there is none."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def all(self) -> Sequence[LineClient]:
        """ConfigError E114 for a file that others may read, or that is none of ours."""
        if not self.path.exists():
            return ()
        require_private(self.path)
        try:
            return tuple(LineClient(**one) for one in json.loads(self.path.read_text("utf-8"))["clients"])
        except OSError as error:
            raise ConfigError(
                f"cannot read {self.path}: {error.strerror}", do="check its permissions", code=Code.E114
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            do = "take the file away and give each client a new token"
            raise ConfigError(f"{self.path} is no list of clients", do=do, code=Code.E114) from error

    def who(self, token: str) -> LineClient | None:
        """Whose it is, in a time that says nothing of how much of it was right."""
        given, found = _hash(token), None
        for client in self.all():
            if hmac.compare_digest(given, client.sha256):
                found = client
        return found

    def add(self, name: str) -> Secret:
        """Its token, which nobody can ask for again. ConfigError E113 for a name that is none, or is taken.
        StationFault where the file cannot be written."""
        if not _NAME.fullmatch(name):
            raise _refused(f"{name} is no name", "letters and digits, then also . _ -; 32 at most")
        token = Secret(secrets.token_urlsafe(32))
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._changed() as clients:
            if any(client.name == name for client in clients):
                raise _refused(f"client {name} has a token", f"take it first: station serve token remove {name}")
            if len(clients) >= MOST:
                raise _refused(f"there are {MOST} clients already", "remove one: station serve token list")
            clients.append(LineClient(name=name, sha256=_hash(token.reveal()), since=now))
        return token

    def remove(self, name: str) -> None:
        """ConfigError E113 where there is none."""
        with self._changed() as clients:
            left = [client for client in clients if client.name != name]
            if len(left) == len(clients):
                raise _refused(f"there is no client {name}", "see: station serve token list")
            clients[:] = left

    @contextmanager
    def _changed(self) -> Iterator[list[LineClient]]:
        """The list as it is; as the block leaves it, it is kept."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # there may be no ledger yet
            lock = os.open(self.path.with_name(f".{self.path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with os.fdopen(lock, "r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                clients = list(self.all())
                yield clients
                text = json.dumps({"schema": 1, "clients": [asdict(client) for client in clients]}, indent=1) + "\n"
                put_whole(self.path, text)
        except OSError as error:
            do = "make the folder writable, or free the disk"
            raise StationFault(f"{self.path} was not written: {error.strerror}", do=do) from error


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _refused(what: str, do: str) -> ConfigError:
    return ConfigError(what, do=do, code=Code.E113)
