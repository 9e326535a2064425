# SPDX-License-Identifier: GPL-3.0-or-later
"""What costs money is journalled before it is sent, sent once, and never guessed about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from station.cloud.living.client import LivingLink
from station.cloud.values import BatchId
from station.errors import CloudFault, CloudRefused, CloudUnreachable, NeedsPerson, UsageError
from station.intake.generate import generate, generate_named, generate_nvr, upload_names
from station.intake.journalled import settle
from station.intake.names import read_names
from station.ledger.store import Ledger
from station.model import Provider
from station.simulate.cloud import CloudSimulator


def states(ledger: Ledger) -> Any:
    return [(request.operation, request.state, request.batch_id) for request in ledger.requests.all()]


def sent(cloud: CloudSimulator, end: Any) -> Any:
    return sum(seen.path.endswith(end) for seen in cloud.requests)


def test_an_answered_request_keeps_its_batch(cloud: CloudSimulator, living: LivingLink, ledger: Ledger) -> None:
    batch = generate(ledger, living, cloud.add_product("Fan").product_key, 5)
    assert states(ledger) == [("generate", "ANSWERED", batch)]


def test_a_request_that_is_under_way_keeps_the_next_one_back(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    """It may be another process's, or of one that has just died: it was sent, and nobody knows yet."""
    key = cloud.add_product("Fan").product_key
    ledger.requests.record_sending(
        "r1", provider=Provider.LIVING, operation="generate", product_key=key, detail={"amount": 5}
    )
    assert states(ledger) == [("generate", "SENT", "")]
    with pytest.raises(NeedsPerson) as held:
        generate(ledger, living, key, 5)
    assert held.value.code == "E604"
    assert cloud.requests == []
    generate(ledger, living, cloud.add_product("Lamp").product_key, 5)


