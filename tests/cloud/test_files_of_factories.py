# SPDX-License-Identifier: GPL-3.0-or-later
"""Files as factories had them: `cases/` holds each as it came. What was wrong in it never became a certificate."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.cloud.files import Choices, FileContents, read_certificates
from station.codes import Exit
from station.errors import UsageError
from station.model import Provider

CASES = Path(__file__).parent / "cases"
LAMPS = ["lamp0001", "lamp0002", "lamp0003"]


def read(case: str, **choices: object) -> FileContents:
    return read_certificates(CASES / case, Provider.LIVING, Choices(**choices))  # type: ignore[arg-type]


def names(contents: FileContents) -> list[str]:
    return [identity.primary.device_name for identity in contents.identities]


@pytest.mark.parametrize(
    ("case", "note"),
    [
        ("aliyun-cn.csv", ""),
        ("sep-line.csv", ""),
        ("title-row.csv", ""),
        ("total-line.csv", "row 5 is a total"),
        ("api-answer.json", ""),
        ("merged-productkey.xlsx", ""),
        ("dimension-too-few-rows.xlsx", ""),
        ("hidden-first-sheet.xlsx", "the hidden sheet “old” was left alone"),
    ],
)
def test_what_can_be_read_without_guessing_is_read(case: str, note: str) -> None:
    contents = read(case)
    assert (names(contents), contents.bad, list(contents.notes)) == (LAMPS, (), [note] if note else [])
    assert {identity.primary.product_key for identity in contents.identities} == {"a1Xw2y3z4Q5"}


def test_a_web_page_that_is_called_xls_is_read() -> None:
    assert names(read("table.xls")) == ["lamp0001"]


def test_a_wrong_recorded_dimension_hides_no_status() -> None:
    contents = read("dimension-hides-status.xlsx")
    assert [identity.primary.cloud_status for identity in contents.identities] == [1, 1, 1]


@pytest.mark.parametrize(
    ("case", "row", "why"),
    [
        ("cut-two-rows.csv", 3, "last line has no end"),
        ("digits16-rounded.xlsx", 2, "DeviceName is a number"),
        ("zero-format.xlsx", 2, "DeviceName is a number"),
    ],
)
def test_a_row_that_may_be_damaged_is_bad(case: str, row: int, why: str) -> None:
    bad = read(case).bad
    assert any(each.row == row and why in each.text for each in bad), bad


def test_a_secret_that_was_cut_off_differs_from_its_neighbours(tmp_path: Path) -> None:
    file = tmp_path / "cut.csv"
    file.write_bytes((CASES / "cut-two-rows.csv").read_bytes() + b"\n")
    contents = read_certificates(file, Provider.LIVING)
    assert contents.identities == ()
    assert "12 characters, those of its neighbours 32" in contents.bad[1].text


@pytest.mark.parametrize(
    ("case", "why", "remedy"),
    [
        ("no-heading.csv", "no headings", "--map DeviceName=B"),
        ("dup-header.csv", "ProductKey in A and D", "--map ProductKey=A"),
        ("ole.xls", "old .xls", "save it as XLSX"),
    ],
)
def test_what_cannot_be_read_is_one_error_with_a_remedy(case: str, why: str, remedy: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(case)
    said = caught.value.lines()
    assert (caught.value.exit, caught.value.code) == (Exit.USAGE, "E122")
    assert why in said
    assert remedy in said
    content = (CASES / case).read_bytes()
    assert not any(cell in said for cell in content.decode("utf-8", "replace").split(",") if len(cell) > 20)


def test_a_file_without_headings_is_read_as_a_person_says() -> None:
    contents = read("no-heading.csv", columns={"ProductKey": "A", "DeviceName": "2", "DeviceSecret": "C"})
    assert (names(contents), contents.bad, contents.heading) == (LAMPS, (), 0)


def test_of_two_certificates_in_a_row_a_person_says_which() -> None:
    contents = read("dup-header.csv", columns={"ProductKey": "D", "DeviceName": "E", "DeviceSecret": "F"})
    assert names(contents) == ["cam0001", "cam0002", "cam0003"]


def test_a_hidden_sheet_is_read_when_a_person_names_it() -> None:
    assert names(read("hidden-first-sheet.xlsx", sheet="old")) == ["oldbatch0001", "oldbatch0002"]
    with pytest.raises(UsageError, match="no sheet"):
        read("hidden-first-sheet.xlsx", sheet="another")


def test_status_words_are_known_or_asked_and_never_guessed() -> None:
    contents = read("status-words.csv")
    assert contents.unclear == {"启用": 1}
    used = {i.primary.device_name for i in contents.identities if i.primary.cloud_status > 0}
    assert used == {f"st{number:06}" for number in range(8, 13)}
    told = read("status-words.csv", statuses={"启用": False})
    assert told.unclear == {}
    assert told.identities[-1].primary.cloud_status == 1
    assert read("status-words.csv", statuses={"启用": True}).identities[-1].primary.cloud_status == 0
