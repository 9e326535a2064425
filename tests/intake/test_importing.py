# SPDX-License-Identifier: GPL-3.0-or-later
"""Importing a console's file through the command line: all or nothing, and twice is once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from station.codes import Exit
from station.intake import importing
from station.intake.importing import import_file
from station.ledger.store import Ledger
from tests.intake.intake_contents import Station

SECRET, SECRET_2, SECRET_3 = "0123456789abcdef0123456789abcdef", "f" * 32, "e" * 32
GOOD = "ProductKey,DeviceName,DeviceSecret\na1Key,fan-0001," + SECRET + "\na1Key,fan-0002," + SECRET_2 + "\n"


def test_the_same_file_twice_changes_nothing(station: Station, tmp_path: Path) -> None:
    file = tmp_path / "devices.csv"
    file.write_text(GOOD)
    assert json.loads(station("import", file, "--json")[1])["new"] == 2
    before = station("certs", "--json")[1]
    code, out, _ = station("import", file, "--json")
    assert (code, json.loads(out)["new"], station("certs", "--json")[1]) == (Exit.OK, 0, before)
    assert before.count("READY") == 2


def test_an_import_that_ends_in_the_middle_goes_on_when_it_is_run_again(
    station: Station, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_AT_ONCE", 100)
    file = tmp_path / "devices.csv"
    rows = "".join(f"a1Key,fan-{number:04},{number:032}\n" for number in range(250))
    file.write_text(f"ProductKey,DeviceName,DeviceSecret\n{rows}")
    receive, calls = Ledger.receive, []

    def dies(*arguments: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return receive(*arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "receive", dies)
        with pytest.raises(KeyboardInterrupt):
            import_file(ledger, file)
    assert [(batch.received, batch.complete) for batch in ledger.batches.all()] == [(200, False)]
    report = import_file(ledger, file, dry=True)
    assert (report.receipt.new, report.receipt.unchanged) == (50, 200)
    report = import_file(ledger, file)
    assert (report.receipt.new, report.receipt.unchanged) == (50, 200)
    assert [(batch.received, batch.complete) for batch in ledger.batches.all()] == [(250, True)]


def test_one_bad_row_and_nothing_comes_in(station: Station, tmp_path: Path) -> None:
    file = tmp_path / "devices.csv"
    file.write_text(GOOD + "a1Key,x," + SECRET_3 + "\na1Key,fan-0001," + SECRET_3 + "\n")
    code, _, err = station("import", file)
    assert code == Exit.USAGE
    assert "row 4" in err
    assert "row 5" in err
    assert SECRET not in err
    assert "READY" not in station("certs")[1]


def test_bad_rows_are_skipped_when_asked(station: Station, tmp_path: Path) -> None:
    file = tmp_path / "devices.csv"
    file.write_text(GOOD + "a1Key,x," + SECRET_3 + "\n")
    code, out, err = station("import", file, "--skip-bad", "--json")
    assert (code, json.loads(out)["new"], json.loads(out)["skipped"]) == (Exit.OK, 2, 1)
    assert "row 4" in err


def test_another_secret_for_a_known_name_is_left_out_and_needs_a_person(station: Station, tmp_path: Path) -> None:
    file = tmp_path / "devices.csv"
    file.write_text(GOOD)
    station("import", file)
    file.write_text(GOOD.replace(SECRET, SECRET[::-1]).replace(SECRET_2, SECRET_3))
    code, out, err = station("import", file, "--json")
    assert (code, json.loads(out)["new"]) == (Exit.PERSON_NEEDED, 0)
    assert json.loads(out)["conflicts"] == ["a1Key/fan-0001", "a1Key/fan-0002"]
    assert "station conflict list" in err
    assert station("certs")[1].count("WITHHELD") == 2


CASES = Path(__file__).parents[1] / "cloud" / "cases"


@pytest.mark.parametrize(
    "case",
    ["cut-two-rows.csv", "digits16-rounded.xlsx", "zero-format.xlsx", "dup-header.csv", "no-heading.csv", "ole.xls"],
)
def test_a_doubtful_file_is_refused_whole_and_no_secret_is_shown(station: Station, case: str) -> None:
    code, out, err = station("import", CASES / case)
    assert code == Exit.USAGE
    assert "E122" in err
    assert "do:" in err
    secrets = [cell for cell in (CASES / case).read_bytes().decode("utf-8", "replace").split(",") if len(cell) > 20]
    assert not any(secret.strip() in out + err for secret in secrets)
    assert station("certs")[1].count("\n") == 1


def test_a_file_that_was_cut_off_reaches_no_board_and_the_whole_one_comes_in_after_it(station: Station) -> None:
    assert station("import", CASES / "cut-two-rows.csv")[0] == Exit.USAGE
    assert station("import", CASES / "cut-two-rows.csv", "--skip-bad")[0] == Exit.OK
    code, out, _ = station("import", CASES / "whole-two-rows.csv", "--json")
    assert (code, json.loads(out)["new"], json.loads(out)["known"]) == (Exit.OK, 1, 1)
    code, out, _ = station("import", CASES / "same-names-other-secrets.csv", "--json")
    assert (code, len(json.loads(out)["conflicts"])) == (Exit.PERSON_NEEDED, 2)
    assert station("certs", "--state", "ready")[1].count("door") == 0


def test_a_dry_run_says_what_it_would_take_and_changes_nothing(station: Station) -> None:
    before = station("status", "--json")[1]
    code, out, _ = station("import", CASES / "title-row.csv", "--dry-run")
    assert code == Exit.OK
    assert out.splitlines()[0] == "headings in row 2: ProductKey in A, DeviceName in B, DeviceSecret in C"
    assert "3 would be new" in out
    assert station("status", "--json")[1] == before
    told = json.loads(station("import", CASES / "title-row.csv", "--dry-run", "--json")[1])
    assert (told["event"], told["new"], told["columns"]["DeviceName"]) == ("would import", 3, "B")


def test_a_dry_run_tells_conflicts_too(station: Station) -> None:
    station("import", CASES / "whole-two-rows.csv")
    code, _, err = station("import", CASES / "same-names-other-secrets.csv", "--dry-run")
    assert (code, "came with other content" in err) == (Exit.PERSON_NEEDED, True)
    assert station("certs")[1].count("READY") == 2


def test_unknown_status_words_are_asked_and_columns_are_said(station: Station) -> None:
    code, _, err = station("import", CASES / "status-words.csv")
    assert (code, "“启用” in 1 rows" in err) == (Exit.USAGE, True)
    code, out, _ = station("import", CASES / "status-words.csv", "--status", "启用=used", "--json")
    assert (code, json.loads(out)["new"], json.loads(out)["withheld"]) == (Exit.OK, 17, 6)
    arguments = ("--map", "ProductKey=A", "--map", "devicename=B", "--map", "设备密钥=C")
    assert json.loads(station("import", CASES / "no-heading.csv", *arguments, "--json")[1])["new"] == 3


@pytest.mark.parametrize("flag", [("--map", "DeviceName"), ("--status", "x=maybe"), ("--map", "Colour=B")])
def test_a_choice_that_says_nothing_is_refused(station: Station, flag: Any) -> None:
    assert station("import", CASES / "title-row.csv", *flag)[0] == Exit.USAGE


def test_an_empty_file_to_fill_in(station: Station, tmp_path: Path) -> None:
    file = tmp_path / "empty.xlsx"
    assert station("import", "--template", file)[0] == Exit.OK
    assert station("import", file)[0] == Exit.USAGE
    assert station("import", "--template", file)[0] == Exit.USAGE
    assert station("import")[0] == Exit.USAGE


def test_the_name_of_a_file_tells_nothing(station: Station, tmp_path: Path) -> None:
    file = tmp_path / "devices.pdf"
    shutil.copy(CASES / "merged-productkey.xlsx", file)
    assert json.loads(station("import", file, "--json")[1])["new"] == 3


def test_a_single_certificate_is_compared_with_those_that_are_held(station: Station, tmp_path: Path) -> None:
    file = tmp_path / "devices.csv"
    file.write_text(GOOD + "a1Key,fan-0003," + SECRET_3 + "\n")
    assert station("import", file)[0] == Exit.OK
    file.write_text("ProductKey,DeviceName,DeviceSecret\na1Key,fan-0004,0123456789ab\n")
    code, _, err = station("import", file)
    assert (code, "those of its neighbours 32" in err) == (Exit.USAGE, True)
    assert station("import", file, "--any-length")[0] == Exit.OK
