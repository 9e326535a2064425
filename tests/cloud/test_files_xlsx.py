# SPDX-License-Identifier: GPL-3.0-or-later
"""Workbooks that are not what they seem: only what stands in the cells counts, and what is no text is told."""

from __future__ import annotations

import contextlib
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from station.cloud.files import FileContents, read_certificates, template
from station.cloud.files.template import write_template
from station.errors import StationError, UsageError
from station.model import Provider
from tests.cloud.xlsx_by_hand import row, sheet, text, write
from tests.sampled import examples

SECRET, SECRET_2 = "0123456789abcdef0123456789abcdef", "f" * 32
HEADINGS = row(1, "ProductKey", "DeviceName", "DeviceSecret", "Status")
GOOD = row(2, "a1Key", "fan-0001", SECRET)
NAMED = text("A2", "a1Key") + text("B2", "fan-0001")


def read(path: Path) -> FileContents:
    return read_certificates(path, Provider.LIVING)


def one(tmp_path: Path, *rows: str, **parts: str) -> Path:
    return write(tmp_path / "devices.xlsx", {"Sheet": sheet(HEADINGS, *rows, **parts)})


def names(contents: FileContents) -> list[str]:
    return [identity.primary.device_name for identity in contents.identities]


def test_texts_by_number_in_pieces_and_without_phonetic_hints(tmp_path: Path) -> None:
    shared = "<si><t>a1Key</t></si><si><r><t>fan-</t></r><r><t>0001</t></r><rPh sb='0' eb='1'><t>ファン</t></rPh></si>"
    cells = f'<c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c>{text("C2", SECRET)}'
    path = write(tmp_path / "f.xlsx", {"S": sheet(HEADINGS, f'<row r="2">{cells}</row>')}, shared=shared)
    assert (names(read(path)), read(path).bad) == (["fan-0001"], ())


def test_characters_that_a_workbook_spells_out_are_read_as_meant(tmp_path: Path) -> None:
    name = text("B2", "fan_x005F_x0041_")
    [identity] = read(
        one(tmp_path, f'<row r="2">{text("A2", "a1Key_x0009_")}{name}{text("C2", SECRET)}</row>')
    ).identities
    assert (identity.primary.product_key, identity.primary.device_name) == ("a1Key", "fan_x0041_")


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ('<c r="C2"><v>8612345678901230</v></c>', "DeviceSecret is a number"),
        ('<c r="C2" t="n"><v>1E+31</v></c>', "DeviceSecret is a number"),
        (f'<c r="C2" t="str"><f>VLOOKUP(B2,X:Y,2)</f><v>{SECRET}</v></c>', "DeviceSecret is a formula"),
        (f'<c r="C2" t="str"><f t="shared" si="0"/><v>{SECRET}</v></c>', "DeviceSecret is a formula"),
        ('<c r="C2" t="e"><v>#N/A</v></c>', "DeviceSecret is an error"),
        ('<c r="C2" t="b"><v>1</v></c>', "DeviceSecret is an error"),
        ("", "DeviceSecret is missing"),
    ],
)
def test_a_secret_that_is_no_text_is_bad(tmp_path: Path, cell: str, why: str) -> None:
    contents = read(one(tmp_path, f'<row r="2">{NAMED}{cell}</row>'))
    assert contents.identities == ()
    assert [why in bad.text for bad in contents.bad] == [True]
    assert SECRET not in str(contents.bad)


def test_a_formula_that_only_guards_a_text_is_that_text(tmp_path: Path) -> None:
    cell = f'<c r="C2" t="str"><f>"{SECRET}"</f><v>{SECRET}</v></c>'
    assert names(read(one(tmp_path, f'<row r="2">{NAMED}{cell}</row>'))) == ["fan-0001"]


