# SPDX-License-Identifier: GPL-3.0-or-later
"""An identity's life through the ledger's own methods, and a state machine that tries them in any order."""

from __future__ import annotations

import secrets
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from station.codes import Code
from station.errors import ConfigError, IntegrityAlarm, LedgerFault, NoCertificates, StationError
from station.ledger.store import Ledger
from station.ledger.values import Claim
from station.model import BoardUid, CertName, Digest, Identity, IdentityKind, State
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, certificate, evidence, nvr_set, single, uid
from tests.sampled import examples

CAMERA = ["a1Camera"]


def reserve(ledger: Ledger, board: int = 1) -> Claim:
    return ledger.reserve(CAMERA, IdentityKind.SINGLE, uid(board), "1")


def state_of(ledger: Ledger, claim: Claim) -> State:
    known = ledger.named(claim.identity.name)
    assert known is not None
    return known.state


def test_identities_are_taken_in_the_order_they_arrived(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single(f"cam{i}") for i in range(3)])
    assert [reserve(ledger, n).identity.name.device_name for n in range(3)] == ["cam0", "cam1", "cam2"]
    with pytest.raises(NoCertificates):
        reserve(ledger, 4)


def test_of_several_products_the_oldest_identity_is_taken(ledger: Ledger) -> None:
    products = ["a1Camera", "a1Doorbell"]
    for name, product in (("bell0", products[1]), ("cam0", products[0]), ("bell1", products[1])):
        one = Identity(primary=certificate(name, product))
        ledger.receive(replace(BATCH, product_key=product, batch_id=name), [one])
    taken = [ledger.reserve(products, IdentityKind.SINGLE, uid(n), "1").identity.name.device_name for n in range(3)]
    assert taken == ["bell0", "cam0", "bell1"]


def test_a_released_identity_goes_to_the_next_board(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("cam")])
    first = reserve(ledger, 1)
    ledger.release(first.attempt, "unplugged")
    second = reserve(ledger, 2)
    assert second.identity.name == first.identity.name
    assert second.attempt.number == first.attempt.number + 1


def test_nothing_brings_a_written_identity_back(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("cam")])
    claim = reserve(ledger)
    ledger.begin(claim.attempt)
    with pytest.raises(LedgerFault):
        ledger.release(claim.attempt, "please")
    with pytest.raises(NoCertificates):
        reserve(ledger, 2)


def test_a_stale_attempt_moves_nothing(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("cam")])
    stale = reserve(ledger)
    ledger.release(stale.attempt, "unplugged")
    fresh = reserve(ledger, 2)
    for step in (ledger.begin, lambda a: ledger.release(a, ""), lambda a: ledger.doubt(a, Code.E311, "")):
        with pytest.raises(LedgerFault, match="not"):
            step(stale.attempt)
    assert state_of(ledger, fresh) is State.RESERVED


def test_a_board_gets_one_identity(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("a"), single("b")])
    reserve(ledger, 1)
    with pytest.raises(IntegrityAlarm):
        reserve(ledger, 1)


@pytest.mark.parametrize("lie", ["digest", "board", "both boards"])
def test_evidence_that_does_not_hold_consumes_nothing(ledger: Ledger, lie: str) -> None:
    ledger.receive(BATCH, [single("cam")])
    claim = reserve(ledger)
    ledger.begin(claim.attempt)
    good = evidence(claim)
    lies = {
        "digest": {"read": Digest("0" * 64)},
        "board": {"uid_after": uid(9)},
        "both boards": {"uid_before": uid(9), "uid_after": uid(9)},
    }
    bad = replace(good, **lies[lie])  # type: ignore[arg-type]
    with pytest.raises(LedgerFault):
        ledger.consume(claim.attempt, bad)
    assert state_of(ledger, claim) is State.WRITING


