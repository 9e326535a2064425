# SPDX-License-Identifier: GPL-3.0-or-later
"""`station history`, `audit log`, `report export --visits`: which board has X, who unlocked, what failed where."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from station.codes import Code, Exit
from station.ledger.locks import STATION
from station.ledger.store import Ledger
from station.ledger.values import BatchKey, VisitRow
from station.model import BoardUid, Certificate, CertName, Identity, IdentityKind, Provider, Secret
from station.rules import Outcome
from tests.cli.cli_shell import Shell

UID = BoardUid.parse("5a00000000000001")
LATE = Certificate(product_key="a1Cam", device_name="late", device_secret=Secret("Secret-late"), iot_id="iot-7")


@pytest.fixture
def told(shell: Shell) -> Shell:
    """One board that failed once, got cam1, and after its retirement cam2; an alarm lifted by Li Wei."""
    shell.stock_up("cam1", "cam2")
    with shell.open_ledger() as ledger:
        ledger.receive(BatchKey(provider=Provider.LIVING, batch_id="78", product_key="a1Cam"), [Identity(primary=LATE)])
        failed = VisitRow(
            at=1_700_000_000.0,
            slot="3",
            outcome=Outcome.FAIL,
            board_uid=UID,
            code=Code.E203,
            what="no answer",
            seconds=2,
            details={"steps": "identify 0.00 no-step 1.00 write nan reserve 1.50"},
        )
        ledger.visits.record(failed)
        for name in ("cam1", "cam2"):
            claim = ledger.reserve(["a1Cam"], IdentityKind.SINGLE, UID, "3")
            assert claim.identity.primary.device_name == name
            ledger.begin(claim.attempt)
            ledger.doubt(claim.attempt, Code.E311, "pulled out")
            if name == "cam1":
                ledger.retire(CertName("a1Cam", name), "torn flash", by="Li Wei")
        ledger.locks.lock(STATION, Code.E701, "slot 3, board 5a…01: one identity on two boards")
        ledger.locks.unlock(STATION, "the clone is in the red bin", by="Li Wei")
    return shell


@pytest.mark.parametrize("asked", [str(UID), "5A:00:00:00:00:00:00:01", "cam2", "a1Cam/cam2"])
def test_the_history_of_a_board_has_its_failures_and_every_identity_it_had(told: Shell, asked: str) -> None:
    done = told("history", asked, "--json")
    assert done.code == 0, done.err
    (content,) = done.json
    assert content["board_uid"] == str(UID)
    happened = [(line.get("event", line.get("outcome")), line["name"] or line["from"]) for line in content["lines"]]
    assert happened[0] == ("FAIL", "")
    assert [event for event, _ in happened].count("writing") == 2
    assert {row["name"] for row in content["certificates"]} >= {"a1Cam/cam2"}
    (stay,) = [line for line in content["lines"] if "outcome" in line]
    assert stay["steps"] == [{"step": "identify", "after_s": 0.0}, {"step": "reserve", "after_s": 1.5}]
    assert stay["wire"] == []
    told_people = told("history", asked).out
    assert "E203" in told_people and "torn flash" in told_people and "Secret-" not in told_people


def test_the_history_says_states_in_the_language_of_the_bench(told: Shell) -> None:
    assert "a1Cam/cam2  IN_DOUBT  " in told("history", "cam2").out
    in_chinese = told("--set", "bench.language=zh", "history", "cam2").out
    assert "a1Cam/cam2  待确认  " in in_chinese and "IN_DOUBT" not in in_chinese


def test_an_iot_id_finds_its_certificate(told: Shell) -> None:
    assert [row["name"] for row in told("history", "iot-7", "--json").json[0]["certificates"]] == ["a1Cam/late"]


def test_of_a_reworked_board_each_identity_tells_of_the_other(told: Shell) -> None:
    (content,) = told("history", "cam1", "--json").json
    assert {line["name"] for line in content["lines"] if line.get("event") == "writing"} == {"a1Cam/cam1", "a1Cam/cam2"}
    assert "a1Cam/cam2" in told("history", "cam1").out and "a1Cam/cam1" in told("history", "cam2").out


def test_what_the_cloud_says_stands_in_the_history(told: Shell) -> None:
    late = CertName("a1Cam", "late")
    assert told("history", "late", "--json").json[0]["certificates"][0]["cloud"] == "the cloud: never used"
    with told.open_ledger() as ledger:
        used = replace(LATE, cloud_status=1)
        key = BatchKey(provider=Provider.LIVING, batch_id="78", product_key="a1Cam")
        assert ledger.receive(key, [Identity(primary=used)], from_cloud=True).turned_active == 1
        assert [word.status for word in ledger.cloud_said.of([_id(ledger, late)])[_id(ledger, late)]] == [0, 1]
    (content,) = told("history", "late", "--json").json
    assert [line["event"] for line in content["lines"]] == ["withheld", "the cloud: in use"]
    assert content["certificates"][0]["cloud"] == "the cloud: in use"
    text = told("--set", "bench.language=zh", "history", "late").out
    assert text.count("云端：已在使用") == 2 and "状态：1" in text


def _id(ledger: Ledger, name: CertName) -> int:
    known = ledger.named(name)
    assert known is not None
    return known.identity_id


def test_what_nobody_knows_is_said(told: Shell) -> None:
    done = told("history", "none")
    assert (done.code, "E116" in done.err) == (Exit.USAGE, True)


def test_the_log_says_who_unlocked_what_and_why(told: Shell) -> None:
    lines = told("audit", "log", "--event", "locked", "--event", "unlocked", "--json").json
    assert [line["event"] for line in lines] == ["locked", "unlocked"]
    assert "5a…01" in lines[0]["detail"]["why"]
    assert (lines[1]["detail"]["by"], lines[1]["detail"]["why"]) == ("Li Wei", "the clone is in the red bin")
    text = told("audit", "log", "--event", "unlocked").out
    assert "Li Wei" in text and "red bin" in text


def test_the_whole_log_is_the_chain_and_goes_on_where_it_was_left(told: Shell) -> None:
    whole = told("audit", "log", "--json").json
    assert [line["seq"] for line in whole] == list(range(1, told("audit", "verify", "--json").json[0]["lines"] + 1))
    assert [line["name"] for line in whole if line["event"] == "writing"] == ["a1Cam/cam1", "a1Cam/cam2"]
    assert [line["seq"] for line in told("audit", "log", "--after", "4", "--json").json] == list(
        range(5, len(whole) + 1)
    )
    since = whole[6]["at"]
    assert told("audit", "log", "--since", since, "--json").json[0]["seq"] == 7
    assert json.loads(told("audit", "log", "--since", "2999-01-01", "--json").out)["lines"] == []


def test_a_log_of_several_pages_misses_no_line(told: Shell) -> None:
    with told.open_ledger() as ledger, pytest.MonkeyPatch.context() as patch:
        patch.setattr("station.ledger.auditing._A_PAGE", 3)
        assert [line.seq for line in ledger.audit.log()] == list(range(1, ledger.audit.head().seq + 1))


def test_every_visit_is_exported_failures_too(told: Shell) -> None:
    (row,) = told("report", "export", "--visits", "--json").json
    assert (row["schema"], row["outcome"], row["code"], row["board_uid"]) == (1, "FAIL", "E203", str(UID))
    assert (row["at"], row["slot"], row["seconds"]) == ("2023-11-14T22:13:20.000+00:00", "3", 2.0)
    header, line = told("report", "export", "--visits").out.splitlines()
    assert header.lstrip("\ufeff").startswith("number,at,slot,") and ",E203," in line
    assert told("report", "export", "--visits", "--since", "2023-11-14T22:13:21", "--json").out == ""
    assert told("report", "export", "--visits", "--batch", "77").code == Exit.USAGE
