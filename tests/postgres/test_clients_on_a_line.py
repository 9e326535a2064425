# SPDX-License-Identifier: GPL-3.0-or-later
"""Line clients of two benches that share one ledger: one DeviceID has one certificate, whichever bench is asked."""

from __future__ import annotations

from contextlib import closing

from station.model import State
from tests.distribution.line_clients import Desk, digest_of, stock
from tests.postgres.conftest import Open


def test_one_device_id_at_two_benches_has_one_certificate(open_bench: Open) -> None:
    with closing(Desk(open_bench("one"))) as one, closing(Desk(open_bench("other"))) as other:
        one.ledger.receive(*stock(2))
        given = one.ask(0)
        assert (given["Status"], other.ask(0)["Code"]) == ("OK", "E210")
        assert other.ask(1, SHA256=digest_of(given))["Code"] == "E210"
        assert one.ask(2)["Status"] == "OK"
        assert other.ask(0) == given
        assert other.ask(1, SHA256=digest_of(given))["Status"] == "OK"
        assert one.ask(0)["Status"] == "ALREADY_DONE"
        assert (one.state(), one.taken()) == (State.CONSUMED, 1)
