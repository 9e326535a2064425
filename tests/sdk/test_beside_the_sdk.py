# SPDX-License-Identifier: GPL-3.0-or-later
"""The `station` command beside the vendors' SDKs on one cloud: what the one makes the other finds, and where an answer
is odd, lost, of another product or of fewer cameras, what the SDK sees in the cloud is what the station says of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from station.codes import Exit
from station.ledger.store import Ledger
from station.model import State
from station.secrets.keys import open_vault
from station.simulate.cloud import CloudSimulator
from tests.intake.intake_contents import Row, Station, of_ledger
from tests.sdk.test_aliyun_iot_sdk import Instance
from tests.sdk.test_iotda_sdk import PRODUCT, Account
from tests.sdk.test_living_sdk import Project

pytestmark = pytest.mark.timeout(300)  # the first run installs the SDKs

NVR_SETS = "/living/cloud/product/nvr/device/cert/query"


@pytest.fixture
def project(living_sdk: Any, cloud: CloudSimulator, station: Station) -> Project:
    """One token a project: the SDK uses that of the station, which would be logged out by a second one."""
    station("product", "list")
    project = Project.__new__(Project)
    project._sdk, project._cloud = living_sdk, cloud
    [project.token] = cloud.world.cloud_tokens
    return project


@pytest.fixture
def iotda(iotda_sdk: Any, cloud: CloudSimulator) -> Account:
    account = Account(iotda_sdk, cloud, derived=True)
    assert account("create_product", PRODUCT)["status"] == 201
    return account


@pytest.fixture
def instance(aliyun_iot_sdk: Any, cloud: CloudSimulator) -> Instance:
    return Instance(aliyun_iot_sdk, cloud)


def held(config_file: Path, state: State = State.READY) -> list[Row]:
    folder = config_file.parent / "state"
    with Ledger(folder / "ledger.db", open_vault(folder / "station.key")) as ledger:
        return of_ledger(ledger, state)


def triple(item: dict[str, Any]) -> tuple[str, str, str]:
    return item["productKey"], item["deviceName"], item["deviceSecret"]


def singles(project: Project, batch: str) -> list[Row]:
    """A batch of Living Link as the SDK gets it."""
    query = {"applyId": batch, "pageNo": 1, "pageSize": 100}
    return sorted((triple(item),) for item in project.data("/living/device/apply/query", query, "1.0.1")["items"])


def sets(project: Project, product: str, batch: str) -> list[Row]:
    query = {"productKey": product, "batchId": batch, "pageNo": 1, "pageSize": 20}
    rows = project.data(NVR_SETS, query, "1.0.0")["NvrDeviceCertList"]
    return sorted((triple(row["nvrDeviceCertInfo"]), *map(triple, row["subDeviceCertList"])) for row in rows)


# -- A: uncertain never means lost -------------------------------------------------------------------------------------


def test_the_number_kept_of_a_garbled_answer_is_the_batch_the_sdk_finds(
    station: Station, cloud: CloudSimulator, project: Project, config_file: Path
) -> None:
    product = cloud.add_product("Fan").product_key
    cloud.add_faults("path=*/generate times=1 quirk=9.11-missing-comma")
    code, _, said = station("batch", "generate", "--product", product, "--amount", 3, "--yes")
    assert code == Exit.PERSON_NEEDED
    request = said.partition("station batch show ")[2].split(";")[0].split()[0]
    [batch] = cloud.world.batches
    assert batch in station("batch", "show", request)[1]
    assert station("batch", "settle", request, "--made", batch, "--yes")[0] == Exit.OK
    assert station("pull", batch)[0] == Exit.OK
    assert held(config_file) == singles(project, batch)


def test_a_device_that_the_sdk_registered_is_taken_over_with_a_secret_the_cloud_has(
    station: Station, cloud: CloudSimulator, iotda: Account, config_file: Path, pin: Path
) -> None:
    made = iotda("add_device", {"node_id": "SN0001", "product_id": "thermo-1"})["body"]
    name, first = made["device_id"], made["auth_info"]["secret"]
    ask = ("batch", "reset-secret", "--yes", name, "--product", "thermo-1", "--cloud", "iotda", "--pin-file", pin)
    assert station(*ask)[0] == Exit.OK
    cloud.add_faults("quirk=secret-shown")
    now = iotda("show_device", device_id=name)["body"]["auth_info"]["secret"]
    assert now != first
    assert held(config_file) == [(("thermo-1", name, now),)]


# -- B: one odd item ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("quirk", "kept"), [("9.10-ipcnum", 2), ("shared-camera", 1)])
def test_an_odd_set_of_a_batch_made_by_the_sdk_stays_out_alone_and_comes_once_the_cloud_has_it_right(
    station: Station, cloud: CloudSimulator, project: Project, config_file: Path, quirk: str, kept: int
) -> None:
    product = cloud.add_product("NVR", channels=2).product_key
    batch = project.data("/living/cloud/product/nvr/device/generate", {"productKey": product, "amount": 3}, "1.0.0")
    right = sets(project, product, batch)
    cloud.add_faults(f"path={NVR_SETS} quirk={quirk}")
    assert station("pull", batch, "--product", product)[0] == Exit.PERSON_NEEDED
    assert len(held(config_file)) == kept and set(held(config_file)) < set(right)
    cloud.clear_faults()
    assert station("pull", batch)[0] == Exit.OK
    assert held(config_file) == right


# -- C: counts and kinds tell the truth --------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [0, 2])
def test_a_batch_of_the_sdk_is_counted_as_the_sdk_counts_it_and_of_no_other_product(
    station: Station, cloud: CloudSimulator, project: Project, config_file: Path, channels: int
) -> None:
    """The journal does not know it; whether it is of NVR sets is found out."""
    other, mine = cloud.add_product("Other").product_key, cloud.add_product("Mine", channels=channels).product_key
    path = "/living/cloud/product/nvr/device/generate" if channels else "/cloud/amount/device/generate"
    version = "1.0.0" if channels else "1.1.2"
    batch = project.data(path, {"productKey": mine, "amount": 5}, version)
    seen = sets(project, mine, batch) if channels else singles(project, batch)
    code, _, said = station("pull", batch, "--product", other)
    assert code not in (Exit.OK, Exit.PERSON_NEEDED), said
    code, out, said = station("pull", batch, "--product", mine, "--json")
    told = json.loads(out.splitlines()[-1])
    assert (code, told["held"], told["new"], told["complete"]) == (Exit.OK, len(seen), len(seen), True), said
    assert held(config_file) == seen


def test_what_a_registration_left_in_the_cloud_is_what_the_sdk_lists_and_no_more(
    station: Station, cloud: CloudSimulator, iotda: Account, config_file: Path, pin: Path
) -> None:
    theirs = iotda("add_device", {"node_id": "THEIRS", "product_id": "thermo-1"})["body"]["device_id"]
    cloud.add_faults("path=*/devices method=POST nth=3- do=code:IOTDA.000021")
    ask = ("batch", "register", "--yes", "--product", "thermo-1", "--channels", 3, "--camera-product", "thermo-1")
    code, _, said = station(*ask, "--amount", 1, "--cloud", "iotda")
    assert code == Exit.CLOUD, said
    cloud.clear_faults()
    batch = said.partition("--resume ")[2].split()[0]
    [unfinished] = map(json.loads, station("batch", "list", "--json")[1].splitlines())
    assert (unfinished["event"], unfinished["batch"], unfinished["to_register"]) == ("unfinished", batch, 4)
    assert station("batch", "register", "--yes", "--give-up", batch)[0] == Exit.OK
    left = {one["device_id"] for one in iotda("list_devices", limit=50)["body"]["devices"]} - {theirs}
    listed = station("batch", "orphans", batch, "--cloud", "iotda")[1]
    assert len(left) == 2 and all(name in listed for name in left) and theirs not in listed
    sure = ("--remove", "--confirm", batch, "--pin-file", pin, "--cloud", "iotda")
    assert station("batch", "orphans", batch, *sure)[0] == Exit.OK
    assert [one["device_id"] for one in iotda("list_devices", limit=50)["body"]["devices"]] == [theirs]
    assert held(config_file) == []


# -- D: sets on a line of members --------------------------------------------------------------------------------------


def test_a_set_that_came_without_cameras_is_filled_with_those_the_sdk_sees(
    station: Station, cloud: CloudSimulator, project: Project, config_file: Path
) -> None:
    product = cloud.add_product("NVR", channels=3).product_key
    batch = project.data("/living/cloud/product/nvr/device/generate", {"productKey": product, "amount": 2}, "1.0.0")
    cloud.add_faults(f"path={NVR_SETS} quirk=fewer-cameras:1")
    code, _, said = station("pull", batch, "--product", product)
    assert code in (Exit.OK, Exit.PERSON_NEEDED), said
    assert [len(one) for one in held(config_file)] == [2, 2]
    cloud.clear_faults()
    assert station("pull", batch)[0] == Exit.OK
    assert held(config_file) == sets(project, product, batch)


# -- E: files as people really have them -------------------------------------------------------------------------------


def test_an_answer_that_was_saved_from_the_sdk_is_imported_and_the_cloud_agrees_with_it(
    station: Station, cloud: CloudSimulator, project: Project, config_file: Path, tmp_path: Path
) -> None:
    product = cloud.add_product("Fan").product_key
    batch = project.data("/cloud/amount/device/generate", {"productKey": product, "amount": 4}, "1.1.2")
    query = {"applyId": batch, "pageNo": 1, "pageSize": 100}
    saved = tmp_path / "answer.json"
    saved.write_text(json.dumps(project.envelope("/living/device/apply/query", query, "1.0.1")))
    code, _, said = station("import", saved)
    assert code == Exit.OK, said
    assert held(config_file) == singles(project, batch)
    assert station("pull", batch, "--product", product)[0] == Exit.OK
    assert held(config_file) == singles(project, batch)


def test_an_answer_of_the_iot_platform_is_imported_too(
    station: Station, cloud: CloudSimulator, instance: Instance, config_file: Path, tmp_path: Path
) -> None:
    product = cloud.add_product("Fan").product_key
    batch = instance.data("BatchRegisterDevice", ProductKey=product, Count=4)["ApplyId"]
    answer = instance.said("QueryPageByApplyId", ApplyId=batch, CurrentPage=1, PageSize=10)
    rows = answer["ApplyDeviceList"]["ApplyDeviceInfo"]
    saved = tmp_path / "answer.json"
    saved.write_text(json.dumps(answer))
    code, _, said = station("import", saved)
    assert (code, "ProductKey" in said) == (Exit.USAGE, True)  # this answer does not say whose devices they are
    saved.write_text(json.dumps([row | {"ProductKey": product} for row in rows]))
    assert station("import", saved, "--cloud", "aliyun-iot")[0] == Exit.OK
    assert held(config_file) == sorted(((product, row["DeviceName"], row["DeviceSecret"]),) for row in rows)
