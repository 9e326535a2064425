# SPDX-License-Identifier: GPL-3.0-or-later
"""Both languages say everything, with the same holes, for every state, phase and error code there is."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

import station
from station.codes import Blame, Code
from station.errors import ConfigError, NeedsPerson
from station.events import Phase, SlotEvent, SlotState
from station.ledger.audit import RESERVED
from station.ledger.cloud_said import IN_USE, NEVER_USED, NOT_SAID
from station.ledger.matters import Matter, MatterKind
from station.ledger.printed import PRINTED
from station.ledger.scan_backs import OWES, SCANNED, WAIVED
from station.ledger.trouble import Trouble
from station.model import Holding, Language, Secret, State
from station.report.sheet import TOLD_IN_REPORTS
from station.rules import Outcome
from station.secrets.keys import SHORTEST_PASSPHRASE, wrapped
from station.tui.grid import arrange, tile_size
from station.tui.space import Space
from station.words.in_doubt import doubt_shouts, to_act_on
from station.words.instruction import instruction
from station.words.language import Words
from station.words.told import matter_line, whole_error
from station.words.tongues import TONGUES
from tests.tui.fake_desk import DOUBT

_SOURCES = Path(station.__file__).parent
_CODE = re.compile(r"\bE[1-7]\d\d\b")
_WIDEST_INSTRUCTION = 58  # cells: a tile of a bench with two columns on a screen of 120

UID = "a4cf12bc00a1"
_SHOWN_AS = (
    (SlotState.FAIL, Blame.BOARD),
    (SlotState.FAIL, Blame.STATION),
    (SlotState.WAITING, Blame.STATION),
    (SlotState.NO_STOCK, Blame.STATION),
    (SlotState.EMPTY, Blame.STATION),
    (SlotState.LOCKED, Blame.STATION),
)

BOTH = pytest.mark.parametrize("words", TONGUES.values(), ids=TONGUES)


def texts(words: Words) -> dict[str, str]:
    """Every text that has a name of its own, also in parts and tables, by where it stands."""
    parts = {
        "bench": words.bench,
        "office": words.office,
        "past": words.past,
        "commands": words.commands,
        "guide": words.guide,
    }
    return {name: text for part, value in parts.items() for name, text in _texts_in(value, part)}


def _texts_in(value: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts_in(inner, f"{at}[{key}]")
    elif hasattr(value, "_fields"):
        for name in value._fields:
            yield from _texts_in(getattr(value, name), f"{at}.{name}")


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_language_has_its_words() -> None:
    assert {words.language for words in TONGUES.values()} == set(Language)


@BOTH
def test_nothing_is_left_empty_and_every_state_and_phase_has_its_word(words: Words) -> None:
    assert all(texts(words).values())
    assert set(words.states) == set(SlotState)
    assert set(words.phases) == set(Phase)
    assert set(words.ledger) == set(State)
    assert all(all(forms) for forms in words.states.values())


def test_both_languages_have_the_same_holes() -> None:
    """What the audit calls an event or a detail is its English; only another language has a word for each."""
    english, chinese = texts(TONGUES[Language.ENGLISH]), texts(TONGUES[Language.CHINESE])
    assert {key: holes(text) for key, text in english.items()} == {key: holes(chinese[key]) for key in english}
    more = chinese.keys() - english.keys()
    assert all(key.startswith(("past.events[", "past.details[")) and not holes(chinese[key]) for key in more)


@BOTH
def test_every_code_has_its_words_and_nothing_else_has(words: Words) -> None:
    assert set(words.codes) == set(Code)


@BOTH
def test_every_line_that_the_audit_can_have_about_an_identity_has_its_words(words: Words) -> None:
    written = "".join(path.read_text("utf-8") for path in (_SOURCES / "ledger").glob("*.py"))
    events = set(re.findall(r'\bevent="([a-z ]+)"', written)) | {"released", "in doubt", "retired", "withheld"}
    whole = {"recovery", "recovery over", "witness begun", "not every witness was heard", "lost time settled"}
    whole |= {"bench named", "cloud token renewed"}
    events -= whole  # about the ledger as a whole
    events |= {"married by a witness", "withheld by a witness", "withheld by recovery", "learned from its board"}
    events |= {"cameras left out", "set ended", PRINTED, OWES, SCANNED, WAIVED, NEVER_USED, IN_USE, NOT_SAID}
    events.add(RESERVED)
    events |= set(TOLD_IN_REPORTS)
    assert len(events) > 20
    assert events == set(words.past.events) if words.native else events <= set(words.past.events)
    assert set(words.past.outcomes) == set(Outcome)
    assert set(words.past.holdings) == set(Holding)


@BOTH
@pytest.mark.parametrize("size", [(80, 24), (120, 30), (200, 50)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("slots", [1, 2, 4, 8, 12, 16])
def test_every_tile_has_room_for_what_to_do_and_only_a_bad_board_goes_to_the_red_bin(
    slots: int, size: tuple[int, int], words: Words
) -> None:
    rows = size[1] - 4
    tile = Space(*tile_size(slots, arrange(slots, size[0], rows), size[0], rows))
    room = tile.right - tile.left
    faults: list[tuple[Code | None, SlotState, Blame | None]]
    faults = [(code, state, blame) for code in words.codes for state, blame in _SHOWN_AS if code[1] in "23567"]
    for code, state, blame in [*faults, *((None, state, None) for state in SlotState)]:
        event = SlotEvent(slot="16", at=0.0, state=state, uid=UID, code=code, blame=blame, do="off and on")
        said = next((text for text in instruction(event, words) if cell_len(text) < room), None)
        assert said, f"{state} {code} has no wording of less than {room} cells"
        if code and words.codes[code].do != words.codes[Code.E204].do:
            assert words.bench.red_bin.format(code=code) != said
        if code:
            assert code in said or (said == words.codes[code].do and state is not SlotState.FAIL)


@BOTH
def test_a_tile_says_what_to_do_before_it_says_that_the_board_is_not_to_blame(words: Words) -> None:
    for code in (Code.E212, Code.E214, Code.E311, Code.E329, Code.E613):
        event = SlotEvent(slot="16", at=0.0, state=SlotState.FAIL, uid=UID, code=code, blame=code.blame)
        whole, shorter, short, *_ = instruction(event, words)
        assert (whole, shorter) == (f"{words.codes[code].do} – {code}", f"{words.codes[code].do} {code}")
        assert short == f"{words.short[words.codes[code].do]} {code}"


@BOTH
def test_what_says_to_stop_says_so_on_a_small_tile_too(words: Words) -> None:
    stop = "停" if words.language is Language.CHINESE else "stop"
    asked = {known.do for known in (*words.codes.values(), *words.troubles.values()) if stop in known.do.lower()}
    assert len(asked) > 2
    assert {do for do in asked if stop not in words.short.get(do, do).lower()} == set()


@pytest.mark.parametrize("trouble", Trouble)
def test_a_ledger_that_may_not_be_believed_is_told_by_its_own_text_also_among_what_waits(trouble: Trouble) -> None:
    words = TONGUES[Language.CHINESE]
    moved = Matter(kind=MatterKind.LOCKED, code=Code.E702, what=f"the station: E702 {trouble} x", do="y")
    assert matter_line(moved, words).startswith(f"E702 {words.troubles[trouble].what}  {words.troubles[trouble].do}")


@BOTH
def test_boards_to_be_put_back_come_before_those_that_wait_for_another_and_kept_ones_not_at_all(words: Words) -> None:
    waits, kept = replace(DOUBT, waits_for="cd0000000009"), replace(DOUBT, red_bin=True)
    assert to_act_on((waits, kept, DOUBT)) == (DOUBT, waits)
    assert list(doubt_shouts((waits, kept, DOUBT), words)) == [
        f"{words.bench.in_doubt} 00A1 +1",
        f"{words.bench.in_doubt} 2",
    ]


@BOTH
def test_instructions_are_short_enough_to_be_read_in_passing(words: Words) -> None:
    for code, text in words.codes.items():
        assert 0 < cell_len(f"{text.do} – {code}") <= _WIDEST_INSTRUCTION, code


@BOTH
@pytest.mark.parametrize("typed", ["", "elevenchars"])
def test_who_types_a_short_passphrase_is_told_how_long_it_has_to_be(words: Words, typed: str) -> None:
    with pytest.raises(ConfigError) as refused:
        wrapped(bytes(32), "scrypt", Secret(typed))
    head, *lines = whole_error(refused.value, words)
    assert words.codes[Code.E128].what in head
    assert all(str(SHORTEST_PASSPHRASE) in text for text in (lines[0], words.codes[Code.E128].do))


@BOTH
def test_what_the_headline_says_already_is_not_said_again_below_it(words: Words) -> None:
    wrong = NeedsPerson("wrong PIN", do="try again", code=Code.E605)
    assert whole_error(wrong, words)[1:] == (words.codes[Code.E605].do.lower(),)


def test_chinese_is_chinese_and_states_differ_in_both_languages() -> None:
    chinese = TONGUES[Language.CHINESE]
    for text in chinese.codes.values():
        assert re.search(r"[\u4e00-\u9fff]", text.what)
        assert re.search(r"[\u4e00-\u9fff]", text.do)
        assert not text.means or re.search(r"[\u4e00-\u9fff]", text.means)
    for words in TONGUES.values():
        assert len({forms[0] for forms in words.states.values()}) == len(SlotState)
