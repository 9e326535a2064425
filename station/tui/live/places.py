# SPDX-License-Identifier: GPL-3.0-or-later
"""Learning which port a slot has, and keeping it in station.toml with the user's comments."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import tomlkit

from station.errors import ConfigError, PortFault
from station.targets import usb
from station.targets.slots import SeenPort

WAIT_S = 30.0
_LOOK_S = 0.3


def learn_port(scan: Callable[[], Sequence[SeenPort]] = usb.scan, *, wait_s: float = WAIT_S) -> str:
    """The topology of the one port that appears from now on. PortFault E313 when none or more than one does."""
    before = {seen.topology for seen in scan()}
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline:
        new = {seen.topology for seen in scan()} - before - {""}
        if len(new) == 1:
            return new.pop()
        if new:
            raise PortFault("more than one board was plugged in", do="take them out and plug in one", code="E313")
        time.sleep(_LOOK_S)
    raise PortFault(f"no board was plugged in for {wait_s:.0f} s", do="try again", code="E313")


def keep_port(config_file: Path | None, slot: str, port: str) -> None:
    """Writes the slot's port into station.toml. ConfigError when there is no such file."""
    if config_file is None:
        raise ConfigError("there is no station.toml to write to", do="run: station init", code="E110")
    document = tomlkit.parse(config_file.read_text("utf-8"))
    tables = document.setdefault("slot", tomlkit.aot())
    for table in tables:
        if table["name"] == slot:
            table["path"] = port
            break
    else:
        table = tomlkit.table()
        table.update({"name": slot, "path": port})
        tables.append(table)
    new = config_file.with_suffix(".toml.new")
    new.write_text(tomlkit.dumps(document), "utf-8")
    new.replace(config_file)