def test_a_status_may_be_a_number(tmp_path: Path) -> None:
    cells = NAMED + text("C2", SECRET) + '<c r="D2"><v>1.0</v></c>'
    [identity] = read(one(tmp_path, f'<row r="2">{cells}</row>')).identities
    assert identity.primary.cloud_status == 1


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ((GOOD, GOOD), "row 2 comes after row 2"),
        ((row(5, "a1Key", "fan-0005", SECRET), GOOD), "row 2 comes after row 5"),
        ((f'<row r="2">{NAMED}{NAMED}</row>',), "twice there or out of order"),
        ((f'<row r="2">{text("C2", SECRET)}{NAMED}</row>',), "twice there or out of order"),
        ((f'<row r="2">{text("A3", "a1Key")}</row>',), "twice there or out of order"),
        ((f'<row r="2">{text("XFD2", "x")}</row>',), "more than 256 columns"),
        (('<row r="9999999"/>',), "comes after"),
        (('<row r="2"><c r="?" t="n"><v>1</v></c></row>',), "without a place"),
    ],
)
def test_rows_and_cells_that_would_be_lost_are_refused(tmp_path: Path, rows: tuple[str, ...], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        read(one(tmp_path, *rows))


def test_cells_merged_below_show_what_the_first_holds_but_no_name_or_secret_does(tmp_path: Path) -> None:
    second = f'<row r="3">{text("B3", "fan-0002")}{text("C3", SECRET_2)}</row>'
    areas = '<mergeCells><mergeCell ref="A2:A3"/></mergeCells>'
    assert names(read(one(tmp_path, GOOD, second, after=areas))) == ["fan-0001", "fan-0002"]
    second = f'<row r="3">{text("A3", "a1Key")}{text("B3", "fan-0002")}</row>'
    areas = '<mergeCells><mergeCell ref="C2:C3"/></mergeCells>'
    assert [str(bad) for bad in read(one(tmp_path, GOOD, second, after=areas)).bad] == [
        "row 3: DeviceSecret is missing"
    ]


def test_an_endless_merge_costs_nothing(tmp_path: Path) -> None:
    areas = '<mergeCells><mergeCell ref="A2:A9999999"/></mergeCells>'
    assert names(read(one(tmp_path, GOOD, after=areas))) == ["fan-0001"]


def test_merged_areas_over_each_other_are_refused_before_they_cost_anything(tmp_path: Path) -> None:
    rows = [row(number, "a1Key", f"fan-{number:05}", f"{number:032}") for number in range(2, 10_000)]
    areas = "".join(f'<mergeCell ref="D2:D{9000 + number % 900}"/>' for number in range(2000))
    with pytest.raises(UsageError, match="merges more cells"):
        read(one(tmp_path, *rows, after=f"<mergeCells>{areas}</mergeCells>"))


def test_certificates_on_two_sheets_need_a_choice_and_hidden_ones_are_named(tmp_path: Path) -> None:
    both = {"first": sheet(HEADINGS, GOOD), "second": sheet(HEADINGS, row(2, "a1Key", "fan-0002", SECRET))}
    with pytest.raises(UsageError, match="“first”, “second”"):
        read(write(tmp_path / "two.xlsx", both))
    contents = read(write(tmp_path / "hidden.xlsx", both, states={"first": "veryHidden"}))
    assert (names(contents), contents.notes) == (["fan-0002"], ("the hidden sheet “first” was left alone",))
    with pytest.raises(UsageError, match="hidden sheets only"):
        read(write(tmp_path / "none.xlsx", both, states={"first": "hidden", "second": "hidden"}))


def test_a_hidden_row_is_bad(tmp_path: Path) -> None:
    contents = read(one(tmp_path, row(2, "a1Key", "fan-0001", SECRET, attributes='hidden="1"')))
    assert [str(bad) for bad in contents.bad] == ["row 2: it is hidden in the sheet: show it, or delete it"]


def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.cloud.files.xlsx.MAX_BYTES", 1 << 20)
    with pytest.raises(UsageError, match="unpacks to more than"):
        read(one(tmp_path, GOOD, " " * (2 << 20)))


@pytest.mark.parametrize(
    ("bound", "rows", "told"),
    [
        ("MAX_CELLS", [row(n, "a1Key", f"fan-{n:04}", SECRET) for n in range(2, 9)], "has more than 20 cells"),
        ("MAX_COLUMNS", [f'<row r="2">{NAMED}{text("U2", "far out")}</row>'], "row 2 has more than 20 columns"),
        ("MAX_ROWS", [row(21, "a1Key", "fan-0001", SECRET)], "row 21 comes after row 1"),
    ],
)
def test_a_sheet_beyond_a_bound_is_refused_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, rows: list[str], told: str
) -> None:
    assert read(one(tmp_path, *rows)).notes is not None  # within the bounds as they are
    monkeypatch.setattr(f"station.cloud.files.xlsx.{bound}", 20)
    unread = '<row r="30"><c r='  # what follows is not even well formed: nobody looked
    with pytest.raises(UsageError, match=told):
        read(one(tmp_path, *rows, unread))


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    with pytest.raises(UsageError, match="document type"):
        read(one(tmp_path, GOOD, before=bomb))