def test_after_consumption_the_secret_is_gone_from_the_file_and_the_digest_still_tells(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("cam")])
    claim = reserve(ledger)
    ledger.begin(claim.attempt)
    with ledger.book.read() as db:
        sealed = bytes(db.execute("SELECT secret FROM certificates").fetchone()[0])
    ledger.consume(claim.attempt, evidence(claim))
    with pytest.raises(LedgerFault, match="destroyed"):
        ledger.identity(claim.attempt.identity_id)
    assert ledger.is_what_was_consumed(claim.attempt.identity_id, claim.identity.digest())
    assert not ledger.is_what_was_consumed(claim.attempt.identity_id, "0" * 64)
    path = ledger.path
    ledger.close()  # the last one out checkpoints the WAL
    assert all(sealed not in file.read_bytes() for file in path.parent.iterdir())


@pytest.mark.sqlite
def test_what_is_destroyed_is_overwritten_wherever_its_row_was(ledger: Ledger) -> None:
    """Rows that grow and shrink move within their pages and to others: what they leave behind is not left there."""
    names = [f"cam{number}-{'x' * (number * 7 % 40)}" for number in range(120)]
    ledger.receive(BATCH, [single(name) for name in names])
    destroyed: list[bytes] = []
    for number in range(60):
        claim = reserve(ledger, number)
        ledger.begin(claim.attempt)
        with ledger.book.read() as db:
            sql = "SELECT secret FROM certificates WHERE identity = ?"
            destroyed.append(bytes(db.execute(sql, (claim.attempt.identity_id,)).fetchone()[0]))
        ledger.consume(claim.attempt, evidence(claim))
    path = ledger.path
    to_file(path)
    held = path.read_bytes()
    parts = [sealed[at : at + 8] for sealed in destroyed for at in range(0, len(sealed) - 8, 8)]
    assert [part for part in parts if part in held] == []
    with ledger.book.read() as db:
        assert db.execute("PRAGMA secure_delete").fetchone()[0] == 1


