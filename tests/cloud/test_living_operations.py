# SPDX-License-Identifier: GPL-3.0-or-later
"""Each Living Link operation over HTTP, done and refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from station.cloud.living.client import LivingLink
from station.cloud.values import BatchId, ProductState
from station.errors import CloudRefused, NeedsPerson, UsageError
from station.model import IdentityKind
from station.simulate.cloud import CloudSimulator


def issued(cloud: CloudSimulator, batch: Any) -> Any:
    return {(row.primary.device_name, row.primary.device_secret) for row in cloud.batch(batch).rows()}


def taken(page: Any) -> Any:
    return {(item.primary.device_name, item.primary.device_secret.reveal()) for item in page.items}


def test_ping_proves_address_keys_and_clock(living: LivingLink) -> None:
    living.ping()


def test_a_wrong_app_secret_is_said_in_words_and_asked_for_once(
    cloud: CloudSimulator, connect: Callable[..., LivingLink]
) -> None:
    with pytest.raises(CloudRefused) as refusal:
        connect(app_secret="wrong").ping()
    assert "cloud.living.secret_file" in refusal.value.do
    assert len(cloud.requests) == 1


def test_products_are_listed_whole_over_pages(cloud: CloudSimulator, living: LivingLink) -> None:
    made = {cloud.add_product(f"Fan {number}").product_key for number in range(7)}
    assert {product.product_key for product in living.products(page_size=3)} == made


def test_a_product_is_shown_with_its_state(cloud: CloudSimulator, living: LivingLink) -> None:
    key = cloud.add_product("Fan", published=False).product_key
    product = living.product(key)
    assert (product.name, product.state, product.product_key) == ("Fan", ProductState.DEVELOPING, key)


def test_an_unknown_product_is_refused_with_advice(living: LivingLink) -> None:
    with pytest.raises(CloudRefused, match="request id") as refusal:
        living.product("a1Unknown")
    assert "product key" in refusal.value.do


def test_generated_certificates_are_pulled(cloud: CloudSimulator, living: LivingLink) -> None:
    key = cloud.add_product("Fan").product_key
    batch = living.generate(key, 5, request_id="r1")
    page = living.page(batch, 1)
    assert page.total == 5
    assert taken(page) == issued(cloud, batch)


def test_generate_of_an_unknown_product_is_refused_and_nothing_is_made(living: LivingLink) -> None:
    with pytest.raises(CloudRefused):
        living.generate("a1Unknown", 5, request_id="r1")


def test_named_certificates_exist_after_generate_only(cloud: CloudSimulator, living: LivingLink) -> None:
    key = cloud.add_product("Fan").product_key
    names = ["fan-0001", "fan-0002"]
    batch = living.upload_names(key, names, request_id="r1")
    assert living.generate_named(key, batch, request_id="r2") == batch
    assert [item.primary.device_name for item in living.page(batch, 1).items] == names


def test_names_that_break_the_rules_are_not_sent(cloud: CloudSimulator, living: LivingLink) -> None:
    with pytest.raises(UsageError) as error:
        living.upload_names("a1Key", ["ok-name", "x", "ok-name", "spa ce"], request_id="r1")
    assert all(line in str(error.value) for line in ("line 2", "line 3", "line 4"))
    assert cloud.requests == []


def test_generate_from_an_unknown_batch_is_refused(cloud: CloudSimulator, living: LivingLink) -> None:
    key = cloud.add_product("Fan").product_key
    with pytest.raises(CloudRefused):
        living.generate_named(key, BatchId("999"), request_id="r1")


def test_pulling_an_unknown_batch_is_refused(living: LivingLink) -> None:
    with pytest.raises(CloudRefused):
        living.page(BatchId("999"), 1)


def test_nvr_sets_come_whole_with_channels_in_order(cloud: CloudSimulator, living: LivingLink) -> None:
    key = cloud.add_product("Recorder", channels=3).product_key
    batch = living.generate_nvr(key, 4, request_id="r1")
    pages = [living.nvr_page(batch, key, number, 3) for number in (1, 2)]
    sets = [item for page in pages for item in page.items]
    assert [item.kind for item in sets] == [IdentityKind.SET] * 4
    assert {len(item.channels) for item in sets} == {3}
    assert {camera.product_key for item in sets for camera in item.channels}.isdisjoint({key})


def test_nvr_amounts_out_of_range_are_not_sent(cloud: CloudSimulator, living: LivingLink) -> None:
    for amount in (0, 10_001):
        with pytest.raises(UsageError):
            living.generate_nvr("a1Key", amount, request_id="r1")
    assert cloud.requests == []


@pytest.mark.parametrize("mishap", ["drop-after", "status-after:504"])
def test_a_lost_answer_to_generate_is_an_unknown_outcome_and_is_not_sent_again(
    cloud: CloudSimulator, living: LivingLink, mishap: str
) -> None:
    key = cloud.add_product("Fan").product_key
    cloud.add_faults(f"path=*/generate do={mishap}")
    with pytest.raises(NeedsPerson, match="r-42") as error:
        living.generate(key, 5, request_id="r-42")
    assert error.value.code == "E604"
    assert [seen.path for seen in cloud.requests].count("/cloud/amount/device/generate") == 1


def test_a_query_is_repeated_after_a_lost_answer(cloud: CloudSimulator, living: LivingLink) -> None:
    key = cloud.add_product("Fan").product_key
    batch = living.generate(key, 5, request_id="r1")
    cloud.add_faults("path=*/query times=2 do=drop-after")
    assert taken(living.page(batch, 1)) == issued(cloud, batch)


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("/cloud/token", "1.0.0"),
        ("/cloud/thing/product/get", "1.1.2"),
        ("/cloud/thing/productList/get", "1.1.2"),
        ("/cloud/device/name/upload", "1.1.3"),
    ],
)
def test_where_the_documents_disagree_on_a_version_both_work(
    cloud: CloudSimulator, living: LivingLink, path: str, version: str
) -> None:
    key = cloud.add_product("Fan").product_key
    cloud.add_faults(f"path={path} quirk=9.17-only-version:{version}")
    assert living.product(key).product_key == key
    assert len(list(living.products())) == 1
    assert cloud.batch(living.upload_names(key, ["fan-0001"], request_id="r1")).names == ["fan-0001"]


def test_a_version_nobody_documents_is_refused_in_words(cloud: CloudSimulator, living: LivingLink) -> None:
    cloud.add_faults("path=*/product/get quirk=9.17-only-version:9.9.9")
    with pytest.raises(CloudRefused, match="no such service"):
        living.product(cloud.add_product("Fan").product_key)


def test_a_page_size_the_cloud_refuses_is_said_in_words(cloud: CloudSimulator, living: LivingLink) -> None:
    batch = living.generate(cloud.add_product("Fan").product_key, 5, request_id="r1")
    cloud.add_faults("quirk=9.14-page-size:50")
    with pytest.raises(CloudRefused, match="page size") as refusal:
        living.page(batch, 1)
    assert "smaller" in refusal.value.do
    assert taken(living.page(batch, 1, 49)) == issued(cloud, batch)
