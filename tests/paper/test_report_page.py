# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as a page, CSV and a spreadsheet: its numbers are the ledger's, its text is harmless,
its signature holds."""

from __future__ import annotations

import csv
import io
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from openpyxl import load_workbook

from station.codes import Code, Exit
from station.ledger.values import VisitRow
from station.model import BoardUid, CertName, Evidence, IdentityKind, Method
from station.rules import Outcome
from tests.cli.cli_shell import Shell
from tests.waiting import PATIENCE_S

BROWSER = shutil.which("chromium-headless-shell")
HOSTILE = "</table><script>alert(1)</script>&=cmd()"
BEGAN = 1_790_000_000.0
FAULTS = ((2, Code.E204), (5, Code.E204), (7, Code.E203))


class Read(HTMLParser):
    """A page's numbers, as a program reads them, and what it would load."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.figures: dict[str, str] = {}
        self.tables: dict[str, list[list[str]]] = {}
        self.tags: Counter[str] = Counter()
        self.loads: list[str] = []
        self.policy = ""
        self._rows: list[list[str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in given}
        self.tags[tag] += 1
        self.loads += [value for name, value in attributes.items() if name in ("src", "href", "style", "onload")]
        if tag == "meta" and "http-equiv" in attributes:
            self.policy = attributes["content"]
        if "data-figure" in attributes:
            self.figures[attributes["data-figure"]] = attributes["data-value"]
        if tag == "table":
            self._rows = self.tables.setdefault(attributes["data-table"], [])
        if tag == "tr":
            self._rows.append([])
        if tag == "td":
            self._rows[-1].append(attributes.get("data-value", ""))

    def table(self, name: str) -> list[list[str]]:
        return [row for row in self.tables.get(name, []) if row]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Ten boards over two hours; three failed first, one of them for good; a rework, a doubt, a fault of the station,
    an alarm; reports of the batch as every kind of file."""
    shell = Shell(folder := tmp_path_factory.mktemp("paper"))
    assert shell("init", "--file", str(shell.config), "--state-dir", str(folder / "state")).code == 0
    shell.stock_up(*(f"cam{n}" for n in range(12)))
    with shell.open_ledger() as ledger:
        for n in range(10):
            uid, slot = BoardUid(f"5a0000000000000{n}"), str(n % 2)
            for at, code in FAULTS:
                if at == n:
                    failed = VisitRow(
                        at=BEGAN + n * 700, slot=slot, outcome=Outcome.FAIL, board_uid=uid, code=code, seconds=1
                    )
                    ledger.visits.record(failed)
            if n == 7:
                continue
            claim = ledger.reserve(["a1Cam"], IdentityKind.SINGLE, uid, slot)
            ledger.begin(claim.attempt)
            if n == 9:
                ledger.doubt(claim.attempt, Code.E311, HOSTILE)
                break
            digest = claim.identity.digest()
            proved = Evidence(
                expected=digest, read=digest, uid_before=uid, uid_after=uid, method=Method.PROOF, after_reset=True
            )
            ledger.consume(claim.attempt, proved)
            passed = VisitRow(
                at=BEGAN + n * 700 + 9,
                slot=slot,
                outcome=Outcome.PASS,
                board_uid=uid,
                seconds=8.0 + n,
                identity_id=claim.attempt.identity_id,
                details={"steps": "identify 0.00 write 1.00 verify 4.00"},
            )
            ledger.visits.record(passed)
        ledger.visits.record(VisitRow(at=BEGAN + 9000, slot=HOSTILE, outcome=Outcome.STATION_FAULT, code=Code.E310))
        ledger.retire(CertName("a1Cam", "cam0"), f"rework: {HOSTILE}", by="Li Wei")
        ledger.locks.lock("", Code.E701, f"slot 1, board 5a: {HOSTILE}")
    files = [f"--{kind}={folder / 'batch'}.{kind}" for kind in ("html", "csv", "xlsx")]
    done = shell("report", "batch", "77", *files)
    assert (done.code, done.err.count("is written")) == (0, 3), done.err
    return shell


@pytest.fixture
def page(made: Shell) -> Read:
    return Read((made.folder / "batch.html").read_text("utf-8"))


def sql(shell: Shell, question: str) -> int:
    with closing(sqlite3.connect(shell.folder / "state" / "ledger.db")) as db:
        return int(db.execute(question).fetchone()[0])


def test_the_page_has_the_ledgers_numbers(made: Shell, page: Read) -> None:
    figures = page.figures
    assert int(figures["received"]) == sql(made, "SELECT count(*) FROM certificates") == 12
    consumed = sql(made, "SELECT count(*) FROM identities WHERE state = 'CONSUMED'")
    assert (int(figures["boards"]), consumed) == (7, 7)
    assert int(figures["in_doubt"]) == sql(made, "SELECT count(*) FROM identities WHERE state = 'IN_DOUBT'") == 1
    passed = sql(made, "SELECT count(DISTINCT board_uid) FROM visits WHERE outcome = 'PASS'")
    assert (int(figures["passed"]), passed, figures["failed"]) == (8, 8, "0")  # board 7 has no certificate of the batch
    assert float(figures["first_pass"]) == 6 / 8
    assert figures["stays"] == "10" and figures["checked"] == "intact"
    assert sum(int(row[1]) for row in page.table("stretches")) == sql(
        made, "SELECT count(*) FROM visits WHERE outcome='PASS'"
    )
    assert [int(row[2]) + int(row[3]) for row in page.table("slots")] == [6, 4]
    assert {row[0]: row[1] for row in page.table("stock")}["retired"] == "1"
    assert [row[1:3] for row in page.table("phases")][1] == ["8", "3.0"]
    assert len(page.table("certificates")) == 12


def test_a_report_of_all_tells_failures_faults_and_decisions(made: Shell) -> None:
    done = made("report", "batch", "--line", f"--html={made.folder / 'line.html'}", "--json")
    page = Read((made.folder / "line.html").read_text("utf-8"))
    assert [(row[0], row[2], row[3]) for row in page.table("failures")] == [("E203", "1", "1.0")]
    assert [row[0] for row in page.table("others")] == ["E310"]
    assert (page.figures["passed"], page.figures["failed"]) == ("8", "1")
    assert {row[1] for row in page.table("events")} >= {"consumed → retired", "locked"}
    (content,) = done.json
    assert content["figures"]["failed"] == 1 and content["tables"]["failures"][0]["code"] == "E203"


def test_of_a_day_and_of_a_shift_only_what_was_in_it_counts(made: Shell) -> None:
    of_day = made("report", "batch", "--day", "2026-09-21", "--json").json[0]
    before = made("report", "batch", "--day", "2026-09-01", "--json").json[0]
    assert (
        of_day["figures"]["stays"]
        + made("report", "batch", "--day", "2026-09-22", "--json").json[0]["figures"]["stays"]
        > 0
    )
    assert (before["figures"]["stays"], before["tables"]["slots"]) == (0, [])
    assert made("report", "batch", "--shift", "--json").json[0]["of"] == "shift"


@pytest.mark.parametrize("asked", [(), ("77", "--shift"), ("--line", "--shift"), ("--day", "yesterday"), ("9",)])
def test_a_report_is_of_one_thing_that_is_there(made: Shell, asked: tuple[str, ...]) -> None:
    assert made("report", "batch", *asked, "--html", str(made.folder / "none.html")).code == Exit.USAGE
    assert not (made.folder / "none.html").exists()


def test_what_comes_from_outside_is_text_and_the_page_loads_nothing(made: Shell, page: Read) -> None:
    text = (made.folder / "batch.html").read_text("utf-8")
    assert page.tags["script"] == 0 and "&lt;script&gt;" in text
    assert all(one.startswith(("data:,", "#rows-")) for one in page.loads)
    assert page.policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "Secret-" not in text and "http" not in text.replace("http-equiv", "")


def test_csv_and_spreadsheet_have_the_pages_numbers(made: Shell, page: Read) -> None:
    told = (made.folder / "batch.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(told)))
    figures = {row["row"]: row["value"] for row in rows if row["table"] == "figures"}
    assert figures == {key: value for key, value in page.figures.items() if key not in ("checked", "audit_head")}
    slots = [row["value"] for row in rows if (row["table"], row["column"]) == ("slots", "passed")]
    assert slots == [row[2] for row in page.table("slots")]
    book = load_workbook(made.folder / "batch.xlsx")
    assert {row[0]: str(row[1]) for row in book.worksheets[0].values}["boards passed"] == page.figures["passed"]
    certificates = list(book["Boards and certificates"].values)
    assert len(certificates) == 13 and certificates[1][0] == "a1Cam/cam0" and HOSTILE in str(certificates[1][-1])


def test_no_cell_begins_a_formula(made: Shell) -> None:
    with made.open_ledger() as ledger:
        ledger.visits.record(VisitRow(at=BEGAN + 9100, slot="=cmd()", outcome=Outcome.STATION_FAULT, code=Code.E310))
    out = made.folder / "line"
    assert made("report", "batch", "--line", f"--csv={out}.csv", f"--xlsx={out}.xlsx").code == 0
    assert ",=cmd()" not in (made.folder / "line.csv").read_text("utf-8")
    cells = [cell for row in load_workbook(f"{out}.xlsx")["Slots compared"].iter_rows() for cell in row]
    (named,) = [cell for cell in cells if cell.value == "=cmd()"]
    assert named.data_type == "s"


def test_the_page_speaks_the_language_it_is_asked_for(made: Shell) -> None:
    out = made.folder / "zh.html"
    assert made("report", "batch", "77", "--html", str(out), "--language", "zh").code == 0
    text = out.read_text("utf-8")
    assert '<html lang="zh">' in text and "批次 77" in text and "直通率" in text and "待确认" in text
    assert "Boards" not in text


def test_the_signature_names_the_bench_and_no_byte_may_change(made: Shell) -> None:
    whole = (made.folder / "batch.html").read_bytes()
    done = made("report", "verify", str(made.folder / "batch.html"), "--json")
    (told,) = done.json
    assert (done.code, told["bench"], told["known"]) == (0, "bench-1", True) and told["line"] > 0
    changed = made.folder / "changed.html"
    for altered in (
        whole.replace(b'data-value="12"', b'data-value="13"', 1),
        whole + b"<p>more</p>\n",
        whole[: whole.rindex(b"<!-- station-signature")],
        whole.replace(b'"bench": "bench-1"', b'"bench": "bench-2"'),
        whole.replace(b'{"schema": 1,', b'{"schema": 1, "more": "--><p>999 boards passed</p>",'),
        whole.replace(b'"public": "', b'"public": "-->'),
        whole.replace(b'{"schema": 1,', b'{"schema":  1,'),
        b'\n<!-- station-signature {"schema": ' + b"[" * 100_000 + b"} -->\n",
        b"no page",
    ):
        changed.write_bytes(altered)
        done = made("report", "verify", str(changed))
        assert (done.code, "E707" in done.err) == (Exit.INTEGRITY, True), altered[-400:]


def test_a_key_that_nobody_knows_is_for_a_person(made: Shell, tmp_path: Path) -> None:
    other = Shell(tmp_path)
    assert other("init", "--file", str(other.config), "--state-dir", str(tmp_path / "state")).code == 0
    page = str(made.folder / "batch.html")
    done = other("report", "verify", page, "--json")
    assert (done.code, done.json[0]["known"]) == (Exit.PERSON_NEEDED, False)
    assert other("report", "verify", page, "--key", done.json[0]["key"]).code == 0
    assert other("report", "verify", page, "--key", "0" * 32).code == Exit.PERSON_NEEDED


def test_the_signing_key_is_private_and_sealed(made: Shell) -> None:
    path = made.folder / "state" / "report.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert set(path.read_text()) & {"{"} and "PRIVATE" not in path.read_text()


@pytest.mark.skipif(BROWSER is None, reason="no chromium-headless-shell; see .ci/system-packages")
def test_a_browser_shows_it_without_a_word_of_complaint(made: Shell, tmp_path: Path) -> None:
    assert BROWSER is not None
    shown = subprocess.run(
        [
            BROWSER,
            "--no-sandbox",
            "--disable-gpu",
            "--enable-logging=stderr",
            f"--user-data-dir={tmp_path}",
            "--dump-dom",
            (made.folder / "batch.html").as_uri(),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )
    assert Read(shown.stdout).figures["boards"] == "7"
    assert "CONSOLE" not in shown.stderr


def test_every_time_on_the_page_is_of_one_zone_which_it_names(made: Shell) -> None:
    out = made.folder / "there"
    with made.open_ledger() as ledger:
        utc = {trace.device_name: datetime.fromisoformat(trace.at) for trace in ledger.traces.all(batch_id="77")}
    command = [sys.executable, "-m", "station", "report", "batch", "77", f"--html={out}.html", f"--xlsx={out}.xlsx"]
    subprocess.run(command, env={**made.environment, "TZ": "Asia/Shanghai"}, check=True, timeout=PATIENCE_S)
    text = (made.folder / "there.html").read_text("utf-8")
    assert "all times are UTC+08:00" in text
    local = {name: (at + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S") for name, at in utc.items()}
    for name, at in local.items():
        assert re.search(rf"a1Cam/{name}<.*?{at}", text), name
    rows = list(load_workbook(f"{out}.xlsx").worksheets[-1].values)
    assert {str(row[0]).removeprefix("a1Cam/"): str(row[5])[:19] for row in rows[1:]} == local


def test_locks_and_decisions_are_told_in_the_pages_language(made: Shell) -> None:
    out = made.folder / "all_zh.html"
    assert made("report", "batch", "--line", "--html", str(out), "--language", "zh").code == 0
    text = out.read_text("utf-8")
    events = {row[1]: row[2] for row in Read(text).table("events")}
    assert "锁定" in events and "locked" not in events and "scope" not in text, events
