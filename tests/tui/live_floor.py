# SPDX-License-Identifier: GPL-3.0-or-later
"""A demo's cloud, ledger and boards with a running desk on them, whose boards a test plugs in and takes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from station.cloud.living.client import LivingAccount, LivingLink
from station.demo.setting import Demo, Wish, set_up
from station.desk.desk import Grant
from station.desk.live import LiveDesk
from station.desk.premises import Premises
from station.events import SlotEvent, SlotState
from station.model import Secret
from station.people.pins import set_pin
from station.printing.printer import Printer
from station.profiles.sticker import Sticker
from tests.bench.turns import at_each_turn
from tests.waiting import until

CONFIG = """# this bench's own settings
[bench]
profile = "demo"  # what line 3 makes
"""
PIN = "246810"


class Bench:
    """A demo's things and a running desk on them."""

    def __init__(self, demo: Demo, desk: LiveDesk) -> None:
        self.demo, self.desk = demo, desk
        self._seen: list[object] = []  # since a board was last put in or taken out
        desk.subscribe(self._seen.append)
        self.turns = 0  # how often the bench has looked at its slots
        at_each_turn(desk.bench, self._count_turn)

    def _count_turn(self) -> None:
        self.turns += 1

    def looks_again(self, turns: int = 4) -> Callable[[], bool]:
        """Whether the bench has looked so many times since: what was to come of what is has come by then."""
        last = self.turns + turns
        return lambda: self.turns >= last

    def plug(self, board: int, slot: str) -> None:
        self._seen.clear()
        self.demo.boards[board].plug(self.demo.fixtures[slot])

    def unplug(self, board: int) -> None:
        self._seen.clear()
        self.demo.boards[board].unplug()

    def reaches(self, slot: str, state: SlotState) -> SlotEvent:
        """Shown by the slot at some moment since; a board without power is gone before one looks."""

        def shown() -> SlotEvent | None:
            events = [*self._seen, *self.desk.bench.slots.snapshot()]
            return next((e for e in events if isinstance(e, SlotEvent) and (e.slot, e.state) == (slot, state)), None)

        return until(shown)

    def grant(self) -> Grant:
        return self.desk.unlock(Secret(PIN), "Li Wei")


@contextmanager
def live(
    tmp_path: Path, *, channels: int = 0, sticker: Sticker | None = None, printer: Printer | None = None
) -> Iterator[Bench]:
    """Everything in a folder, gone at the end."""
    with set_up(tmp_path, Wish(boards=2, count=4, channels=channels)) as demo:
        set_pin(demo.ledger, "Li Wei", Secret(PIN))

        def cloud(_name: str) -> LivingLink:
            account = LivingAccount(
                url=demo.cloud.url,
                app_key=demo.cloud.living_key,
                app_secret=Secret(demo.cloud.living_secret),
                project_id=demo.cloud.project_id,
            )
            return LivingLink(account, token_folder=tmp_path / "state", calls_per_s=0)

        slots = "".join(f'[[slot]]\nname = "{slot.name}"\npath = "{slot.path}"\n' for slot in demo.slots)
        (tmp_path / "config").mkdir()
        (tmp_path / "config" / "station.toml").write_text(CONFIG + slots, "utf-8")
        premises = Premises(
            name="LINE-3",
            profiles_dir=tmp_path,
            reports_dir=tmp_path / "reports",
            config_file=tmp_path / "config" / "station.toml",
            printer=printer,
        )
        profile = replace(demo.profile, sticker=sticker)
        desk = LiveDesk(ledger=demo.ledger, profile=profile, slots=demo.slots, premises=premises, open_cloud=cloud)
        try:
            with desk:
                yield Bench(demo, desk)
        finally:
            for board in demo.boards:
                board.unplug()
