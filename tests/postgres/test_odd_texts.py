# SPDX-License-Identifier: GPL-3.0-or-later
"""What a board says holds NUL, as a name whose end its firmware stored along. A server's texts have none: it is no
damage of the ledger's, whatever else it is.
"""

from __future__ import annotations

import pytest

from station.bench.outcome import record
from station.codes import Code
from station.errors import LedgerFault
from station.flow.flow import flash
from station.flow.visit import Job
from station.ledger.store import Ledger
from station.model import CertName, Port
from station.profiles.profile import Profile
from station.rules import Outcome
from station.simulate.esp import BoardSpec, EspBoard
from station.targets import get_target
from station.targets.esp.nvs import Entry, build
from station.targets.esp.nvs import EntryKind as Stored
from tests.ledger.ledger_samples import BATCH, single
from tests.postgres.conftest import Open
from tests.targets.esp_bench import FCTRY, MAC, PARTITIONS, SIZE

NAME = "another\0"


@pytest.fixture
def bench(open_bench: Open) -> Ledger:
    ledger = open_bench("b1")
    ledger.receive(BATCH, [single("cam1")])
    return ledger


def test_what_nobody_can_be_called_is_found_nowhere(bench: Ledger) -> None:
    assert bench.named(CertName("a1Camera", NAME)) is None
    assert bench.certificates.page(text=NAME) == []


def test_a_foreign_board_is_told_as_that_and_its_stay_is_kept(bench: Ledger) -> None:
    fields = {"ProductKey": b"a1Camera", "DeviceName": NAME.encode(), "DeviceSecret": b"x" * 16}
    entries = [Entry(namespace="aliyun-key", key=key, kind=Stored.BLOB, value=value) for key, value in fields.items()]
    options = {"preset": "aliyun", "encoding": "blob"}
    profile = Profile(name="esp", target="esp-nvs", products=("a1Camera",), chips=("esp32c3",), options=options)
    work = Job(ledger=bench, target=get_target("esp-nvs"), profile=profile, tell=lambda _visit: None)
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        board.preload(FCTRY, build(entries, SIZE))
        seen = flash(work, Port(url=board.url, slot="1", serial=board.mac))
    assert (seen.outcome, seen.error and seen.error.code) == (Outcome.FAIL, "E206")
    number = record(bench, seen, 1.0)
    (stay,) = bench.visits.since(0)
    assert (stay.number, stay.what) == (
        number,
        "board 240ac4112233 carries a1Camera/another\ufffd that this ledger does not know",
    )


def test_what_a_server_cannot_hold_is_no_damage(bench: Ledger) -> None:
    with pytest.raises(LedgerFault, match="cannot be kept") as told:
        bench.locks.lock("1", Code.E608, NAME)
    assert told.value.code is Code.E320
    assert bench.locks.held() == {}
