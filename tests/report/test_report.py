# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports, batch report and labels: complete, without secrets, and harmless to the program that opens them."""

from __future__ import annotations

import csv
import io
import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.codes import Code
from station.errors import ConfigError
from station.ledger.store import Ledger
from station.ledger.values import BatchKey, VisitRow
from station.model import BoardUid, Certificate, Evidence, Identity, IdentityKind, Method, Provider, Secret, State
from station.people.shift import begin_shift
from station.report.batch import report_batch
from station.report.export import write_csv, write_json_lines
from station.report.handover import take_stock
from station.report.labels import zpl
from station.report.scope import of_batch, of_line, of_shift
from station.report.sheet import make_sheet
from station.rules import Outcome
from station.secrets.vault import Vault


def certificate(name: str, product: str = "a1Cam") -> Certificate:
    return Certificate(product_key=product, device_name=name, device_secret=Secret(f"SECRET{name}"))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Three singles, one of them consumed; a set of an NVR and two cameras, consumed."""
    with Ledger(tmp_path / "ledger.db", Vault(secrets.token_bytes(32)), actor="bench-7") as made:
        made.operator = "王芳"
        nvr = Identity(
            primary=certificate("nvr", "a1Nvr"),
            channels=(certificate("ipc1", "a1Ipc"), certificate("ipc2", "a1Ipc")),
            kind=IdentityKind.SET,
        )
        singles = [Identity(primary=certificate(n)) for n in ("=cmd()", "cam2", "cam3")]
        made.receive(BatchKey(provider=Provider.LIVING, batch_id="8", product_key="a1Cam"), [*singles, nvr])
        for number, (product, kind) in enumerate([("a1Cam", IdentityKind.SINGLE), ("a1Nvr", IdentityKind.SET)]):
            claim = made.reserve([product], kind, BoardUid(f"b0ard{number}"), "4")
            made.begin(claim.attempt)
            digest, uid = claim.identity.digest(), claim.attempt.board_uid
            made.consume(
                claim.attempt,
                Evidence(
                    expected=digest, read=digest, uid_before=uid, uid_after=uid, method=Method.PROOF, after_reset=True
                ),
            )
        yield made


def test_every_certificate_is_exported_once_with_its_board_and_its_person(ledger: Ledger) -> None:
    out = io.StringIO()
    assert write_csv(ledger.traces.all(), out) == 6
    assert out.getvalue().startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(out.getvalue().removeprefix("\ufeff"))))
    on_boards = {r["device_name"]: r["board_uid"] for r in rows if r["board_uid"]}
    assert on_boards == {"'=cmd()": "b0ard0", "nvr": "b0ard1", "ipc1": "b0ard1", "ipc2": "b0ard1"}
    assert {r["actor"] for r in rows if r["board_uid"]} == {"bench-7/王芳"}
    assert [(r["set_name"], r["channel"]) for r in rows if r["device_name"] == "ipc2"] == [("nvr", "2")]
    assert "SECRET" not in out.getvalue()


def test_a_report_so_far_has_what_another_clock_says_is_still_to_come(ledger: Ledger) -> None:
    """Of another bench of a line, or of this PC's before it was set right: the board is done all the same."""
    ahead = time.time() + 3600
    begin_shift(ledger, "1042")
    for number, identity in ((0, 1), (1, 4)):
        ledger.visits.record(
            VisitRow(
                at=ahead,
                slot="4",
                outcome=Outcome.PASS,
                board_uid=BoardUid(f"b0ard{number}"),
                identity_id=identity,
                seconds=1.0,
            )
        )
    for scope in (of_batch("8"), of_shift(ledger), of_line()):
        sheet = make_sheet(ledger, scope, bench="bench-7")
        assert (sheet.period.passed, sheet.scope.until > ahead) == (2, True), scope.of


def test_json_lines_have_a_schema_and_filters_hold(ledger: Ledger) -> None:
    out = io.StringIO()
    assert write_json_lines(ledger.traces.all(state=State.READY), out) == 2
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert {(line["schema"], line["state"]) for line in lines} == {(1, "READY")}
    assert list(ledger.traces.all(since="9999")) == []
    assert list(ledger.traces.all(batch_id="none")) == []


def test_the_batch_report_adds_up_and_names_the_audit_head(ledger: Ledger) -> None:
    found = report_batch(ledger, "8")
    assert found.received == sum(found.states.values()) == 6
    assert (found.states[State.CONSUMED], found.boards) == (4, 2)
    assert found.audit_head == ledger.audit.verify().hash
    with pytest.raises(ConfigError, match="no batch"):
        report_batch(ledger, "9")


def test_a_board_gets_one_label_and_no_name_can_command_the_printer(ledger: Ledger) -> None:
    made = list(zpl(ledger.traces.all(state=State.CONSUMED)))
    assert len(made) == 2
    text = "".join(made)
    assert text.count("^XA") == text.count("^XZ") == 2
    assert "nvr" not in text  # only as hexadecimal
    assert "_6E_76_72" in text


def test_where_nobody_keeps_shifts_the_numbers_begin_with_the_first_board(ledger: Ledger) -> None:
    long_ago = time.time() - 7200
    for at, outcome in ((long_ago, "PASS"), (long_ago + 60, "FAIL")):
        ledger.visits.record(VisitRow(at=at, slot="1", outcome=outcome, board_uid=BoardUid(f"b{at:.0f}")))
    report = take_stock(ledger)
    assert report.started == long_ago
    assert (report.counters.passed, report.counters.failed) == (1, 1)


def test_a_doubt_names_the_slot_its_board_was_in(ledger: Ledger) -> None:
    claim = ledger.reserve(["a1Cam"], IdentityKind.SINGLE, BoardUid("b0ard7"), "7")
    ledger.begin(claim.attempt)
    ledger.doubt(claim.attempt, Code.E311, "unplugged")
    assert [(doubt.uid, doubt.slot) for doubt in take_stock(ledger).doubts] == [("b0ard7", "7")]
