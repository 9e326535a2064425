# SPDX-License-Identifier: GPL-3.0-or-later
"""All campaigns, in the groups that the table of `docs/tested.md` shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.firmware import store_trials
from tests.soak import board_scenes, paper_scenes
from tests.soak.board_scenes import boards
from tests.soak.crowds import crowd
from tests.soak.hours import long_run
from tests.soak.kills import Stage, kill_at_each_call
from tests.soak.line import line
from tests.soak.paper_scenes import paper
from tests.soak.power_cuts import cut_everywhere, cut_within
from tests.soak.pythons import each_python
from tests.soak.receivers import killed_receiver
from tests.soak.toll import Toll

__all__ = ["CAMPAIGNS", "KILLS", "Campaign", "Scale", "board_scenes", "paper_scenes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much of it: each `every`-th point, and so many `seconds` for what has no end of its own."""

    every: int = 1
    seconds: float = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """`run` gets a folder of its own that is not there yet."""

    group: str
    name: str
    run: Callable[[Path, Scale], Toll]


KILLS: dict[str, Stage] = {
    "flash agent": boards("agent"),
    "flash console": boards("console"),
    "flash esp-nvs": boards("esp-nvs"),
    "flash a set": boards("agent", channels=3),
    "flash members": boards("agent", channels=3, members=True),
    "resolve": boards("agent", resolves=True),
    "resolve console": boards("console", resolves=True),
    "resolve esp-nvs": boards("esp-nvs", resolves=True),
    "first start": paper(paper_scenes.FirstStart),
    "import": paper(paper_scenes.Import),
    "pull": paper(paper_scenes.Pull),
    "batch generate": paper(paper_scenes.Generate),
    "batch upload-names": paper(paper_scenes.Upload),
    "batch register": paper(paper_scenes.Register),
    "retire": paper(paper_scenes.Retire),
    "backup": paper(paper_scenes.Backup),
    "restore": paper(paper_scenes.Restore),
    "recover": paper(paper_scenes.Recover),
}


def _kills(name: str, stage: Stage) -> Campaign:
    return Campaign(
        group="kills",
        name=name,
        run=lambda folder, scale: kill_at_each_call(name, stage, folder, every=scale.every),
    )


def _crowd(stations: int, slots: int, target: str) -> Campaign:
    name = f"{stations} x {slots} slots, {target}"
    return Campaign(
        group="crowds",
        name=name,
        run=lambda folder, scale: crowd(stations, slots, max(4, 600 // scale.every), folder, target=target),
    )


def _board_flash(folder: Path, scale: Scale) -> Toll:
    folder.mkdir()
    runs, violations = store_trials.everywhere(store_trials.build(), scale.every)
    return Toll("board flash", runs=runs, faults=runs, violations=violations)


def _line(benches: int, slots: int) -> Campaign:
    return Campaign(
        group="line",
        name=f"{benches} benches x {slots} slots",
        run=lambda folder, scale: line(benches, slots, 2000 // scale.every, max(5, 30 // scale.every), folder),
    )


CAMPAIGNS: tuple[Campaign, ...] = (
    *(_kills(name, stage) for name, stage in KILLS.items()),
    Campaign(
        group="power cuts", name="power cuts", run=lambda folder, scale: cut_everywhere(folder, every=scale.every)
    ),
    Campaign(
        group="power cuts", name="within a claim", run=lambda folder, scale: cut_within(folder, step=7 * scale.every)
    ),
    Campaign(group="board flash", name="board flash", run=_board_flash),
    _crowd(2, 8, "agent"),
    _crowd(3, 5, "agent"),
    _crowd(2, 8, "esp-nvs"),
    _line(8, 8),
    Campaign(
        group="outbox",
        name="receiver killed",
        run=lambda folder, scale: killed_receiver(1000 // scale.every, max(2, 50 // scale.every), folder),
    ),
    Campaign(group="pythons", name="pythons", run=lambda folder, _scale: each_python(folder)),
    Campaign(group="hours", name="16 slots", run=lambda folder, scale: long_run(scale.seconds, folder)),
)
