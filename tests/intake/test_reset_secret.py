# SPDX-License-Identifier: GPL-3.0-or-later
"""A device whose secret nobody knows becomes ours by a person's word, and no board that is in use is cut off."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from station.cloud.iotda.client import Iotda
from station.codes import Exit
from station.errors import CloudGarbled, NeedsPerson, UsageError
from station.intake.adopting import reset_secret
from station.intake.register import SetPlan, give_up, plan, register
from station.ledger.store import Ledger
from station.model import Secret
from station.simulate.cloud import CloudSimulator
from tests.intake.intake_contents import Station, devices_of_cloud, queued

THEIRS = Secret("somebody-elses-secret-0123456789")
LOST = "path=*/devices method=POST nth=2 do=drop-after"
NO_MARK = "path=*/devices/* method=GET quirk=iotda-without:description"


def unclear(cloud: CloudSimulator, iotda: Iotda, ledger: Ledger, names: Any = ("SN0000", "SN0001", "SN0002")) -> Any:
    """A batch whose second device is registered, and nothing proves that it is ours."""
    batch = plan(ledger, iotda, "camera", names)
    cloud.add_faults(f"{LOST};{NO_MARK}")
    assert len(register(ledger, iotda, batch).unsettled) == 1
    cloud.clear_faults()
    return batch


def test_an_unclear_device_gets_the_secret_that_is_sealed_for_it(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger
) -> None:
    unclear(cloud, iotda, ledger)
    report = reset_secret(ledger, iotda, "camera", "camera_SN0001", by="Li")
    assert (report.registered, report.unsettled) == (1, ())
    assert queued(ledger) == devices_of_cloud(cloud)
    ledger.audit.verify()


def test_a_lost_answer_to_the_reset_costs_nothing(cloud: CloudSimulator, iotda: Iotda, ledger: Ledger) -> None:
    unclear(cloud, iotda, ledger)
    cloud.add_faults("path=*/action do=garbage-after")
    with pytest.raises(CloudGarbled):
        reset_secret(ledger, iotda, "camera", "camera_SN0001", by="Li")
    assert len(queued(ledger)) == 2
    cloud.clear_faults()
    reset_secret(ledger, iotda, "camera", "camera_SN0001", by="Li")
    assert queued(ledger) == devices_of_cloud(cloud)


def test_what_was_given_up_comes_back_with_a_new_secret(cloud: CloudSimulator, iotda: Iotda, ledger: Ledger) -> None:
    batch = unclear(cloud, iotda, ledger)
    assert give_up(ledger, batch) == 1
    assert ledger.registrations.planned(batch) == []
    reset_secret(ledger, iotda, "camera", "camera_SN0001", by="Li")
    assert queued(ledger) == devices_of_cloud(cloud)


def test_a_device_registered_elsewhere_is_taken_over(cloud: CloudSimulator, iotda: Iotda, ledger: Ledger) -> None:
    iotda.register(product_id="camera", node_id="SN7", device_id="their-name", secret=THEIRS)
    reset_secret(ledger, iotda, "camera", "their-name", by="Li")
    assert queued(ledger) == devices_of_cloud(cloud)


def test_a_set_goes_on_after_its_unclear_member_was_reset(cloud: CloudSimulator, iotda: Iotda, ledger: Ledger) -> None:
    batch = plan(ledger, iotda, "recorder", ["NVR1"], sets=SetPlan(channels=3, camera_product="camera"))
    cloud.add_faults(f"{LOST};{NO_MARK}")
    [kept] = register(ledger, iotda, batch).unsettled
    cloud.clear_faults()
    reset_secret(ledger, iotda, "camera", kept.name.device_name, by="Li")
    assert len(queued(ledger)) == 4
    assert queued(ledger) == devices_of_cloud(cloud)


@pytest.mark.parametrize("status", ["ONLINE", "OFFLINE", "FROZEN", ""])
def test_a_device_that_may_be_on_a_board_is_left_alone(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger, status: str
) -> None:
    iotda.register(product_id="camera", node_id="SN7", device_id="their-name", secret=THEIRS)
    cloud.add_faults(f"quirk=iotda-says:status={status}")
    with pytest.raises(NeedsPerson):
        reset_secret(ledger, iotda, "camera", "their-name", by="Li")
    assert cloud.world.devices["their-name"].secret == THEIRS.reveal()
    assert queued(ledger) == set()


def test_a_certificate_that_is_in_the_ledger_keeps_its_secret(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger
) -> None:
    register(ledger, iotda, plan(ledger, iotda, "camera", ["SN0000"]))
    before = devices_of_cloud(cloud)
    with pytest.raises(UsageError, match="in the ledger, with its secret"):
        reset_secret(ledger, iotda, "camera", "camera_SN0000", by="Li")
    assert devices_of_cloud(cloud) == before


def test_another_products_device_is_not_taken(cloud: CloudSimulator, iotda: Iotda, ledger: Ledger) -> None:
    iotda.register(product_id="recorder", node_id="SN7", device_id="their-name", secret=THEIRS)
    with pytest.raises(UsageError, match="recorder"):
        reset_secret(ledger, iotda, "camera", "their-name", by="Li")
    assert cloud.world.devices["their-name"].secret == THEIRS.reveal()


@pytest.mark.usefixtures("iotda")
def test_by_command_with_a_pin_and_what_waits_stops_no_other_batch(
    cloud: CloudSimulator, station: Station, pin: Path
) -> None:
    cloud.add_faults(f"{LOST};{NO_MARK}")
    code, out, _ = station("batch", "register", "--yes", "--product", "camera", "--amount", 3, "--json")
    told = json.loads(out)
    [unsettled] = told["unclear"]
    cloud.clear_faults()
    assert code == Exit.PERSON_NEEDED
    code, out, err = station("batch", "list")
    assert (code, "1 of them wait for a person" in err) == (Exit.PERSON_NEEDED, True)
    assert unsettled in station("batch", "show", told["batch"])[1]
    assert station("batch", "register", "--yes", "--product", "camera", "--amount", 1)[0] == Exit.OK
    command = ("batch", "reset-secret", "--yes", unsettled.partition("/")[2], "--product", "camera")
    assert station(*command)[0] == Exit.PERSON_NEEDED
    assert station(*command, "--pin-file", pin)[0] == Exit.OK
    assert station("batch", "list")[0] == Exit.OK
    assert station("certs")[1].count("READY") == 4
