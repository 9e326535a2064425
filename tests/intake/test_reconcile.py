# SPDX-License-Identifier: GPL-3.0-or-later
"""The cloud asked again: a leak, a board that never came up, what is unknown, free or gone, and no more."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from station.cloud.aliyun_iot.client import AliyunIot
from station.cloud.iotda.client import Iotda
from station.cloud.living.client import LivingLink
from station.codes import Exit
from station.intake.pull import pull
from station.intake.reconcile import Inquiry, reconcile_pulled, reconcile_registered
from station.intake.reconcile_progress import HeardSoFar
from station.intake.register import plan, register
from station.intake.wanted import find_batch
from station.ledger.store import Ledger
from station.model import BoardUid, CertName, Evidence, IdentityKind, Method
from station.secrets.keys import open_vault
from station.simulate.cloud import CloudSimulator
from tests.intake.intake_contents import Station

MONTH = Inquiry(days=30)


def consume(ledger: Ledger, product: str, uid: str, kind: IdentityKind = IdentityKind.SINGLE) -> str:
    claim = ledger.reserve([product], kind, BoardUid(uid), "1")
    ledger.begin(claim.attempt)
    digest, board = claim.identity.digest(), claim.attempt.board_uid
    proved = Evidence(
        expected=digest, read=digest, uid_before=board, uid_after=board, method=Method.PROOF, after_reset=True
    )
    ledger.consume(claim.attempt, proved)
    return str(claim.identity.name)


@pytest.fixture
def line(cloud: CloudSimulator, station: Station, tmp_path: Path) -> Any:
    """A batch of six: one consumed long ago, the rest in stock. Its id, and the consumed one's name."""
    product = cloud.add_product("Fan").product_key
    made = station("batch", "generate", "--yes", "--product", product, "--amount", 6, "--json")
    batch = json.loads(made[1].splitlines()[-1])["batch"]
    cloud.set_status(batch, 4, 1)
    assert station("pull", batch)[0] == 0
    cloud.set_status(batch, 4, 0)
    with Ledger(tmp_path / "state" / "ledger.db", open_vault(tmp_path / "state" / "station.key")) as ledger:
        name = consume(ledger, product, "5a00000000000001")
    return batch, name


def told(out: str) -> list[tuple[str, str]]:
    lines = [json.loads(line) for line in out.splitlines()]
    return [(line["kind"], line["name"]) for line in lines if line["event"] == "difference"]


def test_only_differences_are_told_and_a_leak_is_an_alarm(cloud: CloudSimulator, station: Station, line: Any) -> None:
    batch, consumed = line
    code, out, err = station("reconcile", batch, "--json")
    ((free, held),) = told(out)
    assert (code, free) == (Exit.PERSON_NEEDED, "free"), err
    cloud.set_status(batch, 2, 3)  # offline: it was in use
    code, out, err = station("reconcile", batch, "--days", 0, "--json")
    kinds = dict(told(out))
    assert (code, "E706" in err) == (Exit.INTEGRITY, True)
    assert (kinds["never-active"], kinds["free"], set(kinds)) == (consumed, held, {"never-active", "free", "leaked"})
    found = json.loads(station("certs", "--state", "withheld", "--json")[1].splitlines()[0])
    assert f"{found['product_key']}/{found['device_name']}" in (held, kinds["leaked"])
    assert station("reconcile", batch)[0] == Exit.INTEGRITY  # until a supervisor has retired it
    assert "the cloud: in use" in station("history", kinds["leaked"])[1]
    cloud.set_status(batch, 0, 1)
    assert ("never-active", consumed) not in told(station("reconcile", batch, "--days", 0, "--json")[1])
    assert "the cloud: in use" in station("history", consumed)[1]
    assert station("audit", "verify")[0] == 0


