# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger that was set back calls an orphan what is on a board since: the device in the cloud stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.cloud.iotda.client import Iotda
from station.errors import StationError
from station.intake.adopting import reset_secret
from station.intake.orphans import find_orphans, remove_orphans
from station.intake.register import give_up, plan, register
from station.ledger import recovery
from station.ledger.opening import Surroundings, open_ledger
from station.ledger.store import Ledger
from station.model import BoardUid, IdentityKind
from station.secrets.vault import Vault
from station.simulate.cloud import CloudSimulator
from tests.raw import copied

KEY = bytes(range(32))
_LOST = "path=*/devices method=POST nth=1 do=drop-after; path=*/devices/* method=GET quirk=iotda-without:description"
"""The device is registered, and nothing proves that it is ours."""
BOARD = BoardUid.parse("5a0000000000000c")


@pytest.fixture
def reopened(tmp_path: Path) -> Any:
    """Opens the ledger as the commands do; its folder is given back to the state `kept` when asked."""
    around = Surroundings(home=tmp_path / "witness")
    path = tmp_path / "state" / "ledger.db"

    def again() -> Ledger:
        return open_ledger(path, Vault(KEY), around)

    again.path, again.around = path, around  # type: ignore[attr-defined]
    return again


def given_up(cloud: CloudSimulator, iotda: Iotda, ledger: Ledger) -> str:
    """A batch of one device whose registration nobody knows the end of."""
    batch = plan(ledger, iotda, "camera", ["SN0000"])
    cloud.add_faults(_LOST)
    assert register(ledger, iotda, batch).unsettled
    cloud.clear_faults()
    give_up(ledger, batch)
    return batch


def put_back(copy: Path, path: Path) -> None:
    """The copy takes the place of all that the ledger is."""
    for file in (*path.parent.glob("ledger.db*"), *path.parent.glob(".ledger.db*")):
        file.unlink()
    copy.rename(path)


@pytest.fixture
def set_back(cloud: CloudSimulator, iotda: Iotda, reopened: Any) -> Iterator[Any]:
    """Given up before the backup, taken back and written to a board after it; then restored and recovered."""
    with reopened() as ledger:
        batch = given_up(cloud, iotda, ledger)
        copy = reopened.path.with_name("copy.db")
        copied(ledger.path, copy)
        reset_secret(ledger, iotda, "camera", "camera_SN0000", by="Li")
        ledger.begin(ledger.reserve(["camera"], IdentityKind.SINGLE, BOARD, "1").attempt)
    put_back(copy, reopened.path)
    with reopened() as ledger:
        assert recovery.recover(ledger, reopened.around, "restored", by="Li").told == 1
        yield ledger, batch


def test_a_device_that_a_witness_knows_on_a_board_is_no_orphan(iotda: Iotda, set_back: Any) -> None:
    ledger, batch = set_back
    assert find_orphans(ledger, iotda, batch).names == ()


def test_a_device_that_a_witness_knows_on_a_board_is_not_deleted(
    cloud: CloudSimulator, iotda: Iotda, set_back: Any
) -> None:
    ledger, batch = set_back
    remove_orphans(ledger, iotda, batch, by="Li")
    assert len(cloud.world.devices) == 1


def test_the_secret_of_a_device_that_a_witness_knows_on_a_board_is_not_reset(iotda: Iotda, set_back: Any) -> None:
    ledger, _ = set_back
    with pytest.raises(StationError):
        reset_secret(ledger, iotda, "camera", "camera_SN0000", by="Li")


@pytest.fixture
def given_up_before(cloud: CloudSimulator, iotda: Iotda, reopened: Any) -> Iterator[Any]:
    """Given up before the backup and never taken back; another board was written, which alone the witness tells of."""
    with reopened() as ledger:
        batch = given_up(cloud, iotda, ledger)
        register(ledger, iotda, plan(ledger, iotda, "camera", ["SN0001"]))
        copy = reopened.path.with_name("copy.db")
        copied(ledger.path, copy)
        ledger.begin(ledger.reserve(["camera"], IdentityKind.SINGLE, BOARD, "1").attempt)
    put_back(copy, reopened.path)
    with reopened() as ledger:
        recovery.recover(ledger, reopened.around, "restored", by="Li")
        yield ledger, batch


def test_what_was_given_up_before_a_recovery_is_free_once_its_lost_time_is_settled(
    iotda: Iotda, given_up_before: Any
) -> None:
    ledger, batch = given_up_before
    assert len(find_orphans(ledger, iotda, batch).maybe_out) == 1
    with pytest.raises(StationError) as refused:
        reset_secret(ledger, iotda, "camera", "camera_SN0000", by="Li")
    assert "station recover --over" in refused.value.do
    recovery.settled(ledger, "every board was looked at", by="Li")
    found = find_orphans(ledger, iotda, batch)
    assert (len(found.names), found.maybe_out) == (1, ())
    assert reset_secret(ledger, iotda, "camera", "camera_SN0000", by="Li").registered == 1
    with pytest.raises(StationError):
        recovery.settled(ledger, "said already", by="Li")
    ledger.audit.verify()


def test_what_a_witness_names_is_no_orphan_also_when_the_lost_time_is_settled(iotda: Iotda, set_back: Any) -> None:
    ledger, batch = set_back
    recovery.settled(ledger, "every board was looked at", by="Li")
    assert find_orphans(ledger, iotda, batch).names == ()
    with pytest.raises(StationError):
        reset_secret(ledger, iotda, "camera", "camera_SN0000", by="Li")
