# SPDX-License-Identifier: GPL-3.0-or-later
"""Which port is which slot: one board is plugged in at a time, and looked at with the profile at once."""

from __future__ import annotations

from enum import StrEnum

from station.desk.desk import Check
from station.errors import StationError
from station.guide.asker import Asker, FormLine, Pick, tell_error
from station.guide.checks import check_line
from station.guide.guide import Guide
from station.guide.product import ask_product
from station.words.language import Words

_PORT = "port"


class _Do(StrEnum):
    PLUG = "plug"
    TYPE = "type"
    ENOUGH = "enough"
    PROFILE = "profile"


def ask_slots(asker: Asker, guide: Guide) -> None:
    """Until there are enough. The board that was put in stays: the next one is another."""
    while True:
        slot = guide.next_slot()
        do = asker.choose(lambda words: words.guide.slots, _choices(slot, enough=bool(guide.slots())))
        if do is _Do.ENOUGH:
            return
        if do is _Do.PROFILE:
            ask_product(asker, guide)
        elif do is not None:
            _ask_slot(asker, guide, slot, plugged=do is _Do.PLUG)


def _choices(slot: str, *, enough: bool) -> list[Pick[_Do]]:
    done = Pick(value=_Do.ENOUGH, said=lambda words: words.guide.enough)
    return [
        Pick(value=_Do.PLUG, said=lambda words: words.guide.plug.format(slot=slot)),
        Pick(value=_Do.TYPE, said=lambda words: words.guide.type_port),
        *([done] if enough else []),
        Pick(value=_Do.PROFILE, said=lambda words: words.guide.another_profile),
    ]


def _ask_slot(asker: Asker, guide: Guide, slot: str, *, plugged: bool) -> None:
    try:
        port = _learned(asker, guide, slot) if plugged else _typed(asker, guide, slot)
        if port:
            _look(asker, guide, slot, port)
    except StationError as error:
        tell_error(asker, error)


def _learned(asker: Asker, guide: Guide, slot: str) -> str:
    return asker.wait(
        lambda words: words.office.learning.format(slot=slot), lambda given_up: guide.learn(slot, given_up)
    )


def _typed(asker: Asker, guide: Guide, slot: str) -> str:
    filled = asker.fill(
        lambda words: words.guide.port_of.format(slot=slot),
        (FormLine(key=_PORT, label=lambda words: words.guide.port),),
    )
    return guide.name_port(slot, filled.texts[_PORT]) if filled else ""


def _look(asker: Asker, guide: Guide, slot: str, port: str) -> None:
    """What answers there, so that a wrong profile or a port nobody may open is seen now, and not at the first board."""
    by_hand = [False]

    def title(words: Words) -> str:
        return words.bench.power_cycle if by_hand[0] else words.guide.looking.format(slot=slot)

    def switch() -> None:
        by_hand[0] = True

    checks = asker.wait(title, lambda _: guide.look_at_board(slot, switch))
    asker.tell(lambda words: _told(slot, port, checks, words), bad=not all(check.good for check in checks))


def _told(slot: str, port: str, checks: tuple[Check, ...], words: Words) -> str:
    learned = words.office.learned.format(slot=slot, port=port)
    return "\n".join([learned, *(check_line(check, words) for check in checks)])
