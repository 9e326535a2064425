# SPDX-License-Identifier: GPL-3.0-or-later
"""One odd item stops nothing: it is set aside and told, the rest comes in, and a second pull heals it."""

from __future__ import annotations

import json
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from station.cloud.living.client import LivingLink
from station.codes import Exit
from station.errors import UsageError
from station.intake.generate import generate, generate_nvr
from station.intake.pull import How, Watcher, pull
from station.intake.wanted import Wanted, find_batch
from station.ledger.store import Ledger
from station.model import IdentityKind, Provider, State
from station.simulate.cloud import CloudSimulator
from tests.intake.intake_contents import HASTY, PATIENT, Station, of_cloud, of_ledger
from tests.sampled import sampled

ODD = {
    "a set with a wrong ipcNum": "quirk=9.10-ipcnum",
    "a set without ipcNum": "quirk=9.9-missing:ipcNum",
    "a secret that is missing": "quirk=9.9-missing:deviceSecret",
    "a secret that is null": "quirk=9.9-null:deviceSecret",
    "a secret that is masked": "quirk=odd-secret:********",
    "a secret of x": f"quirk=odd-secret:{'x' * 32}",
    "a secret that is cut off": "quirk=odd-secret:Ab3dEf",
    "a secret of other characters": "quirk=odd-secret:abc-def_ghi",
    "a key of other characters": "quirk=odd-key:a1_K-y",
    "a name that is missing": "quirk=9.9-missing:deviceName",
}


def pulled(ledger: Ledger, living: LivingLink, batch: Any, **options: Any) -> Any:
    options.setdefault("patience", PATIENT)
    watcher = Watcher(**{name: options.pop(name) for name in ("show", "say", "stop") if name in options})
    return pull(ledger, living, find_batch(ledger, batch), How(**options), watcher)


def set_aside(ledger: Ledger, batch: Any) -> Any:
    return ledger.odd.open(Provider.LIVING, batch)


PULLS = [
    (what, kind, size)
    for what, kind, size in product(ODD, ("ordinary", "nvr"), (1, 7, 20))
    if kind == "nvr" or "ipc" not in ODD[what]
]


@pytest.mark.parametrize(("what", "kind", "size"), sampled(PULLS, 11))
def test_an_odd_item_is_set_aside_wherever_the_pages_end_and_heals(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger, kind: str, what: Any, size: int
) -> None:
    nvr = kind == "nvr"
    make = generate_nvr if nvr else generate
    batch = make(ledger, living, cloud.add_product("Fan", channels=2 * nvr).product_key, 20)
    cloud.add_faults(f"path=*/query page=1 {ODD[what]}")
    report = pulled(ledger, living, batch, page_size=size)
    assert (report.held, report.odd, report.total, report.complete) == (19, 1, 20, False)
    assert len(of_ledger(ledger)) == 19
    assert set(of_ledger(ledger)) < set(of_cloud(cloud, batch))
    [item] = set_aside(ledger, batch)
    secrets = {secret for row in of_cloud(cloud, batch) for _, _, secret in row}
    assert not any(secret in item.raw + item.why for secret in secrets)
    assert pulled(ledger, living, batch, page_size=size).odd == 1  # it does not heal by itself
    assert len(set_aside(ledger, batch)) == 1
    cloud.clear_faults()
    report = pulled(ledger, living, batch, page_size=size)
    assert (report.held, report.odd, report.receipt.new, report.complete) == (20, 0, 1, True)
    assert of_ledger(ledger) == of_cloud(cloud, batch)
    assert set_aside(ledger, batch) == []
    ledger.audit.verify()


