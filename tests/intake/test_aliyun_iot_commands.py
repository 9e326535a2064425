# SPDX-License-Identifier: GPL-3.0-or-later
"""Alibaba Cloud IoT Platform through the command line, over HTTP: the same commands and the same ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from station.codes import Exit
from station.simulate.cloud import CloudSimulator
from tests.intake.intake_contents import Station

HERE = ("--cloud", "aliyun-iot")


def last_json(out: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


@pytest.fixture
def fan(cloud: CloudSimulator) -> str:
    return cloud.add_product("Fan").product_key


def asked(cloud: CloudSimulator, action: str) -> int:
    return sum(seen.path == f"/{action}" for seen in cloud.requests)


def generated(station: Station, fan: str, amount: int = 12) -> str:
    code, out, _ = station("batch", "generate", "--yes", "--product", fan, "--amount", amount, *HERE, "--json")
    assert code == Exit.OK
    return str(last_json(out)["batch"])


def test_products_are_listed_and_shown(station: Station, fan: Any) -> None:
    code, out, _ = station("product", "list", *HERE, "--json")
    assert (code, last_json(out)["product_key"], last_json(out)["name"]) == (Exit.OK, fan, "Fan")
    code, out, _ = station("product", "show", fan, *HERE, "--json")
    assert (code, last_json(out)["state"], last_json(out)["node_type"]) == (Exit.OK, "published", "DEVICE")
    assert station("product", "show", "a1nobody", *HERE)[0] == Exit.CLOUD


def test_generated_and_pulled_by_its_number_alone(cloud: CloudSimulator, station: Station, fan: Any) -> None:
    batch = generated(station, fan, 120)
    code, out, _ = station("pull", batch, "--json")
    told = last_json(out)
    assert (code, told["held"], told["new"], told["complete"]) == (Exit.OK, 120, 120, True)
    assert asked(cloud, "QueryPageByApplyId") == 3
    code, out, _ = station("pull", batch)
    assert out == f"batch {batch}: 120 of 120 identities held, 0 new, 120 known\n"
    code, out, _ = station("batch", "list", "--json")
    assert (code, {last_json(line)["provider"] for line in out.splitlines() if "provider" in line}) == (
        Exit.OK,
        {"aliyun-iot"},
    )


def test_a_batch_that_was_made_elsewhere_needs_its_product_once(
    cloud: CloudSimulator, station: Station, fan: Any
) -> None:
    batch = cloud.produce(cloud.world.products[fan], amount=3).batch_id
    code, _, err = station("pull", batch, *HERE)
    assert (code, "--product" in err) == (Exit.USAGE, True)
    assert station("pull", batch, *HERE, "--product", fan)[0] == Exit.OK
    assert station("pull", batch)[0] == Exit.OK  # cloud and product are known now


def test_under_another_product_nothing_is_stored(cloud: CloudSimulator, station: Station, fan: Any) -> None:
    other = cloud.add_product("Lamp").product_key
    batch = cloud.produce(cloud.world.products[fan], amount=3).batch_id
    assert station("pull", batch, *HERE, "--product", other, "--wait", 0)[0] == Exit.CLOUD
    assert station("certs", "--batch", batch)[1].count("READY") == 0


def test_two_clouds_with_a_batch_of_one_number_are_not_mixed_up(
    station: Station, fan: Any, cloud: CloudSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = generated(station, fan, 3)
    monkeypatch.setitem(cloud.world.batches, "7", cloud.world.batches[batch])
    for name in ("living", "aliyun-iot"):
        assert station("pull", "7", "--cloud", name, "--product", fan)[0] in (Exit.OK, Exit.PERSON_NEEDED)
    code, _, err = station("pull", "7")
    assert (code, "--cloud aliyun-iot, --cloud living" in err) == (Exit.USAGE, True)


def test_names_are_uploaded_generated_and_pulled(
    station: Station, fan: Any, tmp_path: Path, cloud: CloudSimulator
) -> None:
    file = tmp_path / "names.txt"
    file.write_text("fan-0001\nfan-0002\n")
    code, out, _ = station("batch", "upload-names", file, "--product", fan, *HERE, "--json")
    batch = last_json(out)["batch"]
    assert (code, last_json(out)["names"]) == (Exit.OK, 2)
    code, _, err = station("pull", batch, "--wait", 0)
    assert (code, f"station batch generate --batch {batch}" in err or "no devices yet" in err) == (Exit.CLOUD, True)
    assert station("batch", "generate", "--yes", "--batch", batch)[0] == Exit.OK
    assert last_json(station("pull", batch, "--json")[1])["held"] == 2
    assert station("batch", "upload-names", file, "--product", fan, *HERE)[0] == Exit.USAGE  # they are in the ledger


def test_there_are_no_sets_here(station: Station, fan: Any, cloud: CloudSimulator) -> None:
    code, _, err = station("batch", "generate-nvr", "--yes", "--product", fan, "--amount", 1, *HERE)
    assert (code, "does not make NVR sets" in err, "--cloud living" in err) == (Exit.USAGE, True, True)
    assert station("pull", generated(station, fan), "--nvr")[0] == Exit.USAGE


def test_a_lost_answer_is_journalled_shown_settled_and_blocks_the_next(
    cloud: CloudSimulator, station: Station, fan: Any
) -> None:
    cloud.add_faults("path=/BatchRegisterDevice do=truncate times=1")
    code, _, err = station("batch", "generate", "--yes", "--product", fan, "--amount", 5, *HERE)
    assert (code, "E604" in err) == (Exit.PERSON_NEEDED, True)
    request = next(word for word in err.replace(";", " ").split() if len(word) == 32)
    assert station("batch", "generate", "--yes", "--product", fan, "--amount", 5, *HERE)[0] == Exit.PERSON_NEEDED
    assert asked(cloud, "BatchRegisterDevice") == 1
    code, out, _ = station("batch", "show", request)
    made = next(iter(cloud.world.batches))
    assert ("answered, and not understood" in out, "ApplyId" in out) == (True, True) or "UNKNOWN" in out
    assert station("batch", "settle", request, "--made", made, "--yes")[0] == Exit.OK
    assert last_json(station("pull", made, "--json")[1])["held"] == 5


def test_odd_items_are_set_aside_and_healed(cloud: CloudSimulator, station: Station, fan: Any) -> None:
    batch = generated(station, fan, 6)
    cloud.add_faults("quirk=rpc-create-failed:2 ")
    code, out, _ = station("pull", batch, "--json")
    told = last_json(out)
    assert (code, told["held"], told["odd"], told["complete"]) == (Exit.PERSON_NEEDED, 4, 2, False)
    code, out, _ = station("batch", "odd", batch)
    assert (code, out.count("the cloud did not make it")) == (Exit.PERSON_NEEDED, 2)
    cloud.clear_faults()
    code, out, _ = station("pull", batch, "--json")
    assert (code, last_json(out)["held"], last_json(out)["complete"]) == (Exit.OK, 6, True)
    assert station("batch", "odd", batch)[0] == Exit.OK


def test_a_masked_secret_is_odd_and_shown_without_it(
    cloud: CloudSimulator, station: Station, fan: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = generated(station, fan, 5)
    row = cloud.batch(batch).row

    def masked(index: int) -> Any:
        one = row(index)
        hidden = one.primary.device_secret[:28] + "****"
        return one._replace(primary=one.primary._replace(device_secret=hidden)) if index == 3 else one

    monkeypatch.setattr(cloud.batch(batch), "row", masked)
    code, out, _ = station("pull", batch, "--json")
    assert (code, last_json(out)["held"], last_json(out)["odd"]) == (Exit.PERSON_NEEDED, 4, 1)
    _, out, _ = station("batch", "odd", batch)
    assert ("outside" in out, "(32 characters)" in out) == (True, True)


def test_what_is_in_use_is_withheld_and_a_recheck_finds_what_came_into_use(
    cloud: CloudSimulator, station: Station, fan: Any
) -> None:
    batch = generated(station, fan, 5)
    cloud.set_status(batch, 0, 1)
    assert last_json(station("pull", batch, "--json")[1])["withheld"] == 1
    cloud.set_status(batch, 1, 3)
    station("pull", batch, "--recheck")
    assert station("certs", "--batch", batch)[1].count("WITHHELD") == 2


def test_without_asking_for_states_nothing_is_known_and_the_receipt_says_so(
    station: Station, fan: Any, cloud: CloudSimulator
) -> None:
    batch = generated(station, fan, 3)
    unasked = ("--set", "cloud.aliyun_iot.ask_states=false")
    _, _, err = station(*unasked, "--set", "cloud.aliyun_iot.no_status=withheld", "pull", batch)
    assert "cloud.aliyun_iot.no_status" in err
    assert station("certs", "--batch", batch)[1].count("WITHHELD") == 3
    assert asked(cloud, "BatchGetDeviceState") == 0


def test_a_large_amount_is_given_twice_and_a_dry_run_sends_nothing(
    cloud: CloudSimulator, station: Station, fan: Any
) -> None:
    assert station("batch", "generate", "--yes", "--product", fan, "--amount", 6000, *HERE)[0] == Exit.USAGE
    code, out, _ = station("batch", "generate", "--yes", "--product", fan, "--amount", 6000, *HERE, "--dry-run")
    assert (code, "would generate 6000" in out, cloud.world.batches) == (Exit.OK, True, {})
    code, _, err = station(
        "batch", "generate", "--yes", "--product", fan, "--amount", 10_001, "--confirm-amount", 10_001, *HERE
    )
    assert (code, "1 to 10000" in err, cloud.world.batches) == (Exit.USAGE, True, {})


def test_a_batch_that_was_pulled_without_product_secrets_gets_them_later(
    cloud: CloudSimulator, station: Station, fan: Any
) -> None:
    batch = generated(station, fan, 60)
    assert last_json(station("pull", batch, "--json")[1])["dressed"] == 0
    code, out, _ = station("pull", batch, "--with-product-secret", "--json")
    told = last_json(out)
    assert (code, told["dressed"], told["new"], told["known"]) == (Exit.OK, 60, 0, 60)
    asked_before = asked(cloud, "QueryPageByApplyId")
    assert last_json(station("pull", batch, "--with-product-secret", "--json")[1])["dressed"] == 0
    assert asked(cloud, "QueryPageByApplyId") == asked_before + 1  # all have it: nothing is gone through again
    assert station("audit", "verify")[0] == Exit.OK


def test_an_export_of_its_console_is_imported_and_the_cloud_agrees_with_it(
    cloud: CloudSimulator, station: Station, fan: str, tmp_path: Path
) -> None:
    batch = generated(station, fan, 3)
    rows = [row.primary for row in cloud.batch(batch).rows()]
    file = tmp_path / "export.csv"
    lines = [f"{one.device_name},{one.device_secret},{one.product_key}" for one in rows]
    file.write_text("\n".join(["DeviceName,DeviceSecret,ProductKey", *lines]) + "\n")
    assert station("import", file, "--cloud", "aliyun-iot")[0] == Exit.OK
    code, out, _ = station("pull", batch, "--json")
    assert (code, last_json(out)["new"], last_json(out)["conflicts"]) == (Exit.OK, 0, [])
