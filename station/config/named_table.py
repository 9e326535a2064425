# SPDX-License-Identifier: GPL-3.0-or-later
"""One [KIND.NAME] table of station.toml, read key by key: whatever is not understood is refused, and so is what would
hurt: a file among the ledger's, a password in an address, a token over plain http to another machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

from station.codes import Code
from station.config.settings import Config
from station.errors import ConfigError

LOOPBACK = ("localhost", "127.0.0.1", "::1")
Made = TypeVar("Made")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")


class TableFault(Exception):
    """What is wrong with one table."""


class NamedTable:
    """Its name and keys. TableFault for what is not as it must be, from each method."""

    def __init__(self, kind: str, name: str, table: object, config: Config) -> None:
        if not _NAME.fullmatch(name):
            raise TableFault("a name is of letters, digits, - and _, 32 at most")
        if not isinstance(table, dict):
            raise TableFault(f"write [{kind}.{name}] and its keys below")
        self.name = name
        self.keys: Mapping[str, object] = table
        self._config = config

    def __contains__(self, key: str) -> bool:
        return key in self.keys

    def kind(self, kinds: Mapping[str, Collection[str]]) -> str:
        """The one of these keys that it has; `kinds`: what further keys go with each."""
        found = [key for key in kinds if key in self.keys]
        if len(found) != 1:
            raise TableFault(f"it is one of {', '.join(kinds)}")
        further = kinds[found[0]]
        if unknown := [key for key in self.keys if key not in {*further, *found}]:
            raise TableFault(f"{unknown[0]} is not a key of {found[0]}; its keys are {', '.join(sorted(further))}")
        return found[0]

    def text(self, key: str) -> str:
        value = self.keys[key]
        if not isinstance(value, str) or not value or not value.isprintable():
            raise TableFault(f"{key} is a text")
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """A program and its arguments."""
        value = self.keys[key]
        words = value if isinstance(value, list) else []
        if not words or not all(isinstance(word, str) and word and "\0" not in word for word in words):
            raise TableFault(f'{key} is a list of texts, the program first: ["aplay", "fail.wav"]; no shell reads it')
        return tuple(words)

    def number(self, key: str, least: int, most: int, otherwise: int) -> int:
        value = self.keys.get(key, otherwise)
        if type(value) is not int or not least <= value <= most:
            raise TableFault(f"{key} is a number from {least} to {most}")
        return value

    def path(self, key: str) -> Path:
        """A file to be written to: not one of the station's own."""
        return self.writable(key, self.text(key))

    def writable(self, key: str, text: str) -> Path:
        path = Path(text).expanduser()
        if not path.is_absolute():
            raise TableFault(f"{key} is a whole path, from /")
        real = path.resolve()
        config = self._config
        kept = (config.state_dir, config.witness_home, *config.further_witnesses)
        if any(real.is_relative_to(folder.resolve()) for folder in kept):
            raise TableFault(f"{path} is among the ledger's files; choose another folder")
        own = [config.key_path, *([config.path] if config.path else []), config.ledger_path]
        if any(real == one.resolve() or (real.exists() and one.exists() and real.samefile(one)) for one in own):
            raise TableFault(f"{path} is the station's own; choose another file")
        return path

    def named_file(self, key: str) -> Path | None:
        """One that is read when it is needed."""
        return Path(self.text(key)).expanduser() if key in self.keys else None

    def address(
        self,
        key: str,
        *,
        schemes: tuple[str, str] = ("http", "https"),
        instead: str = "token_file names a 0600 file with a bearer token",
    ) -> SplitResult:
        """https://host/path; http:// as well, where no secret goes along. `schemes`: the plain one first;
        `instead` of a password in it."""
        url = self.text(key)
        try:
            parts = urlsplit(url)
            sound = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            sound = False
        if not sound or not url.isascii() or " " in url:
            raise TableFault(f"{key} is an address: {schemes[1]}://host/path")
        if parts.username or parts.password:
            raise TableFault(f"no password in the address; {instead}")
        return parts

    def token(self, parts: SplitResult) -> Path | None:
        """The file with the bearer token that goes to this address."""
        token = self.named_file("token_file")
        if token is not None and parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise TableFault("the token would cross the network readable; write the address as https://")
        return token


def made_of(
    kind: str, tables: Mapping[str, object], make: Callable[[str, object], Made], *, most: int, called: str
) -> list[Made]:
    """What `make` makes of each [KIND.NAME], by name and table. ConfigError E110 with all faults."""
    made, faults = [], []
    if len(tables) > most:
        faults.append(f"there are {len(tables)} {called}, {most} are the most")
    for name, table in tables.items():
        try:
            made.append(make(name, table))
        except TableFault as fault:
            faults.append(f"{kind}.{name}: {fault}")
    if faults:
        do = f"correct it in station.toml; `station {kind} --help` shows every kind"
        raise ConfigError("; ".join(faults), do=do, code=Code.E110)
    return made
