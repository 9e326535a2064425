# SPDX-License-Identifier: GPL-3.0-or-later
"""Events for a table, and receivers as a configuration makes them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from station.config.settings import load
from station.ledger.stay_events import StayEvent
from station.model import CertName
from station.outbox.event import Event, event_of
from station.outbox.reading import outbox_of
from station.outbox.table import TableReceiver

_STAY = StayEvent(
    number=1,
    key="",
    ledger="5eed",
    visit="3f9a0c12be77d001",
    bench="",
    slot="1",
    uid="a0b1c2000001",
    serial="SN-1",
    name=CertName("a1Camera", "cam1"),
    batch="4711",
    order="WO-1",
    profile="cam",
    outcome="PASS",
    code="",
    attempt=1,
    steps={"write": 0.5},
    began=1780000000.0,
    ended=1780000001.5,
    proof="readback",
    operator="7",
)


def row(number: int = 1, **more: Any) -> Event:
    return event_of(replace(_STAY, number=number, key=f"key-{number}", **more), "bench-1")


def receiver(folder: Path, database: str, *more: str) -> TableReceiver:
    file = folder / "station.toml"
    lines = "".join(f"{line}\n" for line in more)
    file.write_text(f'[bench]\nstate_dir = "{folder}/state"\n[outbox.erp]\ndatabase = "{database}"\n{lines}')
    made = outbox_of(load(file, {}, {})).receivers[0]
    assert isinstance(made, TableReceiver)
    return made