def to_file(path: Path) -> None:
    """All that is committed, out of the -wal."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.mark.sqlite
def test_no_secret_is_readable_in_the_file(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("cam"), nvr_set("nvr", 3)])
    names = [p for p in ledger.path.parent.iterdir() if p.is_file()]
    assert names
    assert all(b"secret-of-" not in p.read_bytes() for p in names)


def test_a_board_in_doubt_is_consumed_without_a_rewrite_or_written_again(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("a"), single("b")])
    for board in (1, 2):
        claim = reserve(ledger, board)
        ledger.begin(claim.attempt)
        ledger.doubt(claim.attempt, Code.E311, "unplugged")
        if board == 1:
            ledger.consume(claim.attempt, evidence(claim), expect=State.IN_DOUBT)
        else:
            again = ledger.resume(claim.attempt.identity_id, claim.attempt.number, uid(board), "7")
            assert again.number == 2
            ledger.consume(again, evidence(claim))
        assert state_of(ledger, claim) is State.CONSUMED


def test_an_identity_in_doubt_is_not_written_to_another_board(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("a")])
    claim = reserve(ledger, 1)
    ledger.begin(claim.attempt)
    ledger.doubt(claim.attempt, Code.E311, "unplugged")
    with pytest.raises(IntegrityAlarm):
        ledger.resume(claim.attempt.identity_id, claim.attempt.number, uid(2), "1")
    assert state_of(ledger, claim) is State.IN_DOUBT


def test_a_retired_board_may_take_a_new_identity(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("a"), single("b")])
    first = reserve(ledger)
    ledger.begin(first.attempt)
    ledger.consume(first.attempt, evidence(first))
    ledger.retire(first.identity.name, "rework", by="Li Wei")
    assert ledger.bound_to(uid(1)) is None
    assert reserve(ledger).identity.name.device_name == "b"


def test_retiring_something_unknown_is_an_error_that_says_so(ledger: Ledger) -> None:
    with pytest.raises(ConfigError, match="no certificate"):
        ledger.retire(CertName("a1", "nobody"), "why", by="Li Wei")


@pytest.mark.parametrize("sent", [False, True])
def test_what_is_in_a_slots_hands_cannot_be_retired_under_it(ledger: Ledger, *, sent: bool) -> None:
    ledger.receive(BATCH, [single("a")])
    claim = reserve(ledger)
    if sent:
        ledger.begin(claim.attempt)
    with pytest.raises(ConfigError, match="WRITING" if sent else "RESERVED"):
        ledger.retire(claim.identity.name, "scrap", by="Li Wei")


def test_secrets_end_with_retirement_and_stay_after_consumption_only_where_kept(
    ledger: Ledger, data_key: bytes, tmp_path: Path
) -> None:
    ledger.receive(BATCH, [single("a")])
    ledger.retire(single("a").name, "expired", by="Li Wei")
    with pytest.raises(LedgerFault, match="destroyed"):
        ledger.identity(1)
    with Ledger(tmp_path / "kept" / "ledger.db", Vault(data_key), keep_secrets=True) as keeping:
        keeping.receive(BATCH, [single("a")])
        claim = reserve(keeping)
        keeping.begin(claim.attempt)
        keeping.consume(claim.attempt, evidence(claim))
        assert keeping.identity(claim.attempt.identity_id) == claim.identity


def test_a_set_is_consumed_by_one_transition_and_all_its_certificates_show_it(ledger: Ledger) -> None:
    ledger.receive(BATCH, [nvr_set("nvr", 16)])
    claim = ledger.reserve(["a1Nvr"], IdentityKind.SET, uid(1), "1")
    assert len(claim.identity.channels) == 16
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))
    rows = ledger.certificates.page()
    assert len(rows) == 17
    assert {r.state for r in rows} == {State.CONSUMED}


def test_members_are_taken_channels_first_and_the_nvr_last(ledger: Ledger) -> None:
    ledger.receive(BATCH, [nvr_set("n1", 2), nvr_set("n2", 2)])
    both = ["a1Nvr", "a1Ipc"]
    taken = []
    for board in range(6):
        claim = ledger.reserve(both, IdentityKind.MEMBER, uid(board), "1")
        taken.append(claim.identity.name.device_name)
        ledger.begin(claim.attempt)
        ledger.consume(claim.attempt, evidence(claim))
    assert taken == ["n1-ipc1", "n1-ipc2", "n1", "n2-ipc1", "n2-ipc2", "n2"]
    status = ledger.sets.status_of(claim.attempt.identity_id)
    assert status is not None
    assert status.missing == ()


def test_an_nvr_waits_for_a_channel_in_doubt(ledger: Ledger) -> None:
    ledger.receive(BATCH, [nvr_set("n1", 1)])
    channel = ledger.reserve(["a1Ipc"], IdentityKind.MEMBER, uid(1), "1")
    ledger.begin(channel.attempt)
    with pytest.raises(NoCertificates):
        ledger.reserve(["a1Nvr"], IdentityKind.MEMBER, uid(2), "1")
    ledger.consume(channel.attempt, evidence(channel))
    assert ledger.reserve(["a1Nvr"], IdentityKind.MEMBER, uid(2), "1").identity.name.device_name == "n1"


class AnyOrder(RuleBasedStateMachine):
    """Tries every method on every attempt ever handed out, in any order; the ledger must stay true."""

    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.vault = Vault(secrets.token_bytes(32))
        self.path = Path(self.folder.name) / "ledger.db"
        self.ledger = Ledger(self.path, self.vault)
        self.ledger.receive(BATCH, [single(f"cam{i}") for i in range(5)] + [nvr_set("nvr", 2)])
        self.sent: dict[CertName, BoardUid] = {}  # what a board may have received, by our own book-keeping
        self.out: set[CertName] = set()  # what turned up on a board of somebody else

    def attempt(self, step: Callable[[], object]) -> bool:
        try:
            step()
        except StationError:
            return False
        return True

    @rule(target=claims, board=st.integers(0, 3), kind=st.sampled_from(["single", "set", "member"]))
    def reserve(self, board: int, kind: str) -> Claim | None:
        products = {"single": ["a1Camera"], "set": ["a1Nvr"], "member": ["a1Ipc", "a1Nvr"]}[kind]
        kinds = {"single": IdentityKind.SINGLE, "set": IdentityKind.SET, "member": IdentityKind.MEMBER}
        try:
            return self.ledger.reserve(products, kinds[kind], uid(board), "1")
        except (NoCertificates, IntegrityAlarm):
            return None

    @rule(claim=claims)
    def begin(self, claim: Claim | None) -> None:
        if claim and self.attempt(lambda: self.ledger.begin(claim.attempt)):
            for certificate in claim.identity:
                assert certificate.name not in self.out
                before = self.sent.setdefault(certificate.name, claim.attempt.board_uid)
                assert before == claim.attempt.board_uid, "I1: the bytes of an identity go to one board"

    @rule(claim=claims)
    def release(self, claim: Claim | None) -> None:
        if claim:
            self.attempt(lambda: self.ledger.release(claim.attempt, "test"))

    @rule(claim=claims)
    def doubt(self, claim: Claim | None) -> None:
        if claim:
            self.attempt(lambda: self.ledger.doubt(claim.attempt, Code.E311, "test"))

    @rule(target=claims, claim=claims)
    def resume(self, claim: Claim | None) -> Claim | None:
        if claim is None:
            return None
        a = claim.attempt
        try:
            again = self.ledger.resume(a.identity_id, a.number, a.board_uid, "2")
        except StationError:
            return None
        return replace(claim, attempt=again)

    @rule(claim=claims, state=st.sampled_from([State.WRITING, State.IN_DOUBT]))
    def consume(self, claim: Claim | None, state: State) -> None:
        if claim:
            self.attempt(lambda: self.ledger.consume(claim.attempt, evidence(claim), expect=state))

    @rule(claim=claims)
    def retire(self, claim: Claim | None) -> None:
        if claim:
            self.attempt(lambda: self.ledger.retire(claim.identity.name, "test", by="Li Wei"))

    @rule(number=st.integers(0, 4), status=st.integers(-1, 1))
    def the_cloud_says(self, number: int, status: int) -> None:
        self.ledger.receive(BATCH, [single(f"cam{number}", cloud_status=status)], from_cloud=True)

    @rule(number=st.integers(0, 4), board=st.integers(0, 3))
    def found(self, number: int, board: int) -> None:
        known = self.ledger.named(single(f"cam{number}").name)
        assert known
        if known.board_uid is None and known.state is not State.RETIRED:  # as a board that carries it is judged
            self.attempt(lambda: self.ledger.found_on_board(known, uid(board)))
            assert known.name not in self.sent
            self.out.add(known.name)

    @rule(number=st.integers(0, 4))
    def let_back(self, number: int) -> None:
        name = single(f"cam{number}").name
        if self.attempt(lambda: self.ledger.withheld.let_back(name, "test", by="Li Wei")):
            assert name not in self.sent | dict.fromkeys(self.out)

    @rule()
    def restart(self) -> None:
        self.ledger.close()
        self.ledger = Ledger(self.path, self.vault)
        self.ledger.recover()
        counts = self.ledger.stock.by_state()
        assert counts[State.RESERVED] == counts[State.WRITING] == 0

    @invariant()
    def conserved(self) -> None:
        assert sum(self.ledger.stock.by_state().values()) == 8

    @invariant()
    def provable(self) -> None:
        self.ledger.audit.verify()

    def teardown(self) -> None:
        self.ledger.close()
        self.folder.cleanup()


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=examples(32), stateful_step_count=25, suppress_health_check=list(HealthCheck)
)