def test_of_two_stations_that_looked_at_the_same_moment_one_sends(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = cloud.add_product("Fan").product_key
    original = living.generate

    def the_other_one_too(*arguments: Any, **options: Any) -> Any:
        with pytest.raises(NeedsPerson) as held:
            generate(ledger, living, key, 5)
        assert held.value.code == "E604"
        return original(*arguments, **options)

    monkeypatch.setattr("station.intake.journalled.require_settled", lambda *_: None)  # both found nothing in the way
    monkeypatch.setattr(living, "generate", the_other_one_too)
    generate(ledger, living, key, 5)
    assert sent(cloud, "/generate") == 1
    assert [state for _, state, _ in states(ledger)] == ["ANSWERED"]


def test_it_is_on_disk_before_it_is_sent(
    cloud: CloudSimulator, ledger: Ledger, living: LivingLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = cloud.add_product("Fan").product_key
    seen = []
    original = living.generate

    def looking(*arguments: Any, **options: Any) -> Any:
        seen.extend(states(ledger))
        return original(*arguments, **options)

    monkeypatch.setattr(living, "generate", looking)
    generate(ledger, living, key, 5)
    assert seen == [("generate", "SENT", "")]


@pytest.mark.parametrize("fault", ["drop-after", "reset-after", "garbage-after", "empty-after", "status-after:500"])
def test_a_lost_answer_is_unknown_until_a_person_settles_it(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger, fault: str
) -> None:
    key = cloud.add_product("Fan").product_key
    cloud.add_faults(f"path=*/generate do={fault}")
    with pytest.raises(NeedsPerson):
        generate(ledger, living, key, 5)
    cloud.clear_faults()
    with pytest.raises(NeedsPerson, match="no known outcome"):
        generate(ledger, living, key, 5)
    assert sent(cloud, "/generate") == 1
    [request] = ledger.requests.all()
    [made] = cloud.world.batches
    settle(ledger, request.request_id, made)
    assert states(ledger) == [("generate", "ANSWERED", made)]
    generate(ledger, living, key, 5)


def test_a_batch_that_an_earlier_request_made_is_no_answer_to_this_one(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken for the answer, it would hide the batch that was made and paid for now."""
    key = cloud.add_product("Fan").product_key
    first = generate(ledger, living, key, 5)
    original = living.generate

    def mixed_up(*arguments: Any, **options: Any) -> Any:
        original(*arguments, **options)
        return first

    monkeypatch.setattr(living, "generate", mixed_up)
    with pytest.raises(NeedsPerson, match=first) as held:
        generate(ledger, living, key, 5)
    assert held.value.code == "E604"
    assert states(ledger) == [("generate", "UNKNOWN", ""), ("generate", "ANSWERED", first)]
    request = ledger.requests.all()[0].request_id
    with pytest.raises(UsageError, match=first):
        settle(ledger, request, first)
    [second] = set(cloud.world.batches) - {first}
    settle(ledger, request, second)
    assert states(ledger)[0] == ("generate", "ANSWERED", second)


def test_names_are_generated_once_whatever_batch_the_cloud_names(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer about another batch would be kept as that one's, and these names generated and paid for again."""
    [part] = upload_names(ledger, living, cloud.add_product("Fan").product_key, ["fan-0001"])
    original = living.generate_named

    def mixed_up(*arguments: Any, **options: Any) -> Any:
        original(*arguments, **options)
        return BatchId("4711")

    monkeypatch.setattr(living, "generate_named", mixed_up)
    with pytest.raises(NeedsPerson, match="4711") as held:
        generate_named(ledger, living, part.batch_id)
    assert held.value.code == "E604"
    with pytest.raises(NeedsPerson, match="no known outcome"):
        generate_named(ledger, living, part.batch_id)
    settle(ledger, ledger.requests.all()[0].request_id, "4711")
    with pytest.raises(UsageError, match="was generated"):
        generate_named(ledger, living, part.batch_id)


def test_another_products_batch_may_have_that_number(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another project counts its own."""
    first = generate(ledger, living, cloud.add_product("Fan").product_key, 5)
    monkeypatch.setattr(living, "generate", lambda *_arguments, **_options: first)
    assert generate(ledger, living, cloud.add_product("Lamp").product_key, 5) == first


def test_a_request_settled_as_not_made_frees_the_product(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    key = cloud.add_product("Fan").product_key
    cloud.add_faults("path=*/generate do=drop")
    with pytest.raises(NeedsPerson):
        generate(ledger, living, key, 5)
    cloud.clear_faults()
    settle(ledger, ledger.requests.all()[0].request_id, None)
    generate(ledger, living, key, 5)
    assert len(cloud.world.batches) == 1


@pytest.mark.parametrize("fault", ["code:460", "throttled", "code:401"])
def test_a_refusal_is_no_doubt(cloud: CloudSimulator, living: LivingLink, ledger: Ledger, fault: str) -> None:
    key = cloud.add_product("Fan").product_key
    cloud.add_faults(f"path=*/generate do={fault}")
    with pytest.raises(CloudRefused):
        generate(ledger, living, key, 5)
    assert [state for _, state, _ in states(ledger)] == ["REFUSED"]


def test_a_cloud_that_cannot_be_reached_got_nothing(cloud: CloudSimulator, living: LivingLink, ledger: Ledger) -> None:
    living.ping()
    cloud.stop()
    with pytest.raises(CloudUnreachable):
        generate(ledger, living, "a1Key", 5)
    assert [state for _, state, _ in states(ledger)] == ["REFUSED"]


def test_a_dead_token_does_not_keep_us_from_generating(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    key = cloud.add_product("Fan").product_key
    living.product(key)
    cloud.add_faults("path=*/generate times=1 do=kill-token")
    generate(ledger, living, key, 5)
    assert len(cloud.world.batches) == 1


@pytest.mark.parametrize("quirk", ["9.1-string", "9.1-int", "9.1-object", "9.15-id-number", "9.15-no-id"])
def test_a_batch_id_is_read_in_every_form(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger, quirk: str
) -> None:
    cloud.add_faults(f"quirk={quirk}")
    batch = generate_nvr(ledger, living, cloud.add_product("Recorder", channels=2).product_key, 3)
    assert cloud.batch(batch).amount == 3


def test_a_long_name_list_becomes_batches_of_a_thousand(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    key = cloud.add_product("Fan").product_key
    names = [f"fan-{number:05}" for number in range(2300)]
    uploaded = upload_names(ledger, living, key, names)
    assert [part.names for part in uploaded] == [1000, 1000, 300]
    assert [name for part in uploaded for name in cloud.batch(part.batch_id).names] == names


def test_a_list_that_broke_off_goes_on_with_what_is_left(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    key = cloud.add_product("Fan").product_key
    names = [f"fan-{number:05}" for number in range(1500)]
    cloud.add_faults("path=*/upload nth=2 do=code:460")
    with pytest.raises(CloudRefused):
        upload_names(ledger, living, key, names)
    assert [part.again for part in upload_names(ledger, living, key, names)] == [True, False]
    assert sorted(name for batch in cloud.world.batches.values() for name in batch.names) == names


def test_every_bad_name_is_reported_and_nothing_is_sent(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    key = cloud.add_product("Fan").product_key
    upload_names(ledger, living, key, ["fan-0001"])
    cloud.requests.clear()
    with pytest.raises(UsageError) as error:
        upload_names(ledger, living, key, ["fan-0002", "fan-0001", "no", "fan 3", "fan-0002"])
    for line in ("line 2", "line 3", "line 4", "line 5"):
        assert line in str(error.value)
    assert cloud.requests == []


def test_names_are_generated_once(cloud: CloudSimulator, living: LivingLink, ledger: Ledger) -> None:
    [part] = upload_names(ledger, living, cloud.add_product("Fan").product_key, ["fan-0001"])
    generate_named(ledger, living, part.batch_id)
    with pytest.raises(UsageError, match="was generated"):
        generate_named(ledger, living, part.batch_id)


@pytest.mark.parametrize("fault", ["garbage", "drop", "empty", "code:460"])
def test_trouble_with_the_token_is_no_doubt_about_what_was_made(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger, fault: str
) -> None:
    key = cloud.add_product("Fan").product_key
    cloud.add_faults(f"path=/cloud/token do={fault}")
    with pytest.raises(CloudFault):
        generate(ledger, living, key, 5)
    assert [state for _, state, _ in states(ledger)] == ["REFUSED"]
    assert sent(cloud, "/generate") == 0


def test_a_request_that_nobody_waits_for_any_more_is_of_unknown_outcome(ledger: Ledger) -> None:
    ledger.requests.record_sending(
        "r1", provider=Provider.LIVING, operation="generate", product_key="p", detail={"amount": 5}
    )
    assert [request.state for request in ledger.requests.unanswered()] == ["SENT"]
    assert [request.state for request in ledger.requests.unanswered(older_than_s=-60)] == ["UNKNOWN"]
    assert [request.state for request in ledger.requests.all()] == ["UNKNOWN"]


@pytest.mark.parametrize("heading", ["DeviceName", "device_name", "\ufeffDevice Name", '"DeviceId"', "设备名称"])
def test_a_columns_heading_is_not_ordered_as_a_name(heading: str, tmp_path: Path) -> None:
    (file := tmp_path / "names.csv").write_text(f"{heading}\ncam_0001\ncam_0002\n", "utf-8")
    with pytest.raises(UsageError, match=r"line 1 of .* is a heading"):
        read_names(file)
    file.write_text("cam_0001\nDeviceName7\n", "utf-8")
    assert read_names(file) == ["cam_0001", "DeviceName7"]
