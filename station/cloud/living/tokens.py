# SPDX-License-Identifier: GPL-3.0-or-later
"""One cloudToken per project for all processes of a PC, in a 0600 file.

Asking for a second token kills the first, so two processes that each ask log each other out for ever. Rules: whoever
needs a token reads the file; whoever must make one holds the lock beside it, reads the file again, and only then asks
the cloud, once. At 80 % of its life a token is refreshed, which leaves the old one good for five minutes, enough for
the calls of other processes that are under way.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from station.cloud.strict_json import as_object, garbled, optional_number, optional_text, strict
from station.errors import CloudFault, StationFault
from station.model import Secret
from station.whole import put_whole

DEFAULT_LIFE_S = 7200.0
_RENEW_AT = 0.8
_SECONDS_BELOW = 100_000  # a life below this is in seconds, else in milliseconds: the documents disagree


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A cloudToken. Times are Unix seconds of this PC."""

    value: Secret
    issued_at: float
    life_s: float

    def is_fresh(self, now: float) -> bool:
        """False too when it comes from the future: the clock was set back, so its age is unknown."""
        return 0 <= now - self.issued_at < self.life_s * _RENEW_AT

    def is_alive(self, now: float) -> bool:
        return 0 <= now - self.issued_at < self.life_s


def token_from(data: object, where: str) -> Token:
    """From the answer of /cloud/token or its refresh: cloudToken or iotToken, expireIn or expiresIn, s or ms."""
    table = as_object(data, where)
    value = optional_text(table, "cloudToken", where) or optional_text(table, "iotToken", where)
    if not value:
        raise garbled(where, "“cloudToken” is missing")
    if len(value) > 1024 or not value.isascii() or not value.isprintable():
        raise garbled(where, "“cloudToken” is no token")
    life = optional_number(table, "expireIn", where) or optional_number(table, "expiresIn", where)
    life_s = DEFAULT_LIFE_S if not life else float(life) if life < _SECONDS_BELOW else life / 1000
    return Token(value=Secret(value), issued_at=time.time(), life_s=life_s)


class TokenCache:
    """The shared file. `ask` gets a new token, `refresh` prolongs one; both call the cloud and may raise CloudFault."""

    def __init__(
        self, folder: Path, owner: tuple[str, ...], *, ask: Callable[[], Token], refresh: Callable[[Token], Token]
    ) -> None:
        """`owner`: what the token belongs to (address, app key, project); names the file without showing it."""
        name = hashlib.sha256("\0".join(owner).encode()).hexdigest()[:16]
        self._path = folder / f"cloud-token-{name}.json"
        self._lock = folder / f"cloud-token-{name}.lock"
        self._ask = ask
        self._refresh = refresh

    def get(self) -> Secret:
        """A token to use now."""
        token = self._read()
        if token and token.is_fresh(time.time()):
            return token.value
        with self._locked():
            token = self._read()
            now = time.time()
            if token and token.is_fresh(now):
                return token.value
            return self._renew(token if token and token.is_alive(now) else None)

    def replace(self, refused: Secret) -> Secret:
        """After the cloud refused a token: another process's newer one, or else a new one."""
        with self._locked():
            token = self._read()
            if token and token.value != refused and token.is_alive(time.time()):
                return token.value
            return self._renew(None)

    def _renew(self, old: Token | None) -> Secret:
        new = None
        if old:
            with suppress(CloudFault):  # it may have died meanwhile: then a new one
                new = self._refresh(old)
        new = new or self._ask()
        self._write(new)
        return new.value

    def _read(self) -> Token | None:
        """None for a file that is absent, damaged, or readable by others; it will be replaced."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            if os.fstat(descriptor).st_mode & 0o077:
                return None
            try:
                table: Any = strict(file.read(4096).decode())
                return Token(
                    value=Secret(str(table["token"])),
                    issued_at=float(table["issued_at"]),
                    life_s=float(table["life_s"]),
                )
            except (ValueError, TypeError, KeyError):
                return None

    def _write(self, token: Token) -> None:
        content = {"token": token.value.reveal(), "issued_at": token.issued_at, "life_s": token.life_s}
        try:  # under the lock: one part, so that a killed process leaves nothing behind for long
            put_whole(self._path, json.dumps(content))
        except OSError as error:
            raise _no_place(self._path, error) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Other threads and processes wait here; a killed holder's lock is freed by the kernel."""
        try:
            self._lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _no_place(self._lock, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _no_place(path: Path, error: OSError) -> StationFault:
    return StationFault(f"cannot keep the cloud token in {path.parent}: {error.strerror}", do="check disk and rights")
