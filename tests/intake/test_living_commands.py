# SPDX-License-Identifier: GPL-3.0-or-later
"""Living Link through the command line, over HTTP: each command done and refused, in words and in JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from station.codes import Exit
from station.simulate.cloud import CloudSimulator
from tests.intake.intake_contents import Station


def last_json(out: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


def test_generate_and_pull(cloud: CloudSimulator, station: Station) -> None:
    key = cloud.add_product("Fan").product_key
    code, out, _ = station("batch", "generate", "--yes", "--product", key, "--amount", 12, "--json")
    batch = last_json(out)["batch"]
    assert code == Exit.OK
    code, out, _ = station("pull", batch, "--json")
    told = last_json(out)
    assert (code, told["event"], told["held"], told["new"], told["complete"]) == (Exit.OK, "pulled", 12, 12, True)
    code, out, _ = station("batch", "pull", batch)
    assert out == f"batch {batch}: 12 of 12 identities held, 0 new, 12 known\n"
    assert station("certs", "--batch", batch)[1].count("READY") == 12


def test_a_pull_speaks_the_language_of_the_bench(cloud: CloudSimulator, station: Station) -> None:
    key = cloud.add_product("Fan").product_key
    batch = last_json(station("batch", "generate", "--product", key, "--amount", 12, "--yes", "--json")[1])["batch"]
    code, out, _ = station("--set", "bench.language=zh", "pull", batch)
    assert (code, out) == (Exit.OK, f"批次 {batch}：已有 12/12 份证书，新到 12\n")


def test_generate_is_refused_in_words_with_advice(station: Station) -> None:
    code, _, err = station("batch", "generate", "--yes", "--product", "a1Unknown", "--amount", 12)
    assert code == Exit.CLOUD
    assert "E402" in err
    assert "  do: " in err


@pytest.mark.parametrize("arguments", [(), ("--amount", 5), ("--amount", 5, "--product", "a1K", "--batch", "1")])
def test_generate_wants_to_know_what(station: Station, arguments: Any) -> None:
    assert station("batch", "generate", "--yes", *arguments)[0] == Exit.USAGE


def test_names_are_uploaded_generated_and_pulled(cloud: CloudSimulator, station: Station, tmp_path: Path) -> None:
    key = cloud.add_product("Fan").product_key
    file = tmp_path / "names.txt"
    file.write_bytes("\ufefffan-0001\r\nfan-0002\r\n\r\n".encode())
    code, out, _ = station("batch", "upload-names", file, "--product", key, "--json")
    batch = last_json(out)["batch"]
    assert (code, last_json(out)["names"]) == (Exit.OK, 2)
    assert station("batch", "generate", "--yes", "--batch", batch)[0] == Exit.OK
    assert last_json(station("pull", batch, "--json")[1])["held"] == 2


def test_bad_names_are_all_named_by_line(cloud: CloudSimulator, station: Station, tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_text("fan-0001\nx\nfan 3\n")
    code, _, err = station("batch", "upload-names", file, "--product", cloud.add_product("Fan").product_key)
    assert code == Exit.USAGE
    assert "line 2" in err
    assert "line 3" in err


def test_nvr_sets_are_generated_and_pulled_whole(cloud: CloudSimulator, station: Station) -> None:
    key = cloud.add_product("Recorder", channels=4).product_key
    batch = last_json(station("batch", "generate-nvr", "--yes", "--product", key, "--amount", 3, "--json")[1])["batch"]
    assert last_json(station("pull", batch, "--json")[1])["held"] == 3
    assert station("certs", "--batch", batch)[1].count("READY") == 15


@pytest.mark.parametrize(
    "arguments",
    [("generate", "--yes", "--batch", "424242"), ("generate-nvr", "--yes", "--product", "FAN", "--amount", 3)],
    ids=["names that were never uploaded", "sets of a product without cameras"],
)
def test_what_the_cloud_has_no_such_thing_for_is_refused_and_nothing_is_made(
    cloud: CloudSimulator, station: Station, arguments: Any
) -> None:
    key = cloud.add_product("Fan").product_key
    code, _, err = station("batch", *(key if word == "FAN" else word for word in arguments))
    assert code in {Exit.CLOUD, Exit.USAGE}
    assert "  do: " in err
    assert cloud.world.batches == {}


def test_an_nvr_batch_of_another_product_is_refused(cloud: CloudSimulator, station: Station) -> None:
    nvr, fan = cloud.add_product("Recorder", channels=4), cloud.add_product("Fan")
    batch = last_json(
        station("batch", "generate-nvr", "--yes", "--product", nvr.product_key, "--amount", 3, "--json")[1]
    )["batch"]
    code, _, err = station("pull", batch, "--product", fan.product_key, "--wait", 0)
    assert code == Exit.USAGE
    assert f"--product {nvr.product_key}" in err


def test_an_nvr_batch_made_elsewhere_needs_its_product(station: Station) -> None:
    assert station("pull", "77", "--nvr")[0] == Exit.USAGE


def test_pulling_an_unknown_batch_says_so(station: Station) -> None:
    code, _, err = station("pull", "424242", "--wait", 0)
    assert code == Exit.CLOUD
    assert "424242" in err
    assert "do:" in err


def test_a_lost_answer_is_listed_with_what_to_do_and_settled(cloud: CloudSimulator, station: Station) -> None:
    key = cloud.add_product("Fan").product_key
    cloud.add_faults("path=*/generate do=drop-after")
    assert station("batch", "generate", "--yes", "--product", key, "--amount", 5)[0] == Exit.PERSON_NEEDED
    cloud.clear_faults()
    code, out, err = station("batch", "list", "--json")
    request = json.loads(out.splitlines()[0])
    assert (code, request["state"], request["amount"]) == (Exit.PERSON_NEEDED, "UNKNOWN", 5)
    assert f"station batch settle {request['request']}" in err
    [made] = cloud.world.batches
    assert station("batch", "settle", request["request"], "--made", made, "--yes")[0] == Exit.OK
    assert last_json(station("pull", made, "--json")[1])["held"] == 5
    assert station("batch", "list")[0] == Exit.OK


def test_settling_wants_one_answer_about_an_open_request(station: Station) -> None:
    assert station("batch", "settle", "r1")[0] == Exit.USAGE
    assert station("batch", "settle", "r1", "--made", "1", "--nothing-made")[0] == Exit.USAGE
    assert station("batch", "settle", "r1", "--nothing-made")[0] == Exit.USAGE


def test_a_batch_is_shown_with_its_requests(cloud: CloudSimulator, station: Station) -> None:
    key = cloud.add_product("Fan").product_key
    batch = last_json(station("batch", "generate", "--yes", "--product", key, "--amount", 5, "--json")[1])["batch"]
    station("pull", batch)
    code, out, _ = station("batch", "show", batch, "--json")
    told = last_json(out)
    assert (code, told["complete"], told["certificates"], told["requests"][0]["state"]) == (0, True, 5, "ANSWERED")
    assert "received 5 certificates, complete" in station("batch", "show", batch)[1]
    assert station("batch", "show", "none")[0] == Exit.USAGE


def test_an_answer_nobody_understood_is_shown_and_settles_the_request(cloud: CloudSimulator, station: Station) -> None:
    key = cloud.add_product("Fan").product_key
    cloud.add_faults("path=*/amount/device/generate quirk=9.11-trailing-comma")
    code, _, err = station("batch", "generate", "--yes", "--product", key, "--amount", 5)
    [made] = cloud.world.batches
    assert code == Exit.PERSON_NEEDED
    request = err.partition("station batch show ")[2].split(";")[0]
    shown = station("batch", "show", request)[1]
    assert f'"data":"{made}"' in shown
    assert f"station batch settle {request}" in shown
    assert made in last_json(station("batch", "show", request, "--json")[1])["requests"][0]["raw"]
    assert station("batch", "settle", request, "--made", made, "--yes")[0] == Exit.OK
    assert station("pull", made)[0] == Exit.OK
    assert f'"data":"{made}"' in station("batch", "show", made)[1]


def test_withheld_certificates_are_reported(cloud: CloudSimulator, station: Station) -> None:
    key = cloud.add_product("Fan").product_key
    batch = last_json(station("batch", "generate", "--yes", "--product", key, "--amount", 5, "--json")[1])["batch"]
    cloud.set_status(batch, 0, 3)
    code, _, err = station("pull", batch)
    assert code == Exit.OK
    assert "1 have another status than inactive in the cloud: WITHHELD" in err


@pytest.mark.parametrize("choice", ["ready", "withheld"])
def test_a_missing_status_is_told_as_missing_and_the_configuration_decides(
    cloud: CloudSimulator, station: Station, choice: str
) -> None:
    key = cloud.add_product("Fan").product_key
    batch = last_json(station("batch", "generate", "--yes", "--product", key, "--amount", 5, "--json")[1])["batch"]
    cloud.add_faults("path=*/query quirk=9.9-no-status:2")
    code, out, err = station("--set", f"cloud.living.no_status={choice}", "pull", batch, "--json")
    assert (code, last_json(out)["withheld"], last_json(out)["without_status"]) == (Exit.OK, 0, 2)
    assert f"2 came without a status: {choice.upper()}" in err
    shown = station("certs")[1]
    assert shown.count(choice.upper()) == (5 if choice == "ready" else 2)
    assert "another status" not in shown + err
    assert ("does not say whether it is in use" in shown) == (choice == "withheld")


def test_a_missing_setting_is_named(station: Station) -> None:
    code, _, err = station("--set", "cloud.living.app_key=", "pull", "1")
    assert code == Exit.USAGE
    assert "cloud.living.app_key" in err


def test_a_large_amount_is_asked_for_twice_before_it_costs(cloud: CloudSimulator, station: Station) -> None:
    fan, nvr = cloud.add_product("Fan").product_key, cloud.add_product("Recorder", channels=2).product_key
    for command in (("generate", "--product", fan), ("generate-nvr", "--product", nvr)):
        for more in ((), ("--confirm-amount", 600)):
            code, _, err = station("batch", *command, "--amount", 6000, *more)
            assert (code, "--confirm-amount 6000" in err) == (Exit.USAGE, True)
        assert cloud.world.batches == {}
    assert (
        station("batch", "generate", "--yes", "--product", fan, "--amount", 6000, "--confirm-amount", 6000)[0]
        == Exit.OK
    )
    assert (
        station("--set", "cloud.ask_above=10", "batch", "generate", "--yes", "--product", fan, "--amount", 11)[0]
        == Exit.USAGE
    )


@pytest.mark.parametrize("kind", ["generate", "generate-nvr"])
def test_where_nobody_can_be_asked_whether_it_is_to_be_paid_it_needs_to_be_said(
    cloud: CloudSimulator, station: Station, kind: str
) -> None:
    key = cloud.add_product("Thing", channels=2 * (kind == "generate-nvr")).product_key
    wanted = ("batch", kind, "--product", key, "--amount", 3)
    code, _, err = station(*wanted)
    assert (code, "--yes" in err, cloud.world.batches) == (Exit.PERSON_NEEDED, True, {})
    code, _, err = station(*wanted, "--confirm-amount", 30)  # another number is no word for this one
    assert (code, "--yes" in err, cloud.world.batches) == (Exit.PERSON_NEEDED, True, {})
    assert station(*wanted, "--confirm-amount", 3)[0] == Exit.OK
    assert station(*wanted, "--yes")[0] == Exit.OK


@pytest.mark.parametrize("kind", ["generate", "generate-nvr"])
def test_a_dry_run_tells_what_would_be_asked_for_and_makes_nothing(
    cloud: CloudSimulator, station: Station, kind: str
) -> None:
    key = cloud.add_product("Thing", channels=2 * (kind == "generate-nvr")).product_key
    code, out, _ = station("batch", kind, "--product", key, "--amount", 90_000, "--dry-run")
    assert (code, "90000" in out, "published" in out, "nothing was sent" in out) == (Exit.OK, True, True, True)
    assert station("batch", kind, "--product", "a1nobody", "--amount", 5, "--dry-run")[0] == Exit.CLOUD
    assert last_json(station("batch", kind, "--product", key, "--amount", 5, "--dry-run", "--json")[1])["would"]
    assert cloud.world.batches == {}
    assert not [seen for seen in cloud.requests if seen.path.endswith("generate")]


def test_uploading_names_can_be_tried_dry_and_a_long_list_is_confirmed(
    cloud: CloudSimulator, station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = cloud.add_product("Fan").product_key
    file = tmp_path / "names.txt"
    file.write_text("\n".join(f"fan-{number:04}" for number in range(12)))
    upload = ("batch", "upload-names", file, "--product", key)
    code, out, _ = station(*upload, "--dry-run")
    assert (code, "would upload 12 names" in out) == (Exit.OK, True)
    monkeypatch.setenv("STATION_CLOUD_ASK_ABOVE", "10")
    code, _, err = station(*upload)
    assert (code, "--confirm-amount 12" in err) == (Exit.USAGE, True)
    assert cloud.world.batches == {}
    file.write_text("fan 1\n")
    assert station(*upload, "--dry-run")[0] == Exit.USAGE
    file.write_text("\n".join(f"fan-{number:04}" for number in range(12)))
    assert station(*upload, "--confirm-amount", 12)[0] == Exit.OK
    assert len(cloud.world.batches) == 1


def test_a_pull_that_broke_off_says_how_far_it_came_and_how_to_go_on(cloud: CloudSimulator, station: Station) -> None:
    product = cloud.add_product("Fan").product_key
    batch = cloud.produce(cloud.world.products[product], amount=250).batch_id
    cloud.add_faults("path=*/query page=2 do=code:403")
    code, _, err = station("pull", batch, "--product", product)
    assert (code, f"100 identities of batch {batch} are here, and stay; go on with: station pull {batch}" in err) == (
        Exit.CLOUD,
        True,
    )
    code, _, err = station("--set", "bench.language=zh", "pull", batch)
    assert (code, f"批次 {batch} 已到 100 份，保留不变；继续：station pull {batch}\n" in err) == (Exit.CLOUD, True), err
    cloud.clear_faults()
    assert station("pull", batch)[0] == Exit.OK


def test_an_open_dispute_of_the_batch_needs_a_person_with_each_pull(cloud: CloudSimulator, station: Station) -> None:
    product = cloud.add_product("Fan").product_key
    batch = cloud.produce(cloud.world.products[product], amount=2).batch_id
    assert station("pull", batch, "--product", product)[0] == Exit.OK
    cloud.add_faults("path=*/query quirk=changed-secret")
    assert station("pull", batch, "--recheck")[0] == Exit.PERSON_NEEDED
    cloud.clear_faults()
    code, out, err = station("pull", batch, "--json")
    assert (code, last_json(out)["in_dispute"], last_json(out)["complete"]) == (Exit.PERSON_NEEDED, 2, False)
    assert "2 in dispute since an earlier pull" in err and "station conflict list" in err
