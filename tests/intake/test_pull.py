# SPDX-License-Identifier: GPL-3.0-or-later
"""After any pull the ledger holds exactly what the cloud issued, whatever the pages did."""

from __future__ import annotations

from typing import Any

import pytest

from station.cloud.living.client import LivingLink
from station.cloud.paging import BatchIncomplete, Patience
from station.errors import CloudGarbled
from station.intake.generate import generate, generate_named, generate_nvr, upload_names
from station.intake.progress import resting
from station.intake.pull import How, Watcher, pull
from station.intake.wanted import find_batch
from station.ledger.cloud_said import NOT_SAID
from station.ledger.store import Ledger
from station.model import Provider, State
from station.simulate.cloud import CloudSimulator
from tests.intake.intake_contents import HASTY, PATIENT, of_cloud, of_cloud_page, of_ledger


def pulled(ledger: Ledger, living: LivingLink, batch: Any, **options: Any) -> Any:
    options.setdefault("patience", PATIENT)
    watcher = Watcher(**{name: options.pop(name) for name in ("show", "say", "stop") if name in options})
    return pull(ledger, living, find_batch(ledger, batch), How(**options), watcher)


def test_a_batch_comes_whole_with_progress(cloud: CloudSimulator, living: LivingLink, ledger: Ledger) -> None:
    batch = generate(ledger, living, cloud.add_product("Fan").product_key, 25)
    shown: list[Any] = []
    report = pulled(ledger, living, batch, page_size=10, show=shown.append)
    assert of_ledger(ledger) == of_cloud(cloud, batch)
    assert (report.held, report.total, report.pages, report.complete) == (25, 25, 3, True)
    assert [progress.done for progress in shown] == [10, 20, 25]
    assert ledger.batches.all()[0].complete


