# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo on the screen: boards that are plugged and unplugged by themselves, some of them bad, one pulled while it
was written. When the last one is done the screen stays, and the boards are opened and compared after it is closed.
"""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

from station.codes import Exit
from station.demo.inspection import inspect
from station.demo.narrator import Narrator
from station.demo.robot import Robot
from station.demo.setting import Wish, open_cloud, set_up
from station.desk.desk import FeedItem
from station.desk.live import LiveDesk
from station.desk.premises import Premises
from station.events import SlotEvent, SlotState
from station.model import Secret
from station.people.pins import UNNAMED, set_pin
from station.tui.run import show_bench
from station.words.language import Words

PIN = "246810"
DWELL_S = 1.5
"""How long the robot leaves a finished board in its slot, so that a person can read the tile."""

_TROUBLES: dict[int, dict[str, object]] = {
    1: {"cut_at": 3},  # power goes while it is written: in doubt, and done when it comes back
    4: {"flips_stored_byte": True},  # reads back something else
    6: {"dead_after": 0},  # never answers
}
"""What is wrong with the n-th simulated board at its first visit."""


def run_demo_on_screen(folder: Path, wish: Wish, words: Words) -> Exit:
    """7 unless every board that was flashed holds what the ledger says, whatever was done at the screen."""
    talk = Narrator(words)
    talk.say(f"demo: a simulated cloud, {wish.boards} slots, {wish.count} boards; the supervisor's PIN is {PIN}")
    with set_up(folder, wish) as demo:
        set_pin(demo.ledger, UNNAMED, Secret(PIN))
        if (wish.target, wish.boards_are) == ("agent", "simulated"):
            for number, troubles in _TROUBLES.items():
                for board in demo.boards[number : number + 1]:
                    board.troubles = dict(troubles)
        robot = Robot(demo.fixtures, demo.boards)
        premises = Premises(
            name=f"demo, PIN {PIN}",
            profiles_dir=demo.folder,
            reports_dir=demo.folder / "reports",
            config_file=None,
        )
        desk = LiveDesk(
            ledger=demo.ledger,
            profile=demo.profile,
            slots=demo.slots,
            premises=premises,
            open_cloud=lambda _name: open_cloud(demo.cloud, demo.folder / "state"),
        )
        desk.subscribe(partial(_see_later, robot))
        robot.start(desk.bench)
        ended = show_bench(lambda _: desk, desk.station(), words.language, ended_by_anyone=True)
        robot.stop()
        findings = inspect(demo.ledger, demo.cloud, demo.batch_id, demo.boards)
    for mismatch in findings.mismatches:
        talk.say(f"MISMATCH {mismatch}")
    talk.say(f"demo: {findings.boards_checked} boards opened and compared, {len(findings.mismatches)} mismatches")
    return ended if findings.all_well else Exit.INTEGRITY


def _see_later(robot: Robot, event: FeedItem) -> None:
    """Finished boards wait DWELL_S, each for itself; a free slot is filled at once."""
    if isinstance(event, SlotEvent) and event.state is not SlotState.BUSY:
        timer = threading.Timer(0.0 if event.state is SlotState.EMPTY else DWELL_S, robot.see, [event])
        timer.daemon = True
        timer.start()
