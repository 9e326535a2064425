# SPDX-License-Identifier: GPL-3.0-or-later
"""A service manager's second SIGTERM, or a second Ctrl-C, that comes when the bench has ended already."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from station.bench.audience import Audience
from station.bench.headless import RunOrder, run_headless
from station.bench.lines import Stream
from station.codes import Exit
from station.events import Notice
from station.ledger.view import View
from station.model import Language
from station.targets.slots import SlotSpec
from station.words.run_lines import RunLines
from station.words.tongues import TONGUES
from tests.bench.bench_hall import PROFILE, Hall


class Leaving(Audience):
    """Takes a moment when the run is over, in which the second signal comes."""

    @contextmanager
    def told(self, say: Callable[[Notice], None], ledger: View) -> Iterator[Callable[[object], None]]:
        os.kill(os.getpid(), signal.SIGTERM)
        yield lambda _event: None
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.05)  # a handler of this thread runs now


@pytest.fixture(autouse=True)
def _cut_off() -> Iterator[None]:
    """What a signal does to whoever does not hear it."""

    def end(_number: int, _frame: object) -> None:
        raise AssertionError("cut off")

    before = signal.signal(signal.SIGTERM, end)
    yield
    signal.signal(signal.SIGTERM, before)


def test_the_summary_comes_although_the_bench_has_ended_before_the_second_signal(
    hall: Hall, capfd: pytest.CaptureFixture[str]
) -> None:
    hall.open_ledger()
    slots = [SlotSpec(name="1", path=str(hall.folder / "nothing"))]
    ended = run_headless(
        hall.ledger,
        PROFILE,
        slots,
        RunOrder(watch=True),
        RunLines(TONGUES[Language.ENGLISH]),
        stream=Stream.ALL,
        audience=Leaving(),
    )
    assert ended is Exit.INTERRUPTED
    assert json.loads(capfd.readouterr().out.splitlines()[-1])["event"] == "summary"
