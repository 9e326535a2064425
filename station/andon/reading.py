# SPDX-License-Identifier: GPL-3.0-or-later
"""[andon.NAME] of station.toml → outputs. One key says what kind it is; whatever is not understood is refused.

Refused as well is what would hurt: a file among the ledger's, a board's or the scanner's port as a light tower, a
password in an address, a token over plain http to another machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from station.andon.andon import Andon
from station.andon.command import CommandOutput
from station.andon.file import FileOutput
from station.andon.light import WORRIES, Light
from station.andon.output import Output
from station.andon.pipe import PipeOutput
from station.andon.post import PostOutput
from station.andon.sound import BellOutput, SoundOutput
from station.andon.tower import BAUD, TowerOutput
from station.codes import Code
from station.config.settings import Config
from station.errors import ConfigError
from station.targets.slots import SlotSpec, is_fixed, is_numbered, same_port, topology_key

MOST = 16
_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
_MOST_BYTES = 64  # that show one state
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_Table = Mapping[str, object]


def andon_of(config: Config, slots: Sequence[SlotSpec] = ()) -> Andon:
    """All outputs of the configuration; `slots`: those of a run, beside the configured ones. ConfigError E110 with all
    faults.
    """
    outputs, faults = [], []
    if len(config.andon) > MOST:
        faults.append(f"there are {len(config.andon)} outputs, {MOST} are the most")
    for name, table in config.andon.items():
        try:
            outputs.append(_Reader(name, table, config, slots).output())
        except _Fault as fault:
            faults.append(f"andon.{name}: {fault}")
    if faults:
        do = "correct it in station.toml; `station andon --help` shows every kind"
        raise ConfigError("; ".join(faults), do=do, code=Code.E110)
    return Andon(outputs, bench=config.text("bench.name"))


class _Fault(Exception):
    """What is wrong with one output."""


class _Reader:
    def __init__(self, name: str, table: object, config: Config, slots: Sequence[SlotSpec]) -> None:
        self._name = name
        self._config = config
        self._slots = [*slots, *(SlotSpec(name=line.name, path=line.path) for line in config.slots)]
        if not _NAME.fullmatch(name):
            raise _Fault("a name is of letters, digits, - and _, 32 at most")
        if not isinstance(table, dict):
            raise _Fault(f"write [andon.{name}] and its keys below")
        self._table: _Table = table

    def output(self) -> Output:
        kinds: dict[str, tuple[Callable[[], Output], set[str]]] = {
            "file": (lambda: FileOutput(name=self._name, path=self._path("file"), on=self._on()), {"on"}),
            "pipe": (lambda: PipeOutput(self._name, self._path("pipe"), self._on()), {"on"}),
            "command": (lambda: CommandOutput(self._name, self._words("command"), self._on()), {"on"}),
            "post": (self._post, {"on", "token_file"}),
            "lights": (self._tower, {"baud", "bytes"}),
            "bell": (self._bell, {"on"}),
            "sound": (lambda: SoundOutput(self._name, self._words("sound"), self._on(WORRIES)), {"on"}),
        }
        kind = [key for key in kinds if key in self._table]
        if len(kind) != 1:
            raise _Fault(f"it is one of {', '.join(kinds)}")
        make, further = kinds[kind[0]]
        if unknown := [key for key in self._table if key not in further | set(kind)]:
            raise _Fault(f"{unknown[0]} is not a key of {kind[0]}; its keys are {', '.join(sorted(further))}")
        return make()

    def _text(self, key: str) -> str:
        value = self._table[key]
        if not isinstance(value, str) or not value or not value.isprintable():
            raise _Fault(f"{key} is a text")
        return value

    def _words(self, key: str) -> tuple[str, ...]:
        value = self._table[key]
        words = value if isinstance(value, list) else []
        if not words or not all(isinstance(word, str) and word and "\0" not in word for word in words):
            raise _Fault(f'{key} is a list of texts, the program first: ["aplay", "fail.wav"]; no shell reads it')
        return tuple(words)

    def _on(self, otherwise: Sequence[Light] | None = None) -> frozenset[Light] | None:
        if "on" not in self._table:
            return frozenset(otherwise) if otherwise else None
        value = self._table["on"]
        known = set(Light) - {Light.OFF}
        if not isinstance(value, list) or not value or not all(isinstance(w, str) and w in known for w in value):
            raise _Fault(f"on is a list of {', '.join(light for light in Light if light in known)}")
        return frozenset(Light(word) for word in value)

    def _path(self, key: str) -> Path:
        path = Path(self._text(key)).expanduser()
        if not path.is_absolute():
            raise _Fault(f"{key} is a whole path, from /")
        real = path.resolve()
        kept = (self._config.state_dir, self._config.witness_home, *self._config.further_witnesses)
        if any(real.is_relative_to(folder.resolve()) for folder in kept):
            raise _Fault(f"{path} is among the ledger's files; choose another folder")
        if real in (self._config.key_path.resolve(), self._config.path and self._config.path.resolve()):
            raise _Fault(f"{path} is the station's own; choose another file")
        return path

    def _post(self) -> Output:
        url = self._text("post")
        try:
            parts = urlsplit(url)
            sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            sound = False
        if not sound or not url.isascii() or " " in url:
            raise _Fault("post is an address: https://host/path")
        if parts.username or parts.password:
            raise _Fault("no password in the address; token_file names a 0600 file with a bearer token")
        token = Path(self._text("token_file")).expanduser() if "token_file" in self._table else None
        if token is not None and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise _Fault("the token would cross the network readable; write the address as https://")
        return PostOutput(self._name, url, token, self._on())

    def _bell(self) -> Output:
        if self._table["bell"] is not True:
            raise _Fault("bell = true, or leave it out")
        return BellOutput(name=self._name, on=self._on(WORRIES))

    def _tower(self) -> Output:
        path = self._text("lights")
        if not is_fixed(path) and not topology_key(path):
            raise _Fault(f"{path} is neither a USB topology, as `station slots` prints it, nor a port")
        if is_numbered(path):
            raise _Fault(f"{path} is numbered in the order of plugging in, and may be a board's next time")
        for slot in self._slots:
            if _is_one(path, slot.path):
                raise _Fault(f"{path} is slot {slot.name}: a board is there")
        if _is_one(path, self._config.text("bench.scanner")):
            raise _Fault(f"{path} is the scanner")
        baud = self._table.get("baud", BAUD)
        if type(baud) is not int or not 50 <= baud <= 4_000_000:
            raise _Fault("baud is a number from 50 to 4000000")
        return TowerOutput(self._name, path, self._shown(), baud)

    def _shown(self) -> dict[Light, bytes]:
        table = self._table.get("bytes")
        if not isinstance(table, dict) or Light.OFF not in table or len(table) < 2:
            raise _Fault('bytes says in hex what shows each state, OFF among them: { OFF = "A0 01 00 A1", FAIL = "…" }')
        shown = {}
        for word, text in table.items():
            if word not in set(Light):
                raise _Fault(f"bytes: {word} is none of {', '.join(Light)}")
            try:
                shown[Light(word)] = bytes.fromhex(text)
            except (ValueError, TypeError):
                raise _Fault(f'bytes: {word} is hex, two digits a byte: "A0 01 01 A2"') from None
            if not 1 <= len(shown[Light(word)]) <= _MOST_BYTES:
                raise _Fault(f"bytes: {word} is 1 to {_MOST_BYTES} bytes")
        return shown


def _is_one(one: str, other: str) -> bool:
    """Also by another name of the same device."""
    if not other:
        return False
    both = one.startswith("/") and other.startswith("/")
    return same_port(one, other) or (both and Path(one).resolve() == Path(other).resolve())
