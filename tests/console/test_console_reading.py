# SPDX-License-Identifier: GPL-3.0-or-later
"""What a console board shows is an identity only where each part of one is there: half of one proves nothing."""

from __future__ import annotations

import pytest

from station.model import Secret
from station.targets.console.reading import Held, as_identity

NAMES: dict[str, Secret | None] = {"productKey": Secret("pk"), "deviceName": Secret("dn")}


@pytest.mark.parametrize(
    "held",
    [
        NAMES,
        NAMES | {"deviceSecret": None},
        NAMES | {"deviceSecret": Secret("ds"), "productSecret": None},
        {"productKey": Secret("pk"), "deviceSecret": Secret("ds")},
    ],
    ids=["names alone", "a secret that is not stored", "one of two secrets", "no name"],
)
def test_half_an_identity_is_none(held: Held) -> None:
    assert as_identity(held) is None


def test_a_whole_one_is_one() -> None:
    assert as_identity(NAMES | {"deviceSecret": Secret("ds")}) is not None