def test_what_is_there_and_not_here_and_the_other_way_round(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    product = cloud.add_product("Fan")
    batch = cloud.produce(product, amount=4).batch_id
    wanted = find_batch(ledger, batch, product_key=product.product_key, is_nvr=False, provider=living.provider)
    pull(ledger, living, wanted)
    assert reconcile_pulled(ledger, living, batch, MONTH).differences == ()
    with cloud.world.lock:
        cloud.world.batches[batch].amount = 5
    (one,) = reconcile_pulled(ledger, living, batch, MONTH).differences
    assert (one.kind, one.state) == ("unknown", "")
    assert ledger.named(one.name) is None
    with cloud.world.lock:
        cloud.world.batches[batch].amount = 3
    (one,) = reconcile_pulled(ledger, living, batch, MONTH).differences
    assert (one.kind, one.state, one.status) == ("gone", "READY", None)


def test_who_is_ended_goes_on_where_it_was(cloud: CloudSimulator, living: LivingLink, ledger: Ledger) -> None:
    product = cloud.add_product("Fan")
    batch = cloud.produce(product, amount=250).batch_id
    wanted = find_batch(ledger, batch, product_key=product.product_key, is_nvr=False, provider=living.provider)
    pull(ledger, living, wanted)
    cloud.set_status(batch, 1, 1)
    pages = iter([False, True])
    first = reconcile_pulled(ledger, living, batch, Inquiry(days=30, stop=lambda: next(pages, True)))
    assert (first.whole, first.asked) == (False, 200)
    kept = list(ledger.path.parent.glob("reconcile-*.jsonl"))
    assert len(kept) == 1 and kept[0].stat().st_mode & 0o777 == 0o600
    with kept[0].open("a") as file:
        file.write('{"said": [["half')  # killed within a line
    second = reconcile_pulled(ledger, living, batch, MONTH)
    assert (second.whole, second.asked, [one.kind for one in second.differences]) == (True, 250, ["leaked"])
    assert not list(ledger.path.parent.glob("reconcile-*.jsonl"))


def test_registered_devices_are_asked_one_by_one(cloud: CloudSimulator, iotda: Iotda, ledger: Ledger) -> None:
    planned = plan(ledger, iotda, "camera", ["SN0001", "SN0002", "SN0003"])
    register(ledger, iotda, planned)
    batch = ledger.batches.all()[0].key.batch_id
    assert reconcile_registered(ledger, iotda, batch, MONTH).differences == ()
    names = [row.name for row in ledger.certificates.page(limit=10)]
    iotda.delete(names[0].device_name)
    cloud.add_faults("path=*/devices/* method=GET nth=2 quirk=iotda-says:status=ONLINE")
    report = reconcile_registered(ledger, iotda, batch, MONTH)
    assert {(one.kind, one.name) for one in report.differences} == {("gone", names[0]), ("leaked", names[1])}
    assert (report.lists, report.whole, report.asked) == (False, True, 3)
    leaked = ledger.named(names[1])
    assert leaked is not None and leaked.state == "WITHHELD"


def test_a_device_that_the_cloud_cannot_tell_of_hides_no_leak_before_it(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger
) -> None:
    register(ledger, iotda, plan(ledger, iotda, "camera", ["SN0001", "SN0002", "SN0003"]))
    batch = ledger.batches.all()[0].key.batch_id
    names = [row.name for row in ledger.certificates.page(limit=10)]
    cloud.add_faults("path=*/devices/* method=GET nth=2 quirk=iotda-says:status=ONLINE")
    cloud.add_faults("path=*/devices/* method=GET nth=3 do=code:IOTDA.000004")
    report = reconcile_registered(ledger, iotda, batch, MONTH)
    assert [(one.kind, one.name) for one in report.differences] == [("leaked", names[1])]
    assert (report.whole, report.asked, report.fault is None) == (False, 2, False)


def test_a_file_and_a_silent_cloud_are_said_to_be_so(cloud: CloudSimulator, station: Station, tmp_path: Path) -> None:
    file = tmp_path / "batch.csv"
    file.write_text("ProductKey,DeviceName,DeviceSecret\na1Cam,cam1,0123456789abcdef0123456789abcdef\n")
    assert station("import", file)[0] == 0
    code, out, err = station("reconcile", "--all", "--json")
    assert (code, json.loads(out)["event"], "came from a file" in err) == (0, "not-asked", True)
    assert station("reconcile")[0] == station("reconcile", "none")[0] == Exit.USAGE
    product = cloud.add_product("Fan").product_key
    made = station("batch", "generate", "--yes", "--product", product, "--amount", 2, "--json")
    batch = json.loads(made[1].splitlines()[-1])["batch"]
    cloud.add_faults("path=/living/device/apply/query quirk=9.9-no-status:100")
    station("pull", batch)
    code, out, err = station("reconcile", batch, "--json")
    assert (code, json.loads(out.splitlines()[-1])["unsaid"], "does not say" in err) == (0, 2, True)


def test_only_batches_that_moved_are_asked_about(cloud: CloudSimulator, station: Station, line: Any) -> None:
    assert station("reconcile", "--all", "--since", "2999-01-01", "--json") == (0, "", "")
    assert station("reconcile", "--all", "--since", "2020-01-01")[0] == Exit.PERSON_NEEDED


def test_a_board_made_meanwhile_that_comes_into_use_is_no_leak(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    product = cloud.add_product("Fan")
    batch = cloud.produce(product, amount=202).batch_id
    wanted = find_batch(ledger, batch, product_key=product.product_key, is_nvr=False, provider=living.provider)
    with cloud.world.lock:
        cloud.world.batches[batch].statuses.update(dict.fromkeys(map(str, range(200)), 1))
    pull(ledger, living, wanted)  # what is made is of the second page: the first one is withheld
    made = []

    def show(_: object) -> None:
        if not made:
            made.append(consume(ledger, product.product_key, "5a00000000000001"))
            cloud.set_status(batch, 200, 1)
            cloud.set_status(batch, 201, 1)

    found = reconcile_pulled(ledger, living, batch, Inquiry(days=30, show=show))
    leaked = {str(one.name): one.state for one in found.differences if one.kind == "leaked"}
    assert len(leaked) == 201
    assert made[0] not in leaked
    assert set(leaked.values()) == {"WITHHELD"}  # as it is now


def test_a_leak_heard_before_the_cloud_failed_is_told(cloud: CloudSimulator, station: Station) -> None:
    product = cloud.add_product("Fan").product_key
    made = station("batch", "generate", "--yes", "--product", product, "--amount", 201, "--json")
    batch = json.loads(made[1].splitlines()[-1])["batch"]
    assert station("pull", batch)[0] == 0
    cloud.set_status(batch, 2, 1)
    cloud.add_faults("path=/living/device/apply/query page=2 do=code:6280")
    code, out, err = station("reconcile", batch, "--json")
    assert (code, "E706" in err, "E402" in err) == (Exit.INTEGRITY, True, True), err
    assert [kind for kind, _ in told(out)] == ["leaked"]
    assert json.loads(out.splitlines()[-1])["whole"] is False


def test_answers_of_yesterday_are_asked_for_anew_and_those_of_tomorrow(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock was ahead, and nobody knows how old these are."""
    folder, names = ledger.path.parent, [CertName("a1Fan", f"fan{number}") for number in range(4)]
    now = time.time()
    with HeardSoFar.of(folder, "living", "1") as heard:
        for name, ago_s in zip(names, (90_000.0, 3_600.0, -90_000.0, 0.0), strict=True):
            monkeypatch.setattr(time, "time", lambda ago_s=ago_s: now - ago_s)
            heard.add({name: 0}, [name])
    with HeardSoFar.of(folder, "living", "1") as heard:
        assert heard.primaries == {names[1], names[3]}


def test_the_other_cloud_tells_of_a_leak_too(cloud: CloudSimulator, aliyun_iot: AliyunIot, ledger: Ledger) -> None:
    product = cloud.add_product("Fan")
    batch = cloud.produce(product, amount=60).batch_id
    wanted = find_batch(ledger, batch, product_key=product.product_key, is_nvr=False, provider=aliyun_iot.provider)
    pull(ledger, aliyun_iot, wanted)
    report = reconcile_pulled(ledger, aliyun_iot, batch, MONTH)
    assert (report.differences, report.asked, report.whole) == ((), 60, True)
    cloud.set_status(batch, 55, 1)
    (leak,) = reconcile_pulled(ledger, aliyun_iot, batch, MONTH).differences
    assert (leak.kind, leak.state, leak.status) == ("leaked", "WITHHELD", 1)


def test_of_sets_no_cloud_says_whether_they_are_in_use(
    cloud: CloudSimulator, living: LivingLink, ledger: Ledger
) -> None:
    product = cloud.add_product("Nvr", channels=2)
    batch = cloud.produce(product, amount=3).batch_id
    wanted = find_batch(ledger, batch, product_key=product.product_key, is_nvr=True, provider=living.provider)
    pull(ledger, living, wanted)
    consume(ledger, product.product_key, "5a00000000000001", IdentityKind.SET)
    report = reconcile_pulled(ledger, living, batch, Inquiry(days=0))
    assert (report.differences, report.asked, report.unsaid) == ((), 9, 9)  # not: on a board, and never in use
    with cloud.world.lock:
        cloud.world.batches[batch].amount = 2
    gone = reconcile_pulled(ledger, living, batch, MONTH).differences
    assert [one.kind for one in gone] == ["gone"] * 3  # an NVR and its cameras
