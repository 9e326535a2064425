# SPDX-License-Identifier: GPL-3.0-or-later
"""[andon.NAME] of station.toml → outputs. One key says what kind it is; whatever is not understood is refused.

Refused as well is what would hurt: a file among the ledger's, a board's or the scanner's port as a light tower, a
password in an address, a token over plain http to another machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from station.andon.andon import Andon
from station.andon.command import CommandOutput
from station.andon.file import FileOutput
from station.andon.light import WORRIES, Light
from station.andon.output import Output
from station.andon.pipe import PipeOutput
from station.andon.post import PostOutput
from station.andon.sound import BellOutput, SoundOutput
from station.andon.tower import BAUD, TowerOutput
from station.config.named_table import NamedTable, TableFault, made_of
from station.config.settings import Config
from station.targets.slots import SlotSpec, is_fixed, is_numbered, same_port, topology_key

MOST = 16
_MOST_BYTES = 64  # that show one state


def andon_of(config: Config, slots: Sequence[SlotSpec] = ()) -> Andon:
    """All outputs of the configuration; `slots`: those of a run, beside the configured ones. ConfigError E110 with all
    faults.
    """
    outputs = made_of(
        "andon",
        config.andon,
        lambda name, table: _Reader(name, table, config, slots).output(),
        most=MOST,
        called="outputs",
    )
    return Andon(outputs, bench=config.text("bench.name"))


class _Reader(NamedTable):
    def __init__(self, name: str, table: object, config: Config, slots: Sequence[SlotSpec]) -> None:
        super().__init__("andon", name, table, config)
        self._scanner = config.text("bench.scanner")
        self._slots = [*slots, *(SlotSpec(name=line.name, path=line.path) for line in config.slots)]

    def output(self) -> Output:
        kinds: dict[str, tuple[Callable[[], Output], set[str]]] = {
            "file": (lambda: FileOutput(name=self.name, path=self.path("file"), on=self._on()), {"on"}),
            "pipe": (lambda: PipeOutput(self.name, self.path("pipe"), self._on()), {"on"}),
            "command": (lambda: CommandOutput(self.name, self.words("command"), self._on()), {"on"}),
            "post": (self._post, {"on", "token_file"}),
            "lights": (self._tower, {"baud", "bytes"}),
            "bell": (self._bell, {"on"}),
            "sound": (lambda: SoundOutput(self.name, self.words("sound"), self._on(WORRIES)), {"on"}),
        }
        make, _ = kinds[self.kind({key: further for key, (_, further) in kinds.items()})]
        return make()

    def _on(self, otherwise: Sequence[Light] | None = None) -> frozenset[Light] | None:
        if "on" not in self:
            return frozenset(otherwise) if otherwise else None
        value = self.keys["on"]
        known = set(Light) - {Light.OFF}
        if not isinstance(value, list) or not value or not all(isinstance(w, str) and w in known for w in value):
            raise TableFault(f"on is a list of {', '.join(light for light in Light if light in known)}")
        return frozenset(Light(word) for word in value)

    def _post(self) -> Output:
        parts = self.address("post")
        return PostOutput(self.name, parts.geturl(), self.token(parts), self._on())

    def _bell(self) -> Output:
        if self.keys["bell"] is not True:
            raise TableFault("bell = true, or leave it out")
        return BellOutput(name=self.name, on=self._on(WORRIES))

    def _tower(self) -> Output:
        path = self.text("lights")
        if not is_fixed(path) and not topology_key(path):
            raise TableFault(f"{path} is neither a USB topology, as `station slots` prints it, nor a port")
        if is_numbered(path):
            raise TableFault(f"{path} is numbered in the order of plugging in, and may be a board's next time")
        for slot in self._slots:
            if _is_one(path, slot.path):
                raise TableFault(f"{path} is slot {slot.name}: a board is there")
        if _is_one(path, self._scanner):
            raise TableFault(f"{path} is the scanner")
        return TowerOutput(self.name, path, self._shown(), self.number("baud", 50, 4_000_000, BAUD))

    def _shown(self) -> dict[Light, bytes]:
        table = self.keys.get("bytes")
        if not isinstance(table, dict) or Light.OFF not in table or len(table) < 2:
            raise TableFault(
                'bytes says in hex what shows each state, OFF among them: { OFF = "A0 01 00 A1", FAIL = "…" }'
            )
        shown = {}
        for word, text in table.items():
            if word not in set(Light):
                raise TableFault(f"bytes: {word} is none of {', '.join(Light)}")
            try:
                shown[Light(word)] = bytes.fromhex(text)
            except (ValueError, TypeError):
                raise TableFault(f'bytes: {word} is hex, two digits a byte: "A0 01 01 A2"') from None
            if not 1 <= len(shown[Light(word)]) <= _MOST_BYTES:
                raise TableFault(f"bytes: {word} is 1 to {_MOST_BYTES} bytes")
        return shown


def _is_one(one: str, other: str) -> bool:
    """Also by another name of the same device."""
    if not other:
        return False
    both = one.startswith("/") and other.startswith("/")
    return same_port(one, other) or (both and Path(one).resolve() == Path(other).resolve())
