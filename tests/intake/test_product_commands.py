# SPDX-License-Identifier: GPL-3.0-or-later
"""Products of both clouds through the command line, over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from station.codes import Exit
from station.simulate.cloud import CloudSimulator
from tests.intake.intake_contents import Station

SPEC = {
    "product_id": "thermometer",
    "name": "Thermometer",
    "device_type": "Thermometer",
    "protocol_type": "MQTT",
    "data_format": "json",
    "service_capabilities": [],
}


@pytest.fixture
def spec(tmp_path: Path) -> Any:
    def write(**changes: Any) -> Any:
        file = tmp_path / "product.json"
        file.write_text(json.dumps(SPEC | changes))
        return file

    return write


def test_living_products_are_listed_and_shown_without_their_secret(cloud: CloudSimulator, station: Station) -> None:
    product = cloud.add_product("风扇")
    code, out, _ = station("product", "list")
    assert code == Exit.OK
    assert "风扇" in out
    code, out, _ = station("product", "show", product.product_key, "--json")
    assert (code, json.loads(out)["state"]) == (Exit.OK, "published")
    assert product.product_secret not in out
    assert product.product_secret not in station("product", "show", product.product_key)[1]


def test_an_unknown_product_is_refused(station: Station) -> None:
    code, _, err = station("product", "show", "a1Unknown")
    assert code == Exit.CLOUD
    assert "request id" in err


def test_list_is_refused_with_wrong_keys(station: Station) -> None:
    code, _, err = station("--set", "cloud.living.app_key=1", "product", "list")
    assert code == Exit.CLOUD
    assert "cloud.living.app_key" in err


def test_an_iotda_product_is_created_and_listed(cloud: CloudSimulator, station: Station, spec: Any) -> None:
    code, out, _ = station("product", "create", "--cloud", "iotda", spec(), "--json")
    assert (code, json.loads(out)["product_key"]) == (Exit.OK, "thermometer")
    code, out, _ = station("product", "list", "--cloud", "iotda", "--json")
    assert [json.loads(line)["product_key"] for line in out.splitlines()] == ["thermometer"]


def test_an_iotda_product_is_shown_and_one_that_is_not_there_is_no_success(station: Station, spec: Any) -> None:
    station("product", "create", "--cloud", "iotda", spec())
    code, out, _ = station("product", "show", "thermometer", "--cloud", "iotda", "--json")
    assert (code, json.loads(out)["product_key"]) == (Exit.OK, "thermometer")
    assert station("product", "show", "thermo", "--cloud", "iotda")[0] == Exit.CLOUD


def test_the_clouds_answer_is_kept_in_the_journal(station: Station, spec: Any) -> None:
    station("product", "create", "--cloud", "iotda", spec())
    request = json.loads(station("batch", "list", "--json")[1].splitlines()[0])
    assert (request["operation"], request["state"], request["batch"]) == ("create-product", "ANSWERED", "thermometer")
    answer = json.loads(request["answer"])
    assert answer["product_id"] == "thermometer"
    assert answer["create_time"]


def test_a_product_whose_answer_was_lost_is_not_sent_again_by_itself(
    cloud: CloudSimulator, station: Station, spec: Any
) -> None:
    cloud.add_faults("path=*/products method=POST do=drop-after")
    assert station("product", "create", "--cloud", "iotda", spec())[0] == Exit.PERSON_NEEDED
    sent = len(cloud.requests)
    code, _, err = station("product", "create", "--cloud", "iotda", spec())
    assert (code, len(cloud.requests)) == (Exit.PERSON_NEEDED, sent)
    request = err.rpartition("station batch settle ")[2].split()[0]
    assert station("batch", "settle", request, "--made", "thermometer", "--yes")[0] == Exit.OK


def test_an_iotda_product_twice_is_refused_with_the_clouds_words(station: Station, spec: Any) -> None:
    station("product", "create", "--cloud", "iotda", spec())
    code, _, err = station("product", "create", "--cloud", "iotda", spec())
    assert code == Exit.CLOUD
    assert "IOTDA.000006" in err


def test_a_dry_run_sends_nothing_and_reports_every_fault(cloud: CloudSimulator, station: Station, spec: Any) -> None:
    assert station("product", "create", "--cloud", "iotda", "--dry-run", spec())[0] == Exit.OK
    file = spec(name="n" * 65, protocol_type="BOGUS", device_type="dev ice", service_capabilities={})
    code, _, err = station("product", "create", "--cloud", "iotda", "--dry-run", file)
    assert code == Exit.USAGE
    for path in ("$.name", "$.protocol_type", "$.service_capabilities", "warning: $.device_type"):
        assert path in err
    assert cloud.requests == []


def test_a_file_that_is_no_product_is_said_in_words(station: Station, tmp_path: Path) -> None:
    file = tmp_path / "product.json"
    for content in ("{", "[]", '{"a": 1'):
        file.write_text(content)
        assert station("product", "create", "--cloud", "iotda", file)[0] == Exit.USAGE


def test_living_products_are_not_created_here(station: Station, spec: Any) -> None:
    assert station("product", "create", spec())[0] == Exit.USAGE


def test_a_key_twice_in_the_file_is_named_and_nothing_is_sent(
    cloud: CloudSimulator, station: Station, tmp_path: Path
) -> None:
    file = tmp_path / "product.json"
    file.write_text(json.dumps(SPEC)[:-1] + ',"name":"Barometer"}')
    code, _, err = station("product", "create", "--cloud", "iotda", file)
    assert (code, "“name” is twice" in err, cloud.requests) == (Exit.USAGE, True, [])


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_what_json_does_not_know_is_no_number(
    cloud: CloudSimulator, station: Station, tmp_path: Path, number: str
) -> None:
    file = tmp_path / "product.json"
    step = '{"property_name":"t","data_type":"decimal","method":"R","step":' + number + "}"
    services = '[{"service_id":"s","service_type":"s","properties":[' + step + "]}]"
    file.write_text(json.dumps(SPEC).replace('"service_capabilities": []', f'"service_capabilities": {services}'))
    code, _, err = station("product", "create", "--cloud", "iotda", file)
    assert (code, "step" in err, cloud.requests) == (Exit.USAGE, True, [])


def test_a_product_made_under_another_id_is_said(cloud: CloudSimulator, station: Station, spec: Any) -> None:
    cloud.add_faults("path=*/products quirk=iotda-says:product_id=barometer")
    code, out, err = station("product", "create", "--cloud", "iotda", spec())
    assert (code, "barometer" in out) == (Exit.PERSON_NEEDED, True)
    assert "the file asks for thermometer" in err
