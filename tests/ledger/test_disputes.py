# SPDX-License-Identifier: GPL-3.0-or-later
"""What two sources say differently of one name reaches no board until a person has chosen, and then only the chosen."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.codes import Code
from station.errors import ConfigError, NeedsPerson, NoCertificates, StationError
from station.ledger.store import Ledger
from station.ledger.values import Claim, Receipt
from station.model import CertName, Identity, IdentityKind, Secret, State
from station.rules import Choice
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, certificate, evidence, nvr_set, single, uid
from tests.sampled import examples

OTHER = replace(BATCH, batch_id="4712", source="whole.csv")
FILE = replace(BATCH, batch_id="4710", source="cut.csv")
CAM = CertName("a1Camera", "cam")


def other(secret: str = "another", **fields: Any) -> Identity:
    return Identity(primary=replace(certificate("cam"), device_secret=Secret(secret), **fields))


def disputed(ledger: Ledger) -> Receipt:
    ledger.receive(FILE, [single("cam")])
    return ledger.receive(OTHER, [other()])


def reserve(ledger: Ledger, number: int = 1) -> Claim:
    return ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(number), "1")


def state(ledger: Ledger) -> State:
    known = ledger.named(CAM)
    assert known is not None
    return known.state


def held(ledger: Ledger) -> str:
    known = ledger.named(CAM)
    assert known is not None
    return ledger.identity(known.identity_id).primary.device_secret.reveal()


def decide(ledger: Ledger, choice: Choice, **which: Any) -> list[str]:
    """Why each is not READY again."""
    disputes = ledger.disputes.open(**which)
    return [one.waits for one in ledger.disputes.settle(disputes, choice, "looked at both", by="Li Wei")]


def sealed(ledger: Ledger) -> int:
    with ledger.book.read() as db:
        return int(db.execute("SELECT count(secret) + count(product_secret) FROM conflicts").fetchone()[0])


def test_what_is_in_the_queue_waits_for_a_person(ledger: Ledger) -> None:
    receipt = disputed(ledger)
    assert (receipt.conflicts, receipt.disputed, receipt.on_boards) == ((CAM,), 1, ())
    assert (state(ledger), held(ledger)) == (State.WITHHELD, "secret-of-cam")
    with pytest.raises(NoCertificates):
        reserve(ledger)
    ledger.audit.verify()


def test_what_the_same_source_says_again_is_the_same_dispute(ledger: Ledger) -> None:
    disputed(ledger)
    again = ledger.receive(OTHER, [other()])
    assert (again.conflicts, again.disputed) == ((CAM,), 0)
    assert ledger.disputes.open_count() == 1


def test_an_identity_that_was_chosen_for_a_board_is_stopped_before_the_first_byte(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("cam")])
    claim = reserve(ledger)
    assert ledger.receive(OTHER, [other()]).conflicts
    with pytest.raises(NeedsPerson, match="disagree"):
        ledger.begin(claim.attempt)
    ledger.release(claim.attempt, "disputed")
    assert state(ledger) is State.WITHHELD


def test_a_dead_process_does_not_give_a_disputed_identity_back_to_the_queue(
    open_ledger: Callable[[], Ledger], ledger: Ledger
) -> None:
    ledger.receive(BATCH, [single("cam")])
    reserve(ledger)
    ledger.receive(OTHER, [other()])
    ledger.close()
    survivor = open_ledger()
    survivor.recover()
    assert state(survivor) is State.WITHHELD


@pytest.mark.parametrize("after", [State.WRITING, State.IN_DOUBT, State.CONSUMED])
def test_what_is_on_a_board_stays_there_and_is_told(ledger: Ledger, after: State) -> None:
    ledger.receive(BATCH, [single("cam")])
    claim = reserve(ledger)
    ledger.begin(claim.attempt)
    if after is State.IN_DOUBT:
        ledger.doubt(claim.attempt, Code.E311, "unplugged")
    if after is State.CONSUMED:
        ledger.consume(claim.attempt, evidence(claim))
    receipt = ledger.receive(OTHER, [other()])
    assert (receipt.conflicts, receipt.on_boards, state(ledger)) == ((CAM,), (CAM,), after)
    [dispute] = ledger.disputes.open()
    assert (dispute.on_a_board, dispute.board_uid) == (True, uid(1))
    with pytest.raises(ConfigError, match="went out"):
        decide(ledger, Choice.ARRIVED)
    assert ledger.disputes.open_count() == 1
    decide(ledger, Choice.HELD)
    assert (ledger.disputes.open_count(), state(ledger)) == (0, after)


def test_what_arrived_takes_the_place_of_what_was_held(ledger: Ledger) -> None:
    disputed(ledger)
    decide(ledger, Choice.ARRIVED)
    assert (held(ledger), ledger.disputes.open_count(), sealed(ledger)) == ("another", 0, 0)
    assert ledger.receive(OTHER, [other()]).unchanged == 1
    assert reserve(ledger).identity.primary.device_secret == Secret("another")
    ledger.audit.verify()


def test_what_was_held_is_kept(ledger: Ledger) -> None:
    disputed(ledger)
    decide(ledger, Choice.HELD)
    assert (held(ledger), ledger.disputes.open_count(), sealed(ledger)) == ("secret-of-cam", 0, 0)


@pytest.mark.parametrize(("choice", "loser"), [(Choice.HELD, other()), (Choice.ARRIVED, single("cam"))])
def test_what_was_not_chosen_is_recognised_and_changes_nothing(ledger: Ledger, choice: Choice, loser: Identity) -> None:
    disputed(ledger)
    decide(ledger, choice)
    before = held(ledger)
    receipt = ledger.receive(replace(BATCH, batch_id="4713"), [loser])
    assert (receipt.settled, receipt.conflicts, receipt.new) == (1, (), 0)
    assert (held(ledger), ledger.disputes.open_count(), sealed(ledger)) == (before, 0, 0)


def test_what_may_not_come_back_stays_withheld_and_says_why(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("cam"), single("used", cloud_status=1)])
    ledger.receive(OTHER, [other(), Identity(primary=replace(certificate("used"), device_secret=Secret("another")))])
    asked_first, in_use = decide(ledger, Choice.HELD)
    assert "pull 4711 --recheck" in asked_first
    assert "status 1" in in_use
    assert state(ledger) is State.WITHHELD


def test_what_arrived_as_used_is_not_let_back(ledger: Ledger) -> None:
    ledger.receive(FILE, [single("cam")])
    ledger.receive(OTHER, [other(cloud_status=3)])
    assert decide(ledger, Choice.ARRIVED) == ["its status is 3, not unused"]
    assert state(ledger) is State.WITHHELD


def test_of_three_contents_one_is_chosen_by_its_batch(ledger: Ledger) -> None:
    disputed(ledger)
    third = replace(BATCH, batch_id="4713")
    ledger.receive(third, [other("a third one")])
    with pytest.raises(ConfigError, match="2 other contents"):
        decide(ledger, Choice.ARRIVED)
    assert held(ledger) == "secret-of-cam"
    decide(ledger, Choice.ARRIVED, batch_id="4713")
    assert (held(ledger), ledger.disputes.open_count(), sealed(ledger)) == ("a third one", 0, 0)
    assert ledger.receive(OTHER, [other()]).settled == 1


def test_a_second_thought_takes_a_chosen_content_away_again(ledger: Ledger) -> None:
    disputed(ledger)
    decide(ledger, Choice.ARRIVED)
    ledger.receive(replace(BATCH, batch_id="4713"), [other("a third one")])
    assert [(one.held_from, one.arrived_with) for one in ledger.disputes.open()] == [("whole.csv", "4713")]
    decide(ledger, Choice.ARRIVED)
    assert held(ledger) == "a third one"
    assert [ledger.receive(OTHER, [one]).settled for one in (other(), single("cam"))] == [1, 1]


def test_what_both_sides_say_is_compared_without_a_secret(ledger: Ledger) -> None:
    ledger.receive(BATCH, [other("0123456789ab")])
    ledger.receive(OTHER, [other("0123456789abcdef", iot_id="iot1", cloud_status=1)])
    [dispute] = ledger.disputes.open()
    told = ledger.disputes.compare(dispute)
    assert told == [
        "secret: 12 characters held, 16 arrived",
        "iotId: - held, iot1 arrived",
        "status: 0 held, 1 arrived",
    ]


def test_one_disputed_camera_stops_its_whole_set(ledger: Ledger) -> None:
    good = nvr_set("n", 3)
    ledger.receive(BATCH, [good])
    camera = replace(good.channels[1], device_secret=Secret("another"))
    receipt = ledger.receive(OTHER, [replace(good, channels=(good.channels[0], camera, good.channels[2]))])
    assert [name.device_name for name in receipt.conflicts] == ["n-ipc2"]
    assert ledger.stock.by_state()[State.READY] == 0
    decide(ledger, Choice.ARRIVED)
    known = ledger.named(good.name)
    assert known is not None
    assert ledger.identity(known.identity_id).channels[1].device_secret == Secret("another")


def test_a_camera_that_came_at_another_channel_with_another_secret_cannot_be_chosen(ledger: Ledger) -> None:
    good = nvr_set("n", 2)
    ledger.receive(FILE, [good])
    moved = replace(good.channels[1], device_secret=Secret("another"))
    ledger.receive(OTHER, [replace(good, channels=(moved, certificate("new", "a1Ipc")))])
    assert [dispute.choosable for dispute in ledger.disputes.open()] == [False]
    with pytest.raises(ConfigError, match="not at hand"):
        decide(ledger, Choice.ARRIVED)


def test_another_arrangement_of_a_set_cannot_be_chosen(ledger: Ledger) -> None:
    good = nvr_set("n", 4)
    ledger.receive(BATCH, [good])
    shuffled = replace(good, channels=good.channels[::-1])
    assert ledger.receive(OTHER, [shuffled]).disputed == 1
    with pytest.raises(ConfigError, match="arrangement"):
        decide(ledger, Choice.ARRIVED)
    decide(ledger, Choice.HELD)
    assert ledger.receive(OTHER, [shuffled]).settled == 1
    third = replace(good, channels=(*good.channels[1:], good.channels[0]))
    assert ledger.receive(OTHER, [third]).conflicts


def test_a_camera_that_two_sets_claim_is_named_and_stops_the_set_that_has_it(ledger: Ledger) -> None:
    first, second = nvr_set("n", 2), nvr_set("m", 2)
    ledger.receive(BATCH, [first])
    receipt = ledger.receive(OTHER, [replace(second, channels=(first.channels[0], second.channels[1]))])
    assert [name.device_name for name in receipt.conflicts] == ["n-ipc1"]
    assert ledger.stock.by_state()[State.WITHHELD] == 3


def test_retiring_ends_the_dispute(ledger: Ledger) -> None:
    disputed(ledger)
    ledger.retire(CAM, "scrap", by="Li Wei")
    assert (ledger.disputes.open_count(), sealed(ledger)) == (0, 0)


def test_what_arrives_under_a_retired_name_is_told_and_changes_nothing(ledger: Ledger) -> None:
    ledger.receive(FILE, [single("cam")])
    ledger.retire(CAM, "scrap", by="Li Wei")
    assert ledger.receive(OTHER, [other()]).conflicts == (CAM,)
    with pytest.raises(ConfigError, match="final"):
        decide(ledger, Choice.ARRIVED)
    assert decide(ledger, Choice.HELD) == ["RETIRED, board -"]
    assert (state(ledger), sealed(ledger)) == (State.RETIRED, 0)


@pytest.mark.sqlite
def test_what_an_older_station_left_out_is_withheld_at_the_next_start(ledger: Ledger) -> None:
    """It recorded the name and the digest alone, and left the identity READY."""
    ledger.receive(BATCH, [single("cam")])
    with ledger.book.write() as db:
        db.execute(
            "INSERT INTO conflicts (product_key, device_name, content, batch, seen_at)"
            " VALUES ('a1Camera', 'cam', x'00', 1, '2026-01-01')"
        )
    ledger.recover()
    assert state(ledger) is State.WITHHELD
    with pytest.raises(ConfigError, match="older version"):
        decide(ledger, Choice.ARRIVED)


@settings(max_examples=examples(32))
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["receive", "keep held", "keep arrived", "reserve", "begin", "release", "recover"]),
            st.integers(0, 2),
        ),
        max_size=25,
    )
)
def test_no_disputed_content_ever_goes_out(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    """Whatever comes in whatever order: a row that goes WRITING was not in dispute then, and keeps its content."""
    claims: list[Claim] = []
    sent: str | None = None
    with Ledger(tmp_path_factory.mktemp("l") / "ledger.db", Vault(bytes(32))) as ledger:
        for what, number in steps:
            try:
                if what == "receive":
                    ledger.receive(replace(BATCH, batch_id=f"b{number}"), [other(f"secret {number}")])
                elif what.startswith("keep"):
                    decide(ledger, Choice(what.removeprefix("keep ")), batch_id=f"b{number}")
                elif what == "reserve":
                    claims.append(reserve(ledger, len(claims) + 1))
                elif what == "recover":
                    ledger.recover()
                elif claims and what == "begin":
                    open_before = ledger.disputes.open_count()
                    ledger.begin(claims[-1].attempt)
                    assert not open_before
                    sent = claims[-1].identity.primary.device_secret.reveal()
                elif claims:
                    ledger.release(claims[-1].attempt, "test")
            except StationError:
                pass
            if sent is not None:
                assert held(ledger) == sent
        ledger.audit.verify()


# -- the schema itself -------------------------------------------------------------------------------------------------


@pytest.fixture
def raw(ledger: Ledger) -> sqlite3.Connection:
    disputed(ledger)
    connection = sqlite3.connect(ledger.path, isolation_level=None, timeout=10)
    connection.row_factory = sqlite3.Row
    return connection


def refused(raw: sqlite3.Connection, sql: str) -> str:
    with pytest.raises(sqlite3.IntegrityError) as caught:
        raw.execute(sql)
    return str(caught.value)


SWAP = "UPDATE certificates SET content = (SELECT content FROM conflicts), secret = x'01'"


@pytest.mark.sqlite
def test_the_schema_swaps_no_content_without_both_decisions(raw: sqlite3.Connection) -> None:
    assert "as the cloud issued" in refused(raw, SWAP)
    raw.execute("UPDATE conflicts SET decision = 'kept', secret = NULL")
    assert "as the cloud issued" in refused(raw, f"{SWAP} WHERE (SELECT decision FROM conflicts) = 'kept'")
    swap = SWAP.replace("FROM conflicts", "FROM conflicts WHERE decision = 'kept'")
    raw.execute(
        "INSERT INTO conflicts (product_key, device_name, content, batch, seen_at)"
        " SELECT product_key, device_name, content, 1, '' FROM certificates"
    )
    assert "as the cloud issued" in refused(raw, swap)
    raw.execute("UPDATE conflicts SET decision = 'refused' WHERE decision IS NULL")
    assert "as the cloud issued" in refused(raw, swap.replace("x'01'", "NULL"))
    assert "as the cloud issued" in refused(raw, f"{swap}, device_name = 'x'")
    raw.execute(swap)


@pytest.mark.parametrize("state", [State.READY, State.RESERVED, State.WRITING, State.CONSUMED])
@pytest.mark.sqlite
def test_the_schema_swaps_no_content_of_what_may_go_out_or_went(ledger: Ledger, state: State) -> None:
    ledger.receive(FILE, [single("cam")])
    if state is not State.READY:
        claim = reserve(ledger)
        if state is not State.RESERVED:
            ledger.begin(claim.attempt)
        if state is State.CONSUMED:
            ledger.consume(claim.attempt, evidence(claim))
    with sqlite3.connect(ledger.path, isolation_level=None, timeout=10) as raw:
        held, new = "(SELECT content FROM certificates)", "x'0102'"
        for content in (held, new):
            raw.execute(
                "INSERT INTO conflicts (product_key, device_name, content, batch, seen_at)"
                f" VALUES ('a1Camera', 'cam', {content}, 1, '')"
            )
        raw.execute(f"UPDATE conflicts SET decision = 'refused' WHERE content = {held}")
        raw.execute(f"UPDATE conflicts SET decision = 'kept' WHERE content = {new}")
        assert "as the cloud issued" in refused(raw, f"UPDATE certificates SET content = {new}, secret = x'01'")


@pytest.mark.parametrize(
    "change",
    [
        "secret = x'00'",
        "cloud_status = 7",
        "content = x'00'",
        "batch = 1",
        "seen_at = ''",
        "decision = 'kept'",
        "decision = 'another', secret = NULL",
    ],
)
@pytest.mark.sqlite
def test_what_arrived_cannot_be_edited(raw: sqlite3.Connection, change: str) -> None:
    refused(raw, f"UPDATE conflicts SET {change}")


@pytest.mark.parametrize("decision", ["refused", "kept"])
@pytest.mark.sqlite
def test_a_decision_is_final(raw: sqlite3.Connection, decision: str) -> None:
    raw.execute(f"UPDATE conflicts SET decision = '{decision}', secret = NULL")
    refused(raw, "UPDATE conflicts SET decision = 'kept'")
    refused(raw, "UPDATE conflicts SET decision = NULL")
    refused(
        raw,
        "INSERT INTO conflicts (product_key, device_name, content, batch, seen_at, decision)"
        " VALUES ('p', 'n', x'00', 1, '', 'kept')",
    )


@pytest.mark.sqlite
def test_the_schema_lets_nothing_disputed_go_out(raw: sqlite3.Connection, ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("calm")])
    claim = reserve(ledger)
    raw.execute(
        "INSERT INTO conflicts (product_key, device_name, content, batch, seen_at)"
        " VALUES ('a1Camera', 'calm', x'00', 1, '')"
    )
    row = raw.execute("SELECT * FROM identities WHERE id = ?", (claim.attempt.identity_id,)).fetchone()
    raw.execute(
        "INSERT INTO audit (seq, at, event, actor, identity, version, from_state, to_state, attempt, board_uid, detail,"
        " previous, hash) SELECT max(seq) + 1, 'now', 'forged', 'me', ?, ?, 'RESERVED', 'WRITING', ?, ?, '{}', '', 'x'"
        " FROM audit",
        (row["id"], row["version"] + 1, row["attempt"], row["board_uid"]),
    )
    assert "waits for a person" in refused(
        raw, f"UPDATE identities SET state = 'WRITING', version = version + 1 WHERE id = {row['id']}"
    )
