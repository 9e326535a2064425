# SPDX-License-Identifier: GPL-3.0-or-later
"""An uncertain answer about a device of IoTDA destroys nothing: the secret stays sealed, and a person is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from station.cloud.iotda.client import Iotda
from station.codes import Exit
from station.errors import CloudFault
from station.intake.ownership import Owner
from station.intake.register import SetPlan, plan, register
from station.ledger.store import Ledger
from station.model import Secret
from station.simulate.cloud import CloudSimulator
from tests.intake.intake_contents import Station, devices_of_cloud, queued

NAMES = [f"SN{number:04}" for number in range(6)]
LOST = "path=*/devices method=POST nth=2 do=drop-after"  # asked again, the cloud says 014031: it exists
ASKED = "path=*/devices/* method=GET"
THEIRS = Secret("somebody-elses-secret-0123456789")
UNCLEAR = {
    "a gateway's 404": "do=status:404",
    "a web page, 404": "do=html:404",
    "a web page, 200": "do=html",
    "no JSON": "do=garbage",
    "JSON that is cut off": "do=truncate",
    "an empty answer": "do=empty",
    "an empty 404": "do=empty:404",
    "a backend's 500": "do=500",
    "a timeout of the gateway": "do=504",
    "no answer": "do=drop",
    "flow control": "do=throttled",
    "a refusal": "do=code:IOTDA.000021",
    "no description": "quirk=iotda-without:description",
    "a null description": "quirk=iotda-null:description",
    "an empty description": "quirk=iotda-says:description=",
    "another device": "quirk=iotda-says:device_id=camera_SN9999",
    "another node_id": "quirk=iotda-says:node_id=SN9999",
    "another secret of ours": f"quirk=iotda-secret:{THEIRS.reveal()}",
}
MASKED = ["********", "xxxxxxxx", "abcd****wxyz", "x" * 32, "abcdefghxxxxxxxxxxxxxxxxabcdefgh", "***", "a" * 64, "…"]


def sealed(ledger: Ledger, batch: Any) -> Any:
    return {
        device.certificate.device_secret.reveal() for p in ledger.registrations.planned(batch) for device in p.devices
    }


@pytest.mark.parametrize("answer", UNCLEAR)
def test_an_uncertain_check_after_a_lost_answer_keeps_the_device_and_its_secret(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger, answer: Any
) -> None:
    batch = plan(ledger, iotda, "camera", NAMES)
    cloud.add_faults(f"{LOST};{ASKED} {UNCLEAR[answer]}")
    report = register(ledger, iotda, batch)
    [kept] = report.unsettled
    assert (kept.name.device_name, kept.verdict.owner, report.registered) == ("camera_SN0001", Owner.UNCLEAR, 5)
    assert sealed(ledger, batch) == {cloud.world.devices["camera_SN0001"].secret}
    cloud.clear_faults()
    assert register(ledger, iotda, batch).unsettled == ()
    assert queued(ledger) == devices_of_cloud(cloud)


@pytest.mark.parametrize("shown", MASKED)
def test_a_masked_secret_says_nothing_and_the_mark_alone_proves_ownership(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger, shown: Any
) -> None:
    batch = plan(ledger, iotda, "camera", NAMES)
    cloud.add_faults(f"{LOST};quirk=iotda-secret:{shown}")
    assert register(ledger, iotda, batch).unsettled == ()
    assert queued(ledger) == devices_of_cloud(cloud)


def test_a_cloud_that_shows_the_secret_confirms_it(cloud: CloudSimulator, iotda: Iotda, ledger: Ledger) -> None:
    cloud.add_faults(f"{LOST};quirk=secret-shown")
    assert register(ledger, iotda, plan(ledger, iotda, "camera", NAMES)).unsettled == ()


@pytest.mark.parametrize(
    "fault",
    [
        "do=html-after:201",
        "do=garbage-after",
        "do=truncate",
        "do=empty-after:201",
        "quirk=iotda-without:device_id",
    ],
)
def test_an_answer_to_registering_that_is_none_is_looked_up(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger, fault: str
) -> None:
    cloud.add_faults(f"path=*/devices method=POST nth=2 {fault}")
    assert register(ledger, iotda, plan(ledger, iotda, "camera", NAMES)).unsettled == ()
    assert queued(ledger) == devices_of_cloud(cloud)


def test_a_cloud_that_stored_another_secret_than_ours_gives_no_certificate(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger
) -> None:
    batch = plan(ledger, iotda, "camera", NAMES)
    cloud.add_faults(f"path=*/devices method=POST nth=2 quirk=iotda-secret:{THEIRS.reveal()}")
    assert [one.verdict.owner for one in register(ledger, iotda, batch).unsettled] == [Owner.UNCLEAR]
    assert len(queued(ledger)) == 5


@pytest.mark.parametrize(
    ("said", "owner"),
    [
        ("node_id=SN9999", Owner.UNCLEAR),
        ("product_id=recorder", Owner.UNCLEAR),
        ("description=line-3", Owner.ANOTHERS),
    ],
)
def test_an_answer_to_registering_that_tells_of_another_device_gives_no_certificate(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger, said: str, owner: Owner
) -> None:
    batch = plan(ledger, iotda, "camera", NAMES)
    cloud.add_faults(f"path=*/devices method=POST nth=2 quirk=iotda-says:{said}")
    assert [one.verdict.owner for one in register(ledger, iotda, batch).unsettled] == [owner]
    assert len(queued(ledger)) == 5
    cloud.clear_faults()
    assert register(ledger, iotda, batch).unsettled == ()
    assert queued(ledger) == devices_of_cloud(cloud)


def test_a_node_id_under_another_device_id_is_no_proof_of_anything(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger
) -> None:
    iotda.register(product_id="camera", node_id="SN0003", device_id="another-name", secret=THEIRS)
    batch = plan(ledger, iotda, "camera", NAMES)
    [kept] = register(ledger, iotda, batch).unsettled
    assert (kept.name.device_name, kept.verdict.owner) == ("camera_SN0003", Owner.UNCLEAR)
    assert len(sealed(ledger, batch)) == 1


@pytest.mark.parametrize(("description", "owner"), [("line 3", Owner.ANOTHERS), ("", Owner.UNCLEAR)])
def test_a_device_of_somebody_else_is_reported_and_never_queued(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger, description: str, owner: Any
) -> None:
    device_id = "camera_SN0003"
    iotda.register(product_id="camera", node_id="SN0003", device_id=device_id, secret=THEIRS, description=description)
    batch = plan(ledger, iotda, "camera", NAMES)
    report = register(ledger, iotda, batch)
    assert [one.name.device_name for one in report.of(owner)] == [device_id]
    assert cloud.world.devices[device_id].secret == THEIRS.reveal()
    assert queued(ledger) == {row for row in devices_of_cloud(cloud) if row[1] != device_id}
    assert len(sealed(ledger, batch)) == 1


@pytest.mark.parametrize("fault", ["do=status:404", "do=html:404", "do=code:IOTDA.000021", "do=500", "do=drop"])
def test_a_registration_that_is_refused_keeps_every_secret(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger, fault: str
) -> None:
    batch = plan(ledger, iotda, "camera", NAMES)
    cloud.add_faults(f"path=*/devices method=POST nth=2- {fault}")
    with pytest.raises(CloudFault):
        register(ledger, iotda, batch)
    assert len(sealed(ledger, batch)) == 5
    cloud.clear_faults()
    register(ledger, iotda, batch)
    assert queued(ledger) == devices_of_cloud(cloud)


@pytest.mark.usefixtures("iotda")
def test_what_is_unclear_needs_a_person_and_comes_with_the_next_run(cloud: CloudSimulator, station: Station) -> None:
    cloud.add_faults(f"{LOST};{ASKED} do=status:404")
    code, out, err = station("batch", "register", "--yes", "--product", "camera", "--amount", 3, "--json")
    told = json.loads(out)
    assert (code, told["new"], len(told["unclear"]), told["taken"]) == (Exit.PERSON_NEEDED, 2, 1, [])
    assert told["unclear"][0] in err
    assert "APIGW.0101" in err
    assert f"--resume {told['batch']}" in err
    assert station("batch", "register", "--resume", told["batch"])[0] == Exit.PERSON_NEEDED
    cloud.clear_faults()
    assert station("batch", "register", "--resume", told["batch"])[0] == Exit.OK
    assert station("certs")[1].count("READY") == 3


@pytest.mark.usefixtures("iotda")
def test_a_person_may_drop_what_is_not_ours(
    cloud: CloudSimulator, iotda: Iotda, station: Station, tmp_path: Path
) -> None:
    iotda.register(
        product_id="camera", node_id="SN0003", device_id="camera_SN0003", secret=THEIRS, description="line 3"
    )
    file = tmp_path / "names.txt"
    file.write_text("\n".join(NAMES))
    code, out, err = station("batch", "register", "--yes", "--product", "camera", "--names", file)
    assert (code, "5 identities registered, 0 left, 1 wait for a person" in out) == (Exit.PERSON_NEEDED, True)
    assert "is not ours" in err
    batch = out.split()[1].rstrip(":")
    assert station("batch", "register", "--yes", "--give-up", batch)[0] == Exit.OK
    assert cloud.world.devices["camera_SN0003"].secret == THEIRS.reveal()


def test_a_set_with_one_unclear_camera_is_kept_whole_and_comes_whole(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger
) -> None:
    batch = plan(ledger, iotda, "recorder", ["NVR1", "NVR2"], sets=SetPlan(channels=3, camera_product="camera"))
    cloud.add_faults("path=*/devices method=POST nth=3 do=drop-after;path=*/devices/* method=GET do=status:404")
    report = register(ledger, iotda, batch)
    assert (report.registered, [one.name.device_name for one in report.unsettled]) == (1, ["camera_NVR1-002"])
    assert len(sealed(ledger, batch)) == 4
    assert {name for _, name, _ in queued(ledger)} == {"recorder_NVR2", *(f"camera_NVR2-00{n}" for n in (1, 2, 3))}
    cloud.clear_faults()
    register(ledger, iotda, batch)
    assert queued(ledger) == devices_of_cloud(cloud)
