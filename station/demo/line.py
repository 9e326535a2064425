# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo of a line: one ledger on a PostgreSQL of its own, benches as processes of their own, and a server that is
killed once on the way. The same accounting as the demo of one bench.
"""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

from station.codes import Exit
from station.demo.database import Database
from station.demo.inspection import inspect
from station.demo.line_bench import LineBench
from station.demo.narrator import Narrator
from station.demo.setting import Demo, Wish, set_up
from station.errors import UsageError
from station.events import SCHEMA
from station.ledger.where import OnServer
from station.printable import printable
from station.words.language import Words

_AWAY_S = 2.0
_OTHERS = "use --target agent or esp-nvs"


class _Killer:
    """Kills the server when so many boards have passed and every bench is at work, and starts it again."""

    def __init__(self, database: Database, after: int, benches: int, talk: Narrator) -> None:
        self._database, self._left, self._talk = database, after, talk
        self._benches, self._at_work = benches, set[str]()
        self._lock = threading.Lock()
        self.due = threading.Event()

    def told(self, bench: LineBench, event: dict[str, Any]) -> None:
        with self._lock:
            self._left -= event.get("state") == "PASS"
            if event["event"] == "slot":
                self._at_work.add(bench.name)
            if self._left <= 0 and len(self._at_work) == self._benches:
                self.due.set()

    def act(self) -> None:
        self._talk.say("demo: the server is killed")
        self._database.kill()
        time.sleep(_AWAY_S)
        self._database.start()
        self._talk.say("demo: the server is back")


def run_line_demo(folder: Path, wish: Wish, benches: int, words: Words, *, as_json: bool) -> Exit:
    """0 only when every board passed, every certificate is accounted for, and every board holds what it should.
    `wish.boards`: of each bench."""
    started, talk = time.monotonic(), Narrator(words)
    with Database() as database:
        where = OnServer(url=database.url(), path=folder / "state" / "office.line")
        with set_up(folder, wish.times(benches), where=where) as demo:
            _require_no_scanner(demo)
            talk.say(
                f"demo: {benches} benches with {wish.boards} slots each on one PostgreSQL ledger; {wish.count} boards"
            )
            line = _benches(demo, wish, benches, database.url())
            killer = _Killer(database, wish.count // 3, benches, talk)
            codes = _work(line, killer, _longest(wish))
            return _told(demo, wish, line, codes, talk, seconds=time.monotonic() - started, as_json=as_json)


def _work(line: list[LineBench], killer: _Killer, longest_s: float) -> list[int]:
    """How each of them ended."""
    started: list[LineBench] = []
    try:
        for bench in line:
            bench.start(killer.told)
            started.append(bench)
        killer.due.wait(longest_s)
        killer.act()
        for bench in line:
            bench.done.wait(longest_s)
    finally:
        codes = [bench.end() for bench in started]
    return codes


def _require_no_scanner(demo: Demo) -> None:
    if demo.profile.scan_label or demo.profile.serial.is_required:
        raise UsageError("these boards want to be scanned, and the demo of a line has no scanner", do=_OTHERS)


def _longest(wish: Wish) -> float:
    return 120.0 + 10.0 * wish.count


def _benches(demo: Demo, wish: Wish, benches: int, url: str) -> list[LineBench]:
    slots = list(demo.fixtures.items())
    made = []
    for n in range(benches):
        fixtures = dict(slots[n * wish.boards : (n + 1) * wish.boards])
        name = f"bench-{n + 1}"
        made.append(LineBench(name, demo.folder / name, fixtures, demo.boards[n::benches]))
        made[-1].configure(url=url, profile=demo.folder / "demo.toml", key=demo.folder / "state" / "station.key")
    return made


def _told(
    demo: Demo, wish: Wish, line: list[LineBench], codes: list[int], talk: Narrator, *, seconds: float, as_json: bool
) -> Exit:
    demo.ledger.recover()
    findings = inspect(demo.ledger, demo.cloud, demo.batch_id, demo.boards)
    demo.ledger.audit.verify()
    passed = sum(bench.passed for bench in line)
    summary = {
        "schema": SCHEMA,
        "event": "summary",
        "benches": {bench.name: bench.passed for bench in line},
        "passed": passed,
        "boards_checked": findings.boards_checked,
        "mismatches": len(findings.mismatches),
        "issued": findings.issued,
        "accounted": findings.accounted,
        "seconds": round(seconds, 1),
    }
    for mismatch in findings.mismatches:
        talk.say(f"MISMATCH {mismatch}")
    if as_json:
        print(printable(json.dumps(summary)), flush=True)  # noqa: T201 - stdout is data
    each = ", ".join(f"{bench.name} {bench.passed}" for bench in line)
    talk.say(
        f"demo: {passed} boards passed ({each}), {findings.boards_checked} opened and compared, "
        f"{len(findings.mismatches)} mismatches; {findings.accounted} of {findings.issued} certificates accounted for; "
        "every bench's audit chain is intact"
    )
    if not findings.all_well or Exit.INTEGRITY in codes:
        return Exit.INTEGRITY
    if any(bench.red_bin for bench in line):
        return Exit.BOARD_FAILED
    return Exit.OK if passed == wish.count else Exit.STATION_FAULT
