# SPDX-License-Identifier: GPL-3.0-or-later
"""Receivers and work orders of a line: one place in each, whichever bench sends or takes."""

from __future__ import annotations

import pytest

from station.codes import Code
from station.errors import NeedsPerson
from station.ledger.values import WorkOrder
from station.model import IdentityKind
from station.outbox.courier import Courier
from tests.ledger.ledger_samples import BATCH, single, uid
from tests.outbox.stays import Mes, passed, stayed
from tests.postgres.conftest import Open


def test_one_bench_goes_on_where_another_stopped(open_bench: Open) -> None:
    one, other, mes = open_bench("one"), open_bench("other"), Mes()
    first, second = (Courier(mes, ledger, "", lambda *_: None) for ledger in (one, other))
    one.outbox.begin("mes")
    passed(one, 1)
    stayed(other, 2)
    stayed(other, 1)
    mes.refuses = {1}
    first.send()
    assert mes.told == [2]
    assert other.outbox.retry("mes", None) == [1]
    mes.refuses = set()
    with one.outbox.alone("mes") as alone:
        assert alone
        assert second.send() is False
    second.send()
    stayed(one, 2)
    first.send()
    assert mes.told == [2, 1, 3, 4]
    assert [event["bench"] for event in mes.contents] == ["other", "one", "other", "one"]


def test_an_order_counts_the_boards_of_every_bench(open_bench: Open) -> None:
    one, other, order = open_bench("one"), open_bench("other"), WorkOrder(reference="WO-1", quantity=2)
    one.receive(BATCH, [single(f"cam{n}") for n in range(4)])
    for board, ledger in enumerate((one, other)):
        ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(board), "1", order=order)
    with pytest.raises(NeedsPerson) as caught:
        other.reserve(["a1Camera"], IdentityKind.SINGLE, uid(9), "1", order=order)
    assert caught.value.code is Code.E640
    assert one.work_orders.boards("WO-1") == 2
