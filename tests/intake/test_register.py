# SPDX-License-Identifier: GPL-3.0-or-later
"""IoTDA devices: after any interruption the queue holds each device once, with the secret the cloud has."""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from station.cloud.iotda.client import Iotda
from station.codes import Exit
from station.errors import CloudRefused, UsageError
from station.intake.progress import resting
from station.intake.register import SetPlan, new_names, plan, register
from station.ledger.store import Ledger
from station.simulate.cloud import CloudSimulator
from tests.intake.intake_contents import Station, devices_of_cloud, of_ledger, queued
from tests.started import start

NAMES = [f"SN{number:04}" for number in range(12)]


def test_devices_enter_the_queue_with_the_secret_the_cloud_has(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger
) -> None:
    shown: list[Any] = []
    report = register(ledger, iotda, plan(ledger, iotda, "camera", NAMES), show=shown.append)
    assert (report.registered, report.left, report.unsettled) == (12, 0, ())
    assert queued(ledger) == devices_of_cloud(cloud)
    assert len({secret for _, _, secret in devices_of_cloud(cloud)}) == 12
    assert shown[-1].done == 12


def test_secrets_are_on_disk_before_the_cloud_hears_of_them(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger
) -> None:
    batch = plan(ledger, iotda, "camera", NAMES)
    assert cloud.world.devices == {}
    assert len(ledger.registrations.planned(batch)) == 12
    assert queued(ledger) == set()


@pytest.mark.parametrize(
    "fault", ["nth=4 do=drop-after", "nth=4-5 do=drop-after", "nth=4 do=cut", "nth=4-5 do=throttled"]
)
def test_lost_answers_lose_and_double_nothing(cloud: CloudSimulator, iotda: Iotda, ledger: Ledger, fault: str) -> None:
    cloud.add_faults(f"path=*/devices method=POST {fault}")
    register(ledger, iotda, plan(ledger, iotda, "camera", NAMES))
    assert queued(ledger) == devices_of_cloud(cloud)
    assert len(cloud.world.devices) == 12


def test_a_registration_that_is_throttled_can_be_stopped_and_resumed(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger
) -> None:
    batch = plan(ledger, iotda, "camera", NAMES)
    said: list[Any] = []
    iotda.while_throttled(resting(said.append, lambda: bool(said)))
    cloud.add_faults("path=*/devices method=POST nth=5- do=throttled")
    report = register(ledger, iotda, batch, stop=lambda: bool(said))
    assert (report.registered, report.left) == (4, 8)
    cloud.clear_faults()
    register(ledger, iotda, batch)
    assert queued(ledger) == devices_of_cloud(cloud)


def test_killed_and_resumed_nothing_is_lost_or_doubled(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger, tmp_path: Path
) -> None:
    batch = plan(ledger, iotda, "camera", NAMES)
    given = {"ak": cloud.iotda_ak, "sk": cloud.iotda_sk, "region": cloud.iotda_region, "url": cloud.url}
    given |= {"project": cloud.iotda_project, "folder": str(tmp_path), "batch": batch}
    dice = random.Random(3)
    for _ in range(4):
        until = len(cloud.world.devices) + dice.randint(1, 3)
        process = start([sys.executable, "-m", "tests.intake.register_once", json.dumps(given)])
        while len(cloud.world.devices) < until and process.poll() is None:
            time.sleep(0.0005)
        process.kill()
        process.communicate()
    register(ledger, iotda, batch)
    assert queued(ledger) == devices_of_cloud(cloud)
    assert len(cloud.world.devices) == 12
    ledger.audit.verify()


def test_sub_devices_hang_under_their_gateway(cloud: CloudSimulator, iotda: Iotda, ledger: Ledger) -> None:
    register(ledger, iotda, plan(ledger, iotda, "recorder", ["NVR1"]))
    register(ledger, iotda, plan(ledger, iotda, "camera", NAMES, gateway_id="recorder_NVR1"))
    assert {device.gateway_id for device in cloud.world.devices.values()} == {"recorder_NVR1"}


def test_an_nvr_set_comes_whole_with_its_cameras_under_it(cloud: CloudSimulator, iotda: Iotda, ledger: Ledger) -> None:
    sets = SetPlan(channels=3, camera_product="camera")
    register(ledger, iotda, plan(ledger, iotda, "recorder", ["NVR1", "NVR2"], sets=sets))
    assert [len(identity) for identity in of_ledger(ledger)] == [4, 4]
    assert queued(ledger) == devices_of_cloud(cloud)
    assert cloud.world.devices["camera_NVR2-003"].gateway_id == "recorder_NVR2"


def test_a_refusal_leaves_the_rest_for_the_next_time(cloud: CloudSimulator, iotda: Iotda, ledger: Ledger) -> None:
    batch = plan(ledger, iotda, "camera", NAMES)
    cloud.add_faults("path=*/devices method=POST nth=5- do=code:IOTDA.000021")
    with pytest.raises(CloudRefused):
        register(ledger, iotda, batch)
    cloud.clear_faults()
    assert register(ledger, iotda, batch).registered == 8
    assert queued(ledger) == devices_of_cloud(cloud)


