# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back through the commands: the cloud asked again, let back by a supervisor; both clouds and a file."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from station.cloud.iotda.client import Iotda
from station.codes import Exit
from station.intake.recheck import recheck
from station.intake.register import plan, register
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import Provider
from station.rules import WayBack
from station.simulate.cloud import CloudSimulator
from tests.intake.intake_contents import Station


@pytest.fixture
def pin(station: Station, tmp_path: Path) -> Any:
    file = tmp_path / "pin"
    file.write_text("246810")
    file.chmod(0o600)
    assert station("supervisor", "set-pin", "--new-pin-file", file)[0] == 0
    return file


@pytest.fixture
def batch(cloud: CloudSimulator, station: Station) -> Any:
    """Of three, two were in use when they came."""
    made = station(
        "batch", "generate", "--yes", "--product", cloud.add_product("Fan").product_key, "--amount", 3, "--json"
    )
    batch = json.loads(made[1].splitlines()[-1])["batch"]
    for row in (0, 1):
        cloud.set_status(batch, row, 1)
    assert station("pull", batch)[0] == 0
    return batch


def states(station: Station) -> Any:
    return [json.loads(line)["state"] for line in station("certs", "--json")[1].splitlines()]


def test_a_batch_comes_back_once_the_cloud_was_asked(
    cloud: CloudSimulator, station: Station, pin: Path, batch: Any
) -> None:
    release = ("release", "--batch", batch, "--yes", "--reason", "tested by hand, on no board", "--pin-file", pin)
    code, _, err = station(*release)
    assert (code, f"station pull {batch} --recheck" in err) == (Exit.PERSON_NEEDED, True)
    cloud.set_status(batch, 0, 0)
    code, _, err = station("pull", batch, "--recheck")
    assert (code, f"station release --batch {batch}" in err) == (Exit.OK, True)
    code, out, _ = station(*release, "--json")
    assert (code, json.loads(out)["ready"], json.loads(out)["withheld"]) == (Exit.PERSON_NEEDED, 1, {"in use": 1})
    assert sorted(states(station)) == ["READY", "READY", "WITHHELD"]
    assert "E620" in station(*release)[2]
    assert station("audit", "verify")[0] == 0


def test_one_name_comes_back_by_a_pin_and_a_reason(
    cloud: CloudSimulator, station: Station, pin: Path, batch: Any
) -> None:
    name = next(
        json.loads(line)["device_name"] for line in station("certs", "--state", "withheld", "--json")[1].splitlines()
    )
    for row in (0, 1):
        cloud.set_status(batch, row, 0)
    station("pull", batch, "--recheck")
    assert "PIN" in station("release", name, "--reason", "tested by hand")[2]
    assert station("release", name, "--reason", " ", "--pin-file", pin)[0] == Exit.USAGE
    assert station("release", "--reason", "tested by hand", "--pin-file", pin)[0] == Exit.USAGE
    assert station("release", name, "--yes", "--reason", "tested by hand", "--pin-file", pin)[0] == 0
    code, _, err = station("release", name, "--yes", "--reason", "tested by hand", "--pin-file", pin)
    assert (code, "is READY, not WITHHELD" in err) == (Exit.USAGE, True)
    assert "back in stock" not in err
    assert "let back" in station("show", name)[1]


def test_a_file_has_no_cloud_that_could_be_asked(station: Station, pin: Path, tmp_path: Path) -> None:
    file = tmp_path / "batch.csv"
    secret = "0123456789abcdef0123456789abcdef"
    file.write_text(
        f"ProductKey,DeviceName,DeviceSecret,status\na1Camera,cam1,{secret},1\na1Camera,cam2,{secret[::-1]},0\n"
    )
    assert station("import", file)[0] in (0, Exit.PERSON_NEEDED)
    assert sorted(states(station)) == ["READY", "WITHHELD"]
    batch = json.loads(station("certs", "--json")[1].splitlines()[0])["batch"]
    code, _, err = station("pull", batch, "--recheck")
    assert (code, f"station release --batch {batch}" in err) == (Exit.USAGE, True)
    assert station("release", "--batch", batch, "--reason", "a wrong column", "--yes", "--pin-file", pin)[0] == 0
    assert states(station) == ["READY", "READY"]


def test_iotda_is_asked_about_each_withheld_device(cloud: CloudSimulator, iotda: Iotda, ledger: Ledger) -> None:
    batch = plan(ledger, iotda, "camera", [f"SN{number:04}" for number in range(4)])
    register(ledger, iotda, batch)
    key = BatchKey(provider=Provider.IOTDA, batch_id=batch, product_key="camera")
    held = [ledger.identity(number) for number in range(1, 5)]
    in_use = [dataclasses.replace(one, primary=dataclasses.replace(one.primary, cloud_status=1)) for one in held]
    assert ledger.receive(key, in_use).turned_active == 4
    devices = [cloud.world.devices[one.primary.device_name] for one in held]
    devices[1].status = "ONLINE"
    devices[2].status = ""
    del cloud.world.devices[devices[3].device_id]
    report = recheck(ledger, iotda, batch)
    assert (report.withheld, report.asked, report.gone) == (4, 4, (held[3].name,))
    assert ledger.withheld.outlook(batch) == {WayBack.OPEN: 2, WayBack.IN_USE: 1, WayBack.ASK_FIRST: 1}
    assert ledger.withheld.let_batch_back(batch, "the bench was set back", by="Li Wei").back == 2
    ledger.audit.verify()


@pytest.mark.usefixtures("iotda", "pin")
def test_iotda_devices_are_rechecked_by_command(station: Station) -> None:
    assert station("batch", "register", "--yes", "--product", "camera", "--amount", 2)[0] == 0
    batch = json.loads(station("certs", "--json")[1].splitlines()[0])["batch"]
    code, out, _ = station("pull", batch, "--recheck", "--json")
    assert (code, json.loads(out)["withheld"], json.loads(out)["asked"]) == (0, 0, 0)
