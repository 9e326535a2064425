# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages come repeated, shifted and contradicting: what was received stays, and adds up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.ledger.store import Ledger
from station.model import Identity, IdentityKind, Secret, State
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, certificate, evidence, nvr_set, single, uid
from tests.sampled import examples


def test_the_same_page_twice_changes_nothing_at_all(ledger: Ledger) -> None:
    page = [single("a"), single("b", cloud_status=1), nvr_set("n", 4)]
    first = ledger.receive(BATCH, page)
    head = ledger.audit.head()
    again = ledger.receive(BATCH, page)
    assert (first.new, first.withheld) == (3, 1)
    assert (again.new, again.unchanged) == (0, 3)
    assert ledger.audit.head() == head


def test_another_content_under_a_known_name_is_left_out_and_recorded_once(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("a")])
    other = Identity(primary=replace(certificate("a"), device_secret=Secret("another")))
    assert ledger.receive(replace(BATCH, batch_id="4712"), [other]).conflicts == (other.name,)
    ledger.receive(replace(BATCH, batch_id="4712"), [other])
    assert ledger.disputes.open_count() == 1
    assert ledger.identity(1).primary.device_secret == Secret("secret-of-a")


def test_what_came_and_what_moved_is_counted_as_it_happens(ledger: Ledger) -> None:
    """Counts are kept beside the rows: a screen asks for them each second."""
    ledger.receive(BATCH, [single("a"), single("b"), single("used", cloud_status=1), nvr_set("n", 2)])
    assert (counts(ledger), received(ledger)) == ({"READY": 5, "WITHHELD": 1}, 6)
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")
    assert counts(ledger) == {"READY": 4, "RESERVED": 1, "WITHHELD": 1}
    ledger.begin(claim.attempt)
    ledger.reserve(["a1Ipc"], IdentityKind.MEMBER, uid(2), "2")
    assert (counts(ledger), received(ledger)) == ({"READY": 3, "RESERVED": 1, "WITHHELD": 1, "WRITING": 1}, 6)


def counts(ledger: Ledger) -> dict[str, int]:
    with ledger.book.read() as db:
        return dict(db.execute("SELECT state, sum(certificates) FROM tallies WHERE identities <> 0 GROUP BY 1"))


def received(ledger: Ledger) -> int:
    with ledger.book.read() as db:
        return int(db.execute("SELECT received FROM batches").fetchone()[0])


def test_a_set_with_one_contradicting_camera_is_left_out_whole(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("n-ipc2", product="a1Ipc")])
    receipt = ledger.receive(BATCH, [nvr_set("n", 3)])
    assert receipt.new == 0
    assert [c.device_name for c in receipt.conflicts] == ["n-ipc2"]
    assert ledger.certificates.search("n") == ledger.certificates.search("n-ipc2")


def test_channels_in_another_order_are_another_set(ledger: Ledger) -> None:
    good = nvr_set("n", 3)
    ledger.receive(BATCH, [good])
    shuffled = replace(good, channels=good.channels[::-1])
    assert ledger.receive(BATCH, [shuffled]).conflicts


def test_a_set_that_was_opened_into_members_is_recognised(ledger: Ledger) -> None:
    ledger.receive(BATCH, [nvr_set("n", 2)])
    ledger.reserve(["a1Ipc"], IdentityKind.MEMBER, uid(1), "1")
    assert ledger.receive(BATCH, [nvr_set("n", 2)]).unchanged == 1


def test_what_the_cloud_calls_active_is_withheld_and_never_flashed(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("used", cloud_status=1)])
    assert ledger.stock.by_state()[State.WITHHELD] == 1
    assert ledger.certificates.unsettled([State.WITHHELD])[0].name.device_name == "used"


def test_a_ready_one_that_turned_active_is_withheld_and_a_flashed_one_is_not(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("flashed"), single("waiting")])
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))
    now_active = [single("flashed", cloud_status=1), single("waiting", cloud_status=1)]
    assert ledger.receive(BATCH, now_active).turned_active == 1
    counts = ledger.stock.by_state()
    assert (counts[State.CONSUMED], counts[State.WITHHELD]) == (1, 1)


@settings(max_examples=examples(40))
@given(pages=st.lists(st.lists(st.integers(0, 12), max_size=6), max_size=12))
def test_any_sequence_of_pages_ends_in_the_same_ledger(
    tmp_path_factory: pytest.TempPathFactory, pages: list[list[int]]
) -> None:
    with Ledger(tmp_path_factory.mktemp("l") / "ledger.db", Vault(bytes(32))) as ledger:
        for page in pages:
            ledger.receive(BATCH, [single(f"cam{i}") for i in page])
        wanted = {f"cam{i}" for page in pages for i in page}
        assert {r.name.device_name for r in ledger.certificates.page()} == wanted
        assert sum(ledger.stock.by_state().values()) == len(wanted)
        ledger.audit.verify()


def test_the_same_certificate_from_a_file_and_from_the_cloud_is_no_conflict(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("a")])
    from_cloud = single("a", iot_id="iot000100", device_id="dev", product_secret=Secret("ps"))
    assert ledger.receive(replace(BATCH, batch_id="4712"), [from_cloud]).unchanged == 1
