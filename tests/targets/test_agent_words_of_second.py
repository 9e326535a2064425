# SPDX-License-Identifier: GPL-3.0-or-later
"""What version 2 makes of an answer that is well framed and means nothing: a fault of the board, no defect here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import pytest

from station.codes import Code
from station.errors import AnotherBoard, BoardFault
from station.model import Certificate, Identity, Secret
from station.targets.agent.answers import parse_who
from station.targets.agent.line import Reply
from station.targets.agent.second import SecondVersion
from station.targets.agent.talk import LinePatience, Talk
from station.targets.base import no_progress
from tests.targets.test_agent_answers import WHO

CAMERA = Identity(primary=Certificate(product_key="pk", device_name="dn", device_secret=Secret("ds")))
KEY = "0" * 32


class Says:
    """A line whose other end says to each verb what it was given, and OK to all others."""

    def __init__(self, **answers: Mapping[str, str]) -> None:
        self._answers = answers

    def guard(self) -> None:
        """Nothing of this is kept."""

    def ask(self, verb: str, *_words: str, **_how: object) -> Reply:
        return Reply(tag="1", values=self._answers.get(verb, {}))

    def ask_all(self, lines: Iterable[Sequence[str]], **_how: object) -> Iterator[Reply]:
        return (self.ask(*line) for line in lines)


def spoken(**answers: Mapping[str, str]) -> SecondVersion:
    talk = cast("Talk", Says(**answers))
    return SecondVersion(talk, parse_who(WHO, None), LinePatience())


@pytest.mark.parametrize("seq", ["0", "-1", "x", "1" * 11])
def test_a_record_has_a_number(seq: str) -> None:
    with pytest.raises(BoardFault) as refused:
        spoken(KEEP={"seq": seq}).transfer(CAMERA, KEY, no_progress)
    assert refused.value.code is Code.E208


@pytest.mark.parametrize("veiled", ["", "x" * 64, "0" * 63, "0" * 66])
def test_a_veiled_digest_is_one(veiled: str) -> None:
    board = parse_who(WHO, None)
    with pytest.raises(BoardFault) as refused:
        spoken(SAME={"digest": veiled}, WHO=WHO).digest(board, KEY)
    assert refused.value.code is Code.E208


def test_whoever_tells_a_digest_is_asked_who_it_is() -> None:
    """The answer of another board is nonsense, and would be taken for what this one holds."""
    other: dict[str, Any] = WHO | {"uid": "ab00000000000002"}
    with pytest.raises(AnotherBoard):
        spoken(SAME={"digest": "0" * 64}, WHO=other).digest(parse_who(WHO, None), KEY)
