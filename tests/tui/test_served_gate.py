# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may look at the served wall, and what is made of anything a browser says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.codes import Code
from station.errors import ConfigError
from station.model import Secret
from station.rate import Rate
from station.tui.served import gate
from station.tui.served.messages import OtherLanguage, Ping, Size, read, size_of

NAMES = gate.own_names("wall.factory", ["andon"])


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8000", "[::1]:8000", "192.168.1.9", "localhost:1", "ANDON:8000", "wall.factory."]
)
def test_names_of_this_pc_and_addresses_are_answered(host: str) -> None:
    assert gate.is_ours(host, NAMES)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "127.0.0.1.evil.example:8000",
        "localhost.evil.example",
        "localhost@evil.example",
        "a/localhost",
        "localhost:x",
        "localhost:99999",
        "[::1",
        "127.1.evil",
        "localhost evil",
        "evil.example#@localhost",
        "0x7f000001",
    ],
)
def test_another_name_that_points_here_is_not(host: str) -> None:
    assert not gate.is_ours(host, NAMES)


@pytest.mark.parametrize(
    ("origin", "same"),
    [
        ("http://127.0.0.1:8000", True),
        ("https://127.0.0.1:8000", True),
        (None, False),
        ("", False),
        ("null", False),
        ("http://127.0.0.1", False),
        ("http://127.0.0.1:80000", False),
        ("http://evil.example", False),
        ("http://127.0.0.1:8000.evil.example", False),
        ("http://127.0.0.1:8000/", False),
        ("file://127.0.0.1:8000", False),
    ],
)
def test_only_the_page_that_came_from_here_opens_a_socket(origin: str | None, same: bool) -> None:
    assert gate.is_same_page(origin, "127.0.0.1:8000") is same


def test_a_token_is_long_private_and_its_cookie_is_another_word(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("short\n")
    file.chmod(0o600)
    with pytest.raises(ConfigError, match="shorter than 16") as caught:
        gate.read_token(file)
    assert caught.value.code is Code.E114
    file.write_text("0123456789abcdef\n")
    token = gate.read_token(file)
    assert token.is_told("0123456789abcdef")
    assert not token.is_told("0123456789abcdeg")
    assert not token.is_told("ü" * 16)
    assert "0123456789abcdef" not in token.cookie
    assert token.is_kept(token.cookie)
    assert not token.is_kept("0123456789abcdef")
    assert gate.Admission(Secret("another 16 letters")).cookie != token.cookie
    file.chmod(0o644)
    with pytest.raises(ConfigError):
        gate.read_token(file)


def test_what_is_said_is_read_within_bounds() -> None:
    assert read('["resize", {"width": 2000000, "height": 20000}]') == Size(400, 120)
    assert read('["resize", {"width": -5, "height": 0}]') == Size(40, 12)
    assert read('["resize", {"width": 123, "height": 43}]') == Size(120, 42)
    assert read('["ping", "12"]') == Ping("12")
    assert read(json.dumps(["ping", "9" * 4000])) == Ping("9" * 32)
    assert isinstance(read('["stdin", "\\u001bOQ"]'), OtherLanguage)
    for nothing in ("", "[", "[]", "7", '["stdin", "q"]', '["stdin", "\\u0011"]', '["resize"]', '["quit"]', "[" * 4000):
        assert read(nothing) is None


_SAID = st.recursive(
    st.none() | st.integers() | st.text() | st.floats(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["width", "height", "type"]), inner),
    max_leaves=8,
)


@given(st.text(max_size=200) | _SAID.map(json.dumps))
@settings(max_examples=50)
def test_whatever_is_said_is_read(text: str) -> None:
    found = read(text)
    assert found is None or isinstance(found, Size | Ping | OtherLanguage)


@given(st.integers() | st.text(max_size=9) | st.none() | st.floats(), st.integers() | st.text(max_size=9))
def test_every_size_is_one_that_a_process_may_have(width: object, height: object) -> None:
    size = size_of(width, height)
    assert (40 <= size.width <= 400, 12 <= size.height <= 120) == (True, True)
    assert (size.width % 4, size.height % 2) == (0, 0)


def test_a_rate_lets_so_many_through_at_once_and_then_waits() -> None:
    rate = Rate(at_once=3, per_s=0.0)
    assert [rate.allows() for _ in range(5)] == [True, True, True, False, False]
    refilled = Rate(at_once=1, per_s=1e12)
    assert [refilled.allows() for _ in range(3)] == [True] * 3
