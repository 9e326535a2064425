# SPDX-License-Identifier: GPL-3.0-or-later
"""An answer with a number beyond all numbers, or with half a character, is not believed."""

from __future__ import annotations

import pytest

from station.cloud.strict_json import parse_object
from station.errors import CloudGarbled


@pytest.mark.parametrize("body", [b'{"n": 1e999}', b'{"n": [-1e999]}', b'{"n": "\\ud800"}', b'{"\\udc00": 1}'])
def test_what_has_no_value_is_refused(body: bytes) -> None:
    with pytest.raises(CloudGarbled, match="not JSON"):
        parse_object(body, "here")


def test_a_whole_pair_is_a_character() -> None:
    assert parse_object(b'{"n": "\\ud83d\\ude00", "m": 1e3}', "here") == {"n": "\U0001f600", "m": 1000.0}
