# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo without a screen: tells each step, ends with what was found inside the boards."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from station.bench.headless import summarise
from station.bench.lines import Stream, lines
from station.bench.setup import make_bench
from station.bench.signals import stopped_by_signals
from station.codes import Exit
from station.demo.inspection import inspect
from station.demo.narrator import Narrator
from station.demo.robot import Robot
from station.demo.setting import Wish, set_up
from station.events import Event
from station.rules import Counted
from station.words.language import Words
from station.words.run_lines import RunLines


def run_demo(folder: Path, wish: Wish, words: Words, *, as_json: bool) -> Exit:
    """0 only when every board passed, every certificate is accounted for, and every board holds what it should."""
    started, talk = time.monotonic(), Narrator(words)
    talk.say(f"demo: a simulated cloud, {wish.boards} slots, {wish.count} {wish.boards_are} {wish.target} boards")
    with set_up(folder, wish) as demo:
        talk.say(f"demo: batch {demo.batch_id} is in the ledger after {time.monotonic() - started:.1f} s")
        robot = Robot(demo.fixtures, demo.boards)
        stream, said = Stream.ALL if as_json else None, RunLines(words)
        heard: list[Callable[[Event], None]] = [robot.see]
        bench = make_bench(demo.ledger, demo.profile, demo.slots, partial(_tell, heard))
        with lines(stream, said, demo.ledger, bench.unheard) as told:
            heard.append(told.tell)
            robot.start(bench)
            with stopped_by_signals(bench) as interrupted:
                tally = bench.run(watch=True)
            robot.stop()
            findings = inspect(demo.ledger, demo.cloud, demo.batch_id, demo.boards)
            head = demo.ledger.audit.verify()
            checked = {"boards_checked": findings.boards_checked, "mismatches": len(findings.mismatches)}
            if as_json:
                told.summary(summarise(demo.ledger, bench, seconds=time.monotonic() - started) | checked)
    for mismatch in findings.mismatches:
        talk.say(f"MISMATCH {mismatch}")
    talk.say(
        f"demo: {tally.passed} boards passed, {findings.boards_checked} opened and compared, "
        f"{len(findings.mismatches)} mismatches; {findings.accounted} of {findings.issued} certificates accounted for; "
        f"audit chain intact ({head.seq} lines)"
    )
    if interrupted.is_set():
        return Exit.INTERRUPTED
    if not findings.all_well or tally.counted[Counted.ALARMS]:
        return Exit.INTEGRITY
    if tally.failed or robot.red_bin:
        return Exit.BOARD_FAILED
    return Exit.OK if tally.passed == wish.count else Exit.STATION_FAULT


def _tell(heard: list[Callable[[Event], None]], event: Event) -> None:
    for listener in heard:
        listener(event)
