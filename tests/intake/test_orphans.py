# SPDX-License-Identifier: GPL-3.0-or-later
"""What a registration leaves in IoTDA is listed and removed, and nothing else is; registering nothing is no success."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from station.cloud.iotda.client import Iotda
from station.codes import Exit
from station.errors import UsageError
from station.intake.orphans import find_orphans, remove_orphans
from station.intake.register import SetPlan, give_up, in_the_way, plan, register, settle
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import Provider, Secret, State
from station.simulate.cloud import CloudSimulator
from tests.intake.intake_contents import Station

THEIRS = Secret("somebody-elses-secret-0123456789")


def names(found: Any) -> Any:
    return [name.device_name for name in found]


@pytest.fixture
def left_behind(cloud: CloudSimulator, iotda: Iotda, ledger: Ledger) -> Any:
    """A set of which the NVR and its first camera were registered before the cloud refused the rest."""
    batch = plan(ledger, iotda, "recorder", ["NVR1"], sets=SetPlan(channels=3, camera_product="camera"))
    cloud.add_faults("path=*/devices method=POST nth=3- do=code:IOTDA.000021")
    with pytest.raises(Exception, match=r"000021"):
        register(ledger, iotda, batch)
    cloud.clear_faults()
    assert give_up(ledger, batch) == 1
    assert len(cloud.world.devices) == 2
    return batch


def test_orphans_are_listed_and_removed_cameras_first(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger, left_behind: Any
) -> None:
    assert names(find_orphans(ledger, iotda, left_behind).names) == ["camera_NVR1-001", "recorder_NVR1"]
    assert len(cloud.world.devices) == 2
    remove_orphans(ledger, iotda, left_behind, by="Li")
    assert cloud.world.devices == {}
    assert find_orphans(ledger, iotda, left_behind).names == ()
    ledger.audit.verify()


@pytest.mark.parametrize(
    "quirk",
    ["iotda-says:status=ONLINE", "iotda-says:description=theirs", "iotda-without:description", "iotda-null:status"],
)
def test_what_is_not_surely_ours_and_unused_stays(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger, left_behind: Any, quirk: str
) -> None:
    cloud.add_faults(f"quirk={quirk}")
    found = remove_orphans(ledger, iotda, left_behind, by="Li")
    assert (found.names, len(found.others), len(cloud.world.devices)) == ((), 2, 2)


def test_what_is_in_the_queue_is_no_orphan(cloud: CloudSimulator, iotda: Iotda, ledger: Ledger) -> None:
    batch = plan(ledger, iotda, "camera", ["SN0000"])
    register(ledger, iotda, batch)
    assert remove_orphans(ledger, iotda, batch, by="Li").names == ()
    assert len(cloud.world.devices) == 1


def test_what_is_given_up_while_it_is_registered_comes_into_no_queue(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger
) -> None:
    """Otherwise its device could be removed from the cloud before a board has it."""
    batch = plan(ledger, iotda, "camera", ["SN0000", "SN0001"])
    items = ledger.registrations.planned(batch)
    assert [in_the_way(iotda, item) for item in items] == [None, None]
    assert give_up(ledger, batch) == 2
    assert len(remove_orphans(ledger, iotda, batch, by="Li").names) == 2
    key = BatchKey(provider=Provider.IOTDA, batch_id=batch, product_key="camera")
    assert ledger.registrations.finish(key, items) == 0
    assert ledger.stock.by_state()[State.READY] == 0


def test_what_came_into_the_queue_is_not_given_up(cloud: CloudSimulator, iotda: Iotda, ledger: Ledger) -> None:
    batch = plan(ledger, iotda, "camera", ["SN0000"])
    (item,) = ledger.registrations.planned(batch)
    register(ledger, iotda, batch)
    before = ledger.audit.head()
    assert not ledger.registrations.give_up(batch, item, "given up")
    assert ledger.audit.head() == before


def test_what_another_station_finished_meanwhile_is_settled(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger
) -> None:
    batch = plan(ledger, iotda, "camera", ["SN0000", "SN0001"])
    done, given_up = ledger.registrations.planned(batch)
    ledger.registrations.give_up(batch, given_up, "given up")
    register(ledger, iotda, batch)
    assert settle(ledger, iotda, batch, done) is None
    unsettled = settle(ledger, iotda, batch, given_up)
    assert unsettled is not None and "given up meanwhile" in unsettled.verdict.why
    assert ledger.stock.by_state()[State.READY] == 1


def test_registering_nothing_is_no_success(cloud: CloudSimulator, iotda: Iotda, ledger: Ledger) -> None:
    register(ledger, iotda, plan(ledger, iotda, "camera", ["SN0000", "SN0001"]))
    with pytest.raises(UsageError, match="all 2 names"):
        plan(ledger, iotda, "camera", ["SN0000", "SN0001"])
    assert register(ledger, iotda, plan(ledger, iotda, "camera", ["SN0000", "SN0002"])).registered == 1


@pytest.mark.usefixtures("iotda")
def test_by_command(cloud: CloudSimulator, station: Station, pin: Path) -> None:
    cloud.add_faults("path=*/devices method=POST nth=1 do=drop-after; path=*/devices/* method=GET do=status:404")
    code, out, _ = station("batch", "register", "--yes", "--product", "camera", "--amount", 1, "--json")
    assert (code, json.loads(out)["new"]) == (Exit.PERSON_NEEDED, 0)
    cloud.clear_faults()
    batch = json.loads(out)["batch"]
    assert f"station batch orphans {batch}" in station("batch", "register", "--yes", "--give-up", batch)[2]
    code, out, err = station("batch", "orphans", batch, "--json")
    assert (code, json.loads(out)["removed"], "--remove" in err) == (Exit.PERSON_NEEDED, False, True)
    assert station("batch", "orphans", batch, "--remove", "--pin-file", pin)[0] == Exit.USAGE
    assert station("batch", "orphans", batch, "--remove", "--confirm", batch)[0] == Exit.PERSON_NEEDED
    assert len(cloud.world.devices) == 1
    assert station("batch", "orphans", batch, "--remove", "--confirm", batch, "--pin-file", pin)[0] == Exit.OK
    assert cloud.world.devices == {}
    assert station("batch", "orphans", batch)[0] == Exit.OK