def test_bad_names_are_all_named_and_nothing_is_planned(ledger: Ledger, iotda: Iotda) -> None:
    with pytest.raises(UsageError) as error:
        plan(ledger, iotda, "camera", ["SN0001", "x", "SN 02", "SN0001", "n" * 65])
    assert all(f"line {line}" in str(error.value) for line in (2, 3, 4, 5))
    assert ledger.registrations.open_batches() == {}


def test_names_made_here_are_names_nobody_has() -> None:
    names = new_names(1000)
    assert len(set(names)) == 1000
    assert not set("".join(names)) & set("ILOU")


def test_register_by_command_and_resume(cloud: CloudSimulator, iotda: Iotda, station: Station, tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_text("\n".join(NAMES))
    cloud.add_faults("path=*/devices method=POST nth=5- do=code:IOTDA.000021")
    assert station("batch", "register", "--yes", "--product", "camera", "--names", file)[0] == Exit.CLOUD
    cloud.clear_faults()
    code, _, err = station("batch", "register", "--yes", "--product", "camera", "--amount", 3)
    assert code == Exit.USAGE
    batch = err.rpartition("--resume ")[2].split()[0]
    code, out, _ = station("batch", "register", "--cloud", "iotda", "--resume", batch, "--json")
    assert (code, json.loads(out)["new"], json.loads(out)["left"]) == (Exit.OK, 8, 0)
    assert station("certs")[1].count("READY") == 12
    assert station("batch", "register", "--yes", "--product", "camera", "--amount", 3)[0] == Exit.OK
    assert len(cloud.world.devices) == 15


@pytest.mark.usefixtures("iotda")
def test_what_the_cloud_does_not_know_is_refused_before_anything_is_planned(station: Station) -> None:
    for names in (
        ("--product", "camra"),
        ("--product", "camera", "--gateway", "nobody"),
        ("--product", "recorder", "--channels", 2, "--camera-product", "camra"),
    ):
        assert station("batch", "register", "--yes", *names, "--amount", 2)[0] == Exit.CLOUD
    assert "to register" not in "".join(station("batch", "list")[1:])


@pytest.mark.usefixtures("iotda")
def test_a_batch_that_the_cloud_never_takes_can_be_ended(cloud: CloudSimulator, station: Station) -> None:
    anew = ("batch", "register", "--yes", "--product", "camera", "--amount", 3)
    cloud.add_faults("path=*/devices method=POST nth=2- do=code:IOTDA.000021")
    assert station(*anew)[0] == Exit.CLOUD
    batch = station(*anew)[2].rpartition("--give-up ")[2].split(")")[0]
    code, _, err = station("batch", "register", "--give-up", batch)
    assert (code, "the secrets made for it are destroyed: nobody was asked" in err) == (Exit.PERSON_NEEDED, True), err
    assert [station("batch", "register", "--yes", "--give-up", batch)[0] for _ in range(2)] == [Exit.OK, Exit.USAGE]
    cloud.clear_faults()
    assert station(*anew)[0] == Exit.OK
    assert (station("certs")[1].count("READY"), len(cloud.world.devices)) == (4, 4)


@pytest.mark.parametrize(
    "arguments", [(), ("--product", "p"), ("--product", "p", "--amount", 2, "--channels", 2), ("--resume", "none")]
)
def test_register_wants_to_know_what(station: Station, arguments: Any) -> None:
    assert station("batch", "register", "--yes", *arguments)[0] == Exit.USAGE


@pytest.mark.usefixtures("iotda")
def test_a_dry_run_registers_nothing_and_a_large_amount_is_given_twice(
    cloud: CloudSimulator, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    sets = ("--channels", 2, "--camera-product", "camera")
    wish = ("batch", "register", "--yes", "--product", "recorder", "--amount", 3, *sets)
    code, out, _ = station(*wish, "--dry-run")
    assert (code, "would register 9 devices, 3 identities" in out) == (Exit.OK, True)
    assert station(*wish, "--dry-run", "--json")[1].count('"devices": 9') == 1
    assert station("batch", "register", "--yes", "--product", "camra", "--amount", 3, "--dry-run")[0] == Exit.CLOUD
    code, _, err = station(*(word for word in wish if word != "--yes"))
    assert (code, "9 devices of recorder are registered" in err, cloud.world.devices) == (Exit.PERSON_NEEDED, True, {})
    monkeypatch.setenv("STATION_CLOUD_ASK_ABOVE", "8")
    for arguments in ((), ("--confirm-amount", 3)):
        code, _, err = station(*wish, *arguments)
        assert (code, "--confirm-amount 9" in err) == (Exit.USAGE, True)
    assert cloud.world.devices == {}
    assert "register" not in station("batch", "list")[1]
    assert station(*wish, "--confirm-amount", 9)[0] == Exit.OK
    assert len(cloud.world.devices) == 9