def test_a_workbook_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    path = one(tmp_path, *(row(n, "a1Key", f"fan-{n:04}", SECRET) for n in range(2, 40)))
    whole = path.read_bytes()
    for end in range(8, len(whole), 97):
        path.write_bytes(whole[:end])
        with pytest.raises(UsageError):
            read(path)


def test_what_is_no_workbook_names_its_remedy(tmp_path: Path) -> None:
    for names_in_it, why in (
        (("xl/workbook.bin", "[Content_Types].xml"), "xlsb"),
        (("mimetype", "content.xml"), "OpenDocument"),
        (("word/document.xml", "[Content_Types].xml"), "no XLSX workbook"),
        (("a.csv", "b.csv"), "2 files in it"),
    ):
        path = tmp_path / "packed"
        with zipfile.ZipFile(path, "w") as packed:
            for name in names_in_it:
                packed.writestr(name, "x")
        with pytest.raises(UsageError, match=why):
            read(path)


def test_the_template_is_what_an_import_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template, "_ROWS", 5)
    for provider in Provider:
        path = tmp_path / f"{provider}.xlsx"
        write_template(path, provider)
        book = load_workbook(path)
        sheet = book.worksheets[0]
        sheet["A2"], sheet["B2"], sheet["C2"] = "a1Key", "00012345", SECRET[:32]
        assert {sheet.cell(2, column).number_format for column in (1, 2, 3)} == {"@"}
        book.save(path)
        [identity] = read_certificates(path, provider).identities
        assert identity.primary.device_name == "00012345"
        with pytest.raises(UsageError, match="cannot be written"):
            write_template(path, provider)


@settings(max_examples=examples(80))
@given(
    rows=st.lists(st.tuples(st.integers(0, 12), st.sampled_from("ABCD"), st.text(max_size=5)), max_size=20),
    noise=st.binary(max_size=30),
    at=st.integers(0, 4000),
)
def test_any_workbook_gives_contents_or_our_error(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str, str]], noise: bytes, at: int
) -> None:
    cells = "".join(
        f'<row r="{n}"><c r="{letter}{n}" t="{value}"><v>{n}</v></c></row>'
        for n, letter, value in rows
        if value.isalnum()
    )
    path = write(tmp_path_factory.mktemp("x") / "f.xlsx", {"S": sheet(HEADINGS, cells)})
    with contextlib.suppress(StationError):
        read(path)
    content = bytearray(path.read_bytes())
    content[at : at + len(noise)] = noise
    path.write_bytes(bytes(content))
    with contextlib.suppress(StationError):
        read(path)


def test_another_librarys_workbook_is_read_as_it_wrote_it(tmp_path: Path) -> None:
    book = Workbook()
    for number in range(500):
        book.worksheets[0].append(["a1Key", f"fan-{number:04}", f"{number:032}"])
    book.worksheets[0].insert_rows(1)
    for column, heading in enumerate(("ProductKey", "DeviceName", "DeviceSecret"), 1):
        book.worksheets[0].cell(1, column, heading)
    book.save(tmp_path / "f.xlsx")
    assert names(read(tmp_path / "f.xlsx")) == [f"fan-{number:04}" for number in range(500)]