def test_a_known_certificate_that_comes_masked_stays_ready(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    batch = generate(ledger, living, cloud.add_product("Fan").product_key, 5)
    pulled(ledger, living, batch)
    cloud.add_faults(f"path=*/query quirk=odd-secret:{'x' * 32}")
    report = pulled(ledger, living, batch, recheck=True)
    assert (report.odd, report.conflicting) == (1, 0)
    assert of_ledger(ledger) == of_cloud(cloud, batch)


def test_an_item_that_the_cloud_no_longer_has_is_no_longer_odd(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    batch = generate(ledger, living, cloud.add_product("Fan").product_key, 5)
    cloud.add_faults("path=*/query page=1 quirk=9.9-missing:deviceName")
    assert pulled(ledger, living, batch).odd == 1
    cloud.clear_faults()
    assert pulled(ledger, living, batch).odd == 0


@pytest.mark.parametrize("size", [1, 2, 20])
def test_a_camera_in_two_sets_is_named_with_who_has_it_wherever_the_pages_end(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger, size: int
) -> None:
    batch = generate_nvr(ledger, living, cloud.add_product("Recorder", channels=2).product_key, 6)
    cloud.add_faults("path=*/query quirk=shared-camera")
    report = pulled(ledger, living, batch, page_size=size)
    assert (report.held, report.conflicting, report.complete) == (5, 1, False)
    [shared] = report.receipt.shared
    first, second = (row.primary.device_name for row in list(cloud.batch(batch).rows())[:2])
    assert (shared.holder.device_name, shared.arrived.device_name) == (first, second)
    assert len(of_ledger(ledger)) == 4
    assert len(of_ledger(ledger, State.WITHHELD)) == 1


@pytest.mark.parametrize("size", [1, 20])
def test_a_camera_that_the_cloud_takes_out_of_the_second_set_is_in_dispute_no_more(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger, size: int
) -> None:
    batch = generate_nvr(ledger, living, cloud.add_product("Recorder", channels=2).product_key, 6)
    cloud.add_faults("path=*/query quirk=shared-camera")
    pulled(ledger, living, batch, page_size=size)
    again = pulled(ledger, living, batch, page_size=size)
    assert (again.in_dispute, again.complete, len(of_ledger(ledger))) == (1, False, 4)
    cloud.clear_faults()
    healed = pulled(ledger, living, batch, page_size=size)
    assert (healed.in_dispute, healed.complete) == (0, True)
    assert of_ledger(ledger) == of_cloud(cloud, batch)
    ledger.audit.verify()


def test_a_camera_stays_in_dispute_while_an_item_of_its_batch_cannot_be_believed(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    """It may be the second set that the camera is still in."""
    batch = generate_nvr(ledger, living, cloud.add_product("Recorder", channels=2).product_key, 6)
    cloud.add_faults("path=*/query quirk=shared-camera")
    assert pulled(ledger, living, batch).in_dispute == 1
    cloud.clear_faults()
    cloud.add_faults("path=*/query page=2 quirk=9.10-ipcnum")
    odd = pulled(ledger, living, batch, page_size=1)
    assert (odd.odd, odd.in_dispute, odd.complete) == (1, 1, False)
    cloud.clear_faults()
    healed = pulled(ledger, living, batch)
    assert (healed.odd, healed.in_dispute, healed.complete) == (0, 0, True)
    assert of_ledger(ledger) == of_cloud(cloud, batch)


def test_another_secret_stays_in_dispute_although_the_cloud_takes_it_back(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    batch = generate(ledger, living, cloud.add_product("Fan").product_key, 3)
    pulled(ledger, living, batch)
    cloud.add_faults("path=*/query quirk=changed-secret")
    assert pulled(ledger, living, batch, recheck=True).in_dispute == 3
    cloud.clear_faults()
    report = pulled(ledger, living, batch, recheck=True)
    assert (report.in_dispute, report.conflicting, report.complete, of_ledger(ledger)) == (3, 0, False, [])


def test_a_set_whose_cameras_arrive_later_is_completed(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    batch = generate_nvr(ledger, living, cloud.add_product("Recorder", channels=4).product_key, 3)
    cloud.add_faults("path=*/query quirk=fewer-cameras:0")
    report = pulled(ledger, living, batch)
    assert (report.held, len(report.childless)) == (3, 3)
    cloud.clear_faults()
    cloud.add_faults("path=*/query quirk=fewer-cameras:2")
    assert pulled(ledger, living, batch, recheck=True).receipt.completed == 3
    cloud.clear_faults()
    report = pulled(ledger, living, batch, recheck=True)
    assert (report.receipt.completed, report.conflicting, report.complete) == (3, 0, True)
    assert of_ledger(ledger) == of_cloud(cloud, batch)
    assert ledger.batches.all()[0].received == 15
    ledger.audit.verify()


def test_cameras_that_arrived_later_come_with_any_later_pull_whatever_page_they_are_on(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    batch = generate_nvr(ledger, living, cloud.add_product("Recorder", channels=2).product_key, 5)
    cloud.add_faults("path=*/query quirk=fewer-cameras:1")
    assert pulled(ledger, living, batch, page_size=2).complete
    cloud.clear_faults()
    report = pulled(ledger, living, batch, page_size=2)
    assert (report.receipt.completed, report.complete) == (5, True)
    assert of_ledger(ledger) == of_cloud(cloud, batch)


def test_a_set_that_comes_with_fewer_cameras_than_are_here_keeps_them(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    batch = generate_nvr(ledger, living, cloud.add_product("Recorder", channels=4).product_key, 3)
    pulled(ledger, living, batch)
    cloud.add_faults("path=*/query quirk=fewer-cameras:2")
    pulled(ledger, living, batch, recheck=True)
    assert of_ledger(ledger) == of_cloud(cloud, batch)


def test_the_wrong_product_is_refused_and_nothing_is_stored(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    fan, lamp = cloud.add_product("Fan").product_key, cloud.add_product("Lamp").product_key
    batch = living.generate(fan, 5, request_id="elsewhere")
    with pytest.raises(UsageError, match=fan):
        pull(ledger, living, find_batch(ledger, batch, product_key=lamp), How(patience=HASTY))
    ours = generate(ledger, living, fan, 5)
    with pytest.raises(UsageError, match=fan):
        find_batch(ledger, ours, product_key=lamp)
    assert of_ledger(ledger) == []


@pytest.mark.parametrize("nvr", [False, True])
def test_the_kind_of_a_batch_made_elsewhere_is_found_out_and_said(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger, nvr: bool
) -> None:
    product = cloud.add_product("Thing", channels=3 * nvr).product_key
    made = living.generate_nvr if nvr else living.generate
    batch = made(product, 25, request_id="elsewhere")
    said: list[IdentityKind] = []
    wanted = find_batch(ledger, batch, product_key=product)
    report = pull(ledger, living, wanted, How(patience=HASTY), Watcher(taken_as=said.append))
    assert (report.is_nvr, report.held, report.complete) == (nvr, 25, True)
    assert said == [IdentityKind.SET if nvr else IdentityKind.SINGLE]
    assert of_ledger(ledger) == of_cloud(cloud, batch)


@pytest.mark.parametrize(
    ("nvr", "size", "fits"), [(False, 200, True), (False, 201, False), (True, 20, True), (True, 21, False)]
)
def test_the_page_size_is_bounded_by_the_operation(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger, nvr: bool, size: int, fits: bool
) -> None:
    product = cloud.add_product("Thing", channels=2 * nvr).product_key
    batch = (generate_nvr if nvr else generate)(ledger, living, product, 3)
    if fits:
        assert pulled(ledger, living, batch, page_size=size).complete
        return
    with pytest.raises(UsageError, match=str(size - 1)):
        pulled(ledger, living, batch, page_size=size)


def last_json(out: Any) -> Any:
    return json.loads(out.splitlines()[-1])


def test_by_command_counts_are_separate_and_the_exit_asks_for_a_person(cloud: CloudSimulator, station: Station) -> None:
    key = cloud.add_product("Recorder", channels=2).product_key
    batch = last_json(station("batch", "generate-nvr", "--yes", "--product", key, "--amount", 9, "--json")[1])["batch"]
    cloud.add_faults("path=*/query quirk=fewer-cameras:0; path=*/query quirk=9.10-ipcnum")
    code, out, err = station("pull", batch)
    assert code == Exit.PERSON_NEEDED
    assert f"batch {batch}: 8 of 9 identities held, 8 new, 1 odd, not complete" in out
    assert f"station batch odd {batch}" in err
    assert "8 NVRs came without cameras" in err
    code, out, _ = station("batch", "odd", batch)
    assert (code, "ipcNum" in out) == (Exit.PERSON_NEEDED, True)
    code, out, _ = station("batch", "odd", batch, "--json")
    assert last_json(out)["why"]
    assert "1" in station("batch", "list")[1].splitlines()[-1].split()
    assert "8 of 9 identities held, 1 odd" in station("report", "batch", batch)[1]
    told = last_json(station("report", "batch", batch, "--json")[1])
    assert (told["held"], told["odd"], told["conflicting"], told["withheld"]) == (8, 1, 0, 0)
    cloud.clear_faults()
    code, out, _ = station("pull", batch, "--json")
    told = last_json(out)
    counts = {name: told[name] for name in ("held", "new", "known", "odd", "conflicting", "withheld", "complete")}
    assert (code, counts.pop("complete")) == (Exit.OK, True)
    assert counts == {"held": 9, "new": 1, "known": 8, "odd": 0, "conflicting": 0, "withheld": 0}
    assert told["certificates"] == 27
    assert station("batch", "odd", batch)[0] == Exit.OK


def test_a_wanted_batch_without_a_product_takes_the_first_items(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    batch = living.generate(cloud.add_product("Fan").product_key, 3, request_id="elsewhere")
    assert pull(ledger, living, Wanted(batch_id=batch), How(patience=HASTY)).held == 3


def test_a_batch_without_a_total_is_asked_for_from_its_start_while_something_is_odd(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    batch = living.generate(cloud.add_product("Fan").product_key, 25, request_id="elsewhere")
    cloud.add_faults("path=*/query quirk=9.3-absent; path=*/query page=1 quirk=odd-secret:********")
    assert pulled(ledger, living, batch, page_size=10).odd == 1
    assert pulled(ledger, living, batch, page_size=10).odd == 1
    cloud.clear_faults()
    cloud.add_faults("path=*/query quirk=9.3-absent")
    report = pulled(ledger, living, batch, page_size=10)
    assert (report.held, report.odd, report.receipt.new) == (25, 0, 1)


def test_what_came_right_is_healed_although_the_pull_is_stopped(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    batch = generate(ledger, living, cloud.add_product("Fan").product_key, 25)
    cloud.add_faults("path=*/query page=1 quirk=odd-secret:********")
    pulled(ledger, living, batch, page_size=10)
    cloud.clear_faults()
    cloud.add_faults("path=*/query page=2 quirk=odd-secret:********")
    pulled(ledger, living, batch, page_size=10, stop=lambda: True, recheck=True)
    assert set_aside(ledger, batch) == []


def test_a_batch_of_truly_mixed_lengths_comes_in_by_a_supervisors_word_and_not_without(
    cloud: CloudSimulator, station: Station, pin: Path
) -> None:
    key = cloud.add_product("Fan").product_key
    batch = json.loads(station("batch", "generate", "--yes", "--product", key, "--amount", 8, "--json")[1])["batch"]
    cloud.add_faults("path=*/query quirk=odd-secret:Ab3dEf4hIj5kLm6n")
    assert station("pull", batch)[0] == Exit.PERSON_NEEDED
    assert station("certs")[1].count("READY") == 7
    assert station("pull", batch, "--any-length")[0] == Exit.PERSON_NEEDED  # nobody gave a word
    assert station("certs")[1].count("READY") == 7
    code, out, err = station("pull", batch, "--any-length", "--pin-file", pin)
    assert code == Exit.OK, out + err
    assert station("certs")[1].count("READY") == 8
    assert station("batch", "odd", batch)[0] == Exit.OK


def test_a_cloud_that_gives_more_than_it_is_asked_for_keeps_no_slot_waiting(
    living: LivingLink, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its page is no one long transaction, for which a slot would wait."""
    good = [
        {"productKey": "a1Key", "deviceName": f"fan-{n:04}", "deviceSecret": sha256(b"%d" % n).hexdigest()}
        for n in range(25)
    ]
    listed = [*good, *({"deviceName": f"bad {n}"} for n in range(25))]
    monkeypatch.setattr(living, "_call", lambda *_: {"items": listed, "totalNum": 50})
    monkeypatch.setattr("station.intake.pull._AT_ONCE", 10)
    sizes: list[int] = []
    receive, record = ledger.receive, ledger.odd.record

    def received(key: Any, items: Any, **options: Any) -> Any:
        sizes.append(len(items))
        return receive(key, items, **options)

    def recorded(provider: Any, batch: Any, items: Any) -> None:
        sizes.append(len(items))
        record(provider, batch, items)

    monkeypatch.setattr(ledger, "receive", received)
    monkeypatch.setattr(ledger.odd, "record", recorded)
    report = pulled(ledger, living, "7")
    assert (report.held, report.odd, max(sizes)) == (25, 25, 10)
