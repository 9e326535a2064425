# SPDX-License-Identifier: GPL-3.0-or-later
"""What an agent board says of itself is read strictly, and a short answer is that of the board that is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from station.codes import Code
from station.errors import BoardFault
from station.targets.agent.answers import AgentId, parse_id, parse_who
from tests.targets.test_agent_hostile import GOOD_ID

WHO = {key: value for key, value in GOOD_ID.items() if key not in ("tx", "digest")} | {
    "proto": "2",
    "ram": "-",
    "window": "512",
}
SHORT = {key: WHO[key] for key in ("uid", "state", "seq", "ram", "reset")}


def known() -> AgentId:
    return parse_who(WHO, None)


def code_of(parse: Callable[[Mapping[str, str]], AgentId], answer: Mapping[str, str]) -> Code:
    """Why it is refused."""
    with pytest.raises(BoardFault) as refused:
        parse(answer)
    return refused.value.code


def who(answer: Mapping[str, str]) -> AgentId:
    return parse_who(answer, None)


def test_a_known_board_may_leave_out_what_does_not_change() -> None:
    assert parse_who(SHORT | {"seq": "2"}, known()).seq == 2


def test_a_short_answer_of_another_board_is_not_the_known_one_s() -> None:
    assert code_of(lambda said: parse_who(said, known()), SHORT | {"uid": "ab00000000000002"}) is Code.E202


def test_what_a_known_board_does_say_is_read() -> None:
    now = WHO | {"maxds": "32", "dn": "cam-0002"}
    assert parse_who(now, known()) == who(now)


@pytest.mark.parametrize("version", ["0", "3", "", None])
def test_another_version_of_the_protocol_is_not_read(version: str | None) -> None:
    for parse, answer in ((who, WHO), (parse_id, GOOD_ID)):
        said = {key: value for key, value in (answer | {"proto": version}).items() if value is not None}
        assert code_of(parse, said) is Code.E202


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("maxds", "256"),
        ("subs", "256"),
        ("seq", str(2**32)),
        ("seq", "01"),
        ("seq", ""),
        ("pk", ""),
        ("dn", "x" * 256),
        ("dn", "é" * 128),
        ("dn", "cam\x1b[2J"),
    ],
)
def test_what_no_board_can_mean_is_garbled(key: str, value: str) -> None:
    for parse, answer in ((who, WHO), (parse_id, GOOD_ID)):
        assert code_of(parse, answer | {key: value}) is Code.E208
