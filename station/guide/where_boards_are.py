# SPDX-License-Identifier: GPL-3.0-or-later
"""Which port is which slot: one board is plugged in at a time, and looked at with the profile at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from station.desk.desk import Check
from station.errors import StationError
from station.guide.asker import Asker, FormLine, Pick, tell_error
from station.guide.checks import check_line
from station.guide.given_up import unless_given_up
from station.guide.guide import Guide
from station.guide.product import ask_product
from station.targets.slots import SlotSpec
from station.words.language import Words

_PORT = "port"


class _Do(StrEnum):
    PLUG = "plug"
    TYPE = "type"
    ENOUGH = "enough"
    PROFILE = "profile"
    TAKE_BACK = "take-back"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    do: _Do
    slot: str = ""


def ask_slots(asker: Asker, guide: Guide) -> None:
    """Until there are enough. The board that was put in stays: the next one is another."""
    while True:
        slot = guide.next_slot()
        wish = asker.choose(lambda words: words.guide.slots, _choices(slot, guide.slots()))
        match wish.do if wish else None:
            case _Do.ENOUGH:
                _port_is_free(asker, guide)  # for the bench, which opens it next
                return
            case _Do.PROFILE:
                ask_product(asker, guide)
            case _Do.TAKE_BACK if wish:
                guide.take_back(wish.slot)
            case _Do.PLUG | _Do.TYPE as do:
                _ask_slot(asker, guide, slot, plugged=do is _Do.PLUG)


def _choices(slot: str, slots: Sequence[SlotSpec]) -> list[Pick[_Wish]]:
    """Those that are there stand last: what was mistyped is seen, and taken back."""
    enough = Pick(value=_Wish(do=_Do.ENOUGH), said=lambda words: words.guide.enough)
    return [
        Pick(value=_Wish(do=_Do.PLUG), said=lambda words: words.guide.plug.format(slot=slot)),
        Pick(value=_Wish(do=_Do.TYPE), said=lambda words: words.guide.type_port),
        *([enough] if slots else []),
        Pick(value=_Wish(do=_Do.PROFILE), said=lambda words: words.guide.another_profile),
        *(Pick(value=_Wish(do=_Do.TAKE_BACK, slot=one.name), said=_taken_back(one)) for one in slots),
    ]


def _taken_back(slot: SlotSpec) -> Callable[[Words], str]:
    return lambda words: words.guide.take_back.format(slot=slot.name, port=slot.path)


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
    """What was typed is there again when it was wrong."""
    typed = ""
    while filled := asker.fill(lambda words: words.guide.port_of.format(slot=slot), (_port_line(typed),)):
        typed = filled.texts[_PORT]
        try:
            return guide.name_port(slot, typed)
        except StationError as error:
            tell_error(asker, error)
    return ""


def _port_line(typed: str) -> FormLine:
    return FormLine(key=_PORT, label=lambda words: words.guide.port, value=typed)


def _look(asker: Asker, guide: Guide, slot: str, port: str) -> None:
    """What answers there, so that a wrong profile or a port nobody may open is seen now, and not at the first board."""
    if not _port_is_free(asker, guide):
        return
    by_hand = [False]

    def title(words: Words) -> str:
        return words.bench.power_cycle if by_hand[0] else words.guide.looking.format(slot=slot)

    def switch() -> None:
        by_hand[0] = True

    checks = asker.wait(title, unless_given_up(lambda: guide.look_at_board(slot, switch))) or ()
    asker.tell(lambda words: _told(slot, port, checks, words), bad=not all(check.good for check in checks))


def _port_is_free(asker: Asker, guide: Guide) -> bool:
    """Waits for a check that was given up, if there is one; False when that is given up too."""
    if guide.keeps_port:
        asker.wait(lambda words: words.guide.port_kept, guide.wait_for_port)
    return not guide.keeps_port


def _told(slot: str, port: str, checks: tuple[Check, ...], words: Words) -> str:
    learned = words.office.learned.format(slot=slot, port=port)
    return "\n".join([learned, *(check_line(check, words) for check in checks)])