def test_nvr_sets_come_whole_with_channels_in_the_clouds_order(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    batch = generate_nvr(ledger, living, cloud.add_product("Recorder", channels=4).product_key, 45)
    pulled(ledger, living, batch)
    assert of_ledger(ledger) == of_cloud(cloud, batch)


def test_pulling_twice_changes_nothing(cloud: CloudSimulator, living: LivingLink, ledger: Ledger) -> None:
    batch = generate(ledger, living, cloud.add_product("Fan").product_key, 25)
    pulled(ledger, living, batch, page_size=10)
    head = ledger.audit.head()
    report = pulled(ledger, living, batch, page_size=10)
    assert (report.receipt.new, ledger.audit.head()) == (0, head)


@pytest.mark.parametrize(
    "fault",
    [
        "path=*/query page=2 times=1 do=repeat-page",
        "path=*/query page=2 times=1 do=shift-page:3",
        "path=*/query page=1 times=1 do=shift-page:-4",
        "path=*/query page=2 times=1 do=short-page:4",
        "path=*/query page=1 times=1 do=shrink-total:20",
        "path=*/query page=3 times=1 do=cut",
        "path=*/query nth=2-3 do=code:6285",
        "path=*/query nth=2 do=throttled",
        "path=*/query nth=3 do=kill-token",
        "path=*/query quirk=9.3-absent",
        "path=*/query quirk=9.3-total",
        "path=*/query quirk=9.6-status-text",
        "path=*/query quirk=9.8-extra-keys",
    ],
)
def test_whatever_pages_do_all_comes_once(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger, fault: str
) -> None:
    batch = generate(ledger, living, cloud.add_product("Fan").product_key, 25)
    cloud.add_faults(fault)
    pulled(ledger, living, batch, page_size=10)
    assert of_ledger(ledger) == of_cloud(cloud, batch)


def test_a_batch_made_elsewhere_with_a_shrunken_total_on_one_page_still_comes_whole(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    batch = living.generate(cloud.add_product("Fan").product_key, 25, request_id="r1")
    cloud.add_faults("path=*/query page=2 do=shrink-total:9")
    pulled(ledger, living, batch, page_size=10)
    assert of_ledger(ledger) == of_cloud(cloud, batch)


def test_pages_that_never_bring_the_rest_end_with_what_came(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    batch = generate(ledger, living, cloud.add_product("Fan").product_key, 25)
    cloud.add_faults("path=*/query page=3 do=repeat-page")
    with pytest.raises(BatchIncomplete, match="20 of 25"):
        pulled(ledger, living, batch, page_size=10, patience=HASTY)
    assert len(of_ledger(ledger)) == 20


def test_devices_in_use_are_withheld(cloud: CloudSimulator, living: LivingLink, ledger: Ledger) -> None:
    batch = generate(ledger, living, cloud.add_product("Fan").product_key, 5)
    cloud.set_status(batch, 2, 1)
    report = pulled(ledger, living, batch)
    assert (report.receipt.withheld, len(of_ledger(ledger)), len(of_ledger(ledger, State.WITHHELD))) == (1, 4, 1)


def test_a_name_with_another_secret_is_withheld_until_a_person_has_chosen(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    batch = generate(ledger, living, cloud.add_product("Fan").product_key, 5)
    pulled(ledger, living, batch)
    before = of_ledger(ledger)
    cloud.add_faults("path=*/query quirk=changed-secret")
    report = pulled(ledger, living, batch)
    disputed = {name.device_name for name in report.receipt.conflicts}
    assert disputed
    assert of_ledger(ledger) == [row for row in before if row[0][1] not in disputed]
    assert of_ledger(ledger, State.WITHHELD) == [row for row in before if row[0][1] in disputed]


def test_named_batches_must_bring_the_names_that_were_uploaded(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    key = cloud.add_product("Fan").product_key
    [uploaded] = upload_names(ledger, living, key, ["fan-0001", "fan-0002"])
    generate_named(ledger, living, uploaded.batch_id)
    cloud.batch(uploaded.batch_id).names[1] = "fan-0003"
    report = pulled(ledger, living, uploaded.batch_id)
    assert (report.held, report.odd, report.complete) == (1, 1, False)
    [item] = ledger.odd.open(Provider.LIVING, uploaded.batch_id)
    assert (item.item, "uploaded" in item.why) == (f"{key}/fan-0003", True)


def test_the_product_secret_comes_along_when_asked(cloud: CloudSimulator, living: LivingLink, ledger: Ledger) -> None:
    product = cloud.add_product("Fan")
    batch = generate(ledger, living, product.product_key, 2)
    pulled(ledger, living, batch, with_product_secret=True)
    identity = ledger.identity(ledger.certificates.page()[0].identity_id)
    assert identity.primary.product_secret is not None
    assert identity.primary.product_secret.reveal() == product.product_secret


def test_a_stopped_pull_goes_on_where_it_ended(cloud: CloudSimulator, living: LivingLink, ledger: Ledger) -> None:
    batch = generate(ledger, living, cloud.add_product("Fan").product_key, 40)
    report = pulled(ledger, living, batch, page_size=10, stop=lambda: True)
    assert (report.complete, report.held) == (False, 10)
    cloud.requests.clear()
    pulled(ledger, living, batch, page_size=10)
    assert of_ledger(ledger) == of_cloud(cloud, batch)
    assert [seen.page for seen in cloud.requests if seen.path.endswith("/query")] == [1, 2, 3, 4]


def test_waiting_for_a_batch_says_why_and_can_be_stopped(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    batch = generate(ledger, living, cloud.add_product("Fan").product_key, 5)
    cloud.add_faults("path=*/query do=code:6285")
    said: list[Any] = []
    report = pulled(
        ledger,
        living,
        batch,
        patience=Patience(seconds=600, first_wait_s=300),
        say=said.append,
        stop=lambda: bool(said),
    )
    assert not report.complete
    assert f"0 identities of batch {batch} came" in said[0]
    assert "not ready" in said[0]


def test_a_pull_that_is_throttled_can_be_stopped_and_goes_on(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    batch = generate(ledger, living, cloud.add_product("Fan").product_key, 25)
    said: list[Any] = []
    living.while_throttled(resting(said.append, lambda: bool(said)))
    cloud.add_faults("path=*/query page=2 do=throttled")
    report = pulled(ledger, living, batch, page_size=10, stop=lambda: bool(said))
    assert (report.complete, report.held) == (False, 10)
    assert "calls_per_s" in said[0]
    cloud.clear_faults()
    pulled(ledger, living, batch, page_size=10)
    assert of_ledger(ledger) == of_cloud(cloud, batch)


def test_a_batch_still_being_generated_is_waited_for(cloud: CloudSimulator, living: LivingLink, ledger: Ledger) -> None:
    key = cloud.add_product("Fan").product_key
    cloud.world.ready_after_s = 0.3
    batch = generate(ledger, living, key, 5)
    said: list[Any] = []
    pulled(ledger, living, batch, patience=Patience(seconds=30, first_wait_s=0.05), say=said.append)
    assert of_ledger(ledger) == of_cloud(cloud, batch)
    assert said


def test_names_that_an_upload_lost_are_told(cloud: CloudSimulator, living: LivingLink, ledger: Ledger) -> None:
    key = cloud.add_product("Fan").product_key
    cloud.add_faults("path=*/upload quirk=9.20-drops-name")
    [uploaded] = upload_names(ledger, living, key, ["fan-0001", "fan-0002"])
    generate_named(ledger, living, uploaded.batch_id)
    with pytest.raises(BatchIncomplete, match=r"1 of 2 .* missing are fan-0002"):
        pulled(ledger, living, uploaded.batch_id, patience=HASTY)


@pytest.mark.parametrize(
    "fault",
    [
        "quirk=9.10-nvr-list",
        "quirk=9.10-echo",
        "quirk=9.10-small-n",
        "quirk=9.3-total",
        "quirk=9.3-absent",
        "quirk=9.8-extra-keys",
        "quirk=9.9-active-time",
        "quirk=9.15-no-id",
        "quirk=duplicate-row",
        "path=*/query page=1 times=1 quirk=9.11-curly-quote do=503",
        "path=*/query page=2 times=1 do=short-page:3",
        "path=*/query page=2 times=1 do=repeat-page",
        "path=*/query page=1 times=1 do=shift-page:2",
    ],
)
def test_nvr_batches_come_whole_in_every_form(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger, fault: str
) -> None:
    batch = generate_nvr(ledger, living, cloud.add_product("Recorder", channels=3).product_key, 25)
    cloud.add_faults(fault)
    pulled(ledger, living, batch, page_size=10)
    assert of_ledger(ledger) == of_cloud(cloud, batch)


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ("quirk=9.11-missing-comma", "query NVR certificates"),
        ("quirk=9.11-trailing-comma", "query NVR certificates"),
        ("quirk=9.11-curly-quote", "query NVR certificates"),
        ("do=garbage", "query NVR certificates"),
        ("do=truncate", "query NVR certificates"),
        ("do=html", "web page"),
    ],
)
def test_a_page_that_cannot_be_believed_stores_nothing_of_itself(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger, fault: str, named: str
) -> None:
    batch = generate_nvr(ledger, living, cloud.add_product("Recorder", channels=3).product_key, 25)
    cloud.add_faults(f"path=*/query page=2 {fault}")
    with pytest.raises(CloudGarbled, match=named):
        pulled(ledger, living, batch, page_size=10)
    assert of_ledger(ledger) == sorted(of_cloud_page(cloud, batch, 10))
    cloud.clear_faults()
    pulled(ledger, living, batch, page_size=10)
    assert of_ledger(ledger) == of_cloud(cloud, batch)


@pytest.mark.parametrize(
    ("quirk", "withheld"), [("9.6-active:2", 2), ("9.6-offline", 1), ("9.6-disabled:5", 5), ("9.9-no-ids", 0)]
)
def test_what_the_cloud_gives_another_status_than_inactive_is_withheld(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger, quirk: str, withheld: int
) -> None:
    batch = generate(ledger, living, cloud.add_product("Fan").product_key, 5)
    cloud.add_faults(f"path=*/query quirk={quirk}")
    assert pulled(ledger, living, batch).receipt.withheld == withheld
    assert len(of_ledger(ledger)) == 5 - withheld


def test_a_page_of_sets_that_has_no_status_is_no_word_that_they_were_never_used(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a recovery: what is withheld waits for an answer, and this one leaves it open."""
    batch = generate_nvr(ledger, living, cloud.add_product("Recorder", channels=1).product_key, 2)
    monkeypatch.setattr(LivingLink, "withhold_unsaid", True)
    first = pulled(ledger, living, batch).receipt
    assert (first.new, first.unsaid, ledger.stock.by_state()[State.WITHHELD]) == (2, 2, 4)
    pulled(ledger, living, batch, recheck=True)
    words = ledger.cloud_said.of([1])[1]
    assert [word.event for word in words] == [NOT_SAID] * 4  # NVR and camera, when they came and now


def test_a_recheck_that_brings_no_status_withholds_nothing(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    batch = generate(ledger, living, cloud.add_product("Fan").product_key, 5)
    pulled(ledger, living, batch)
    cloud.add_faults("path=*/query quirk=9.9-no-ids")
    assert pulled(ledger, living, batch, recheck=True).receipt.turned_active == 0
    assert len(of_ledger(ledger)) == 5


def test_a_recheck_withholds_what_came_into_use_elsewhere(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    batch = generate(ledger, living, cloud.add_product("Fan").product_key, 25)
    pulled(ledger, living, batch, page_size=10)
    cloud.set_status(batch, 0, 1)
    assert pulled(ledger, living, batch, page_size=10).receipt.turned_active == 0
    report = pulled(ledger, living, batch, page_size=10, recheck=True)
    assert (report.receipt.turned_active, report.receipt.new, report.held) == (1, 0, 25)
    assert len(of_ledger(ledger)) == 24
