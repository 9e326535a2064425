# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms that people keep certificates in: read where nothing has to be guessed, else one error with its remedy."""

from __future__ import annotations

import contextlib
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.cloud.files import Choices, FileContents, read_certificates
from station.errors import StationError, UsageError
from station.model import Provider
from tests.sampled import examples

SECRET, SECRET_2, SECRET_3 = "0123456789abcdef0123456789abcdef", "f" * 32, "e" * 32
HEADINGS = "ProductKey,DeviceName,DeviceSecret"
CSV = f"{HEADINGS}\na1Key,fan-0001,{SECRET}\na1Key,fan-0002,{SECRET_2}\n"
ITEMS = [
    {"productKey": "a1Key", "deviceName": f"fan-000{n}", "deviceSecret": secret}
    for n, secret in enumerate((SECRET, SECRET_2), 1)
]
FANS = ["fan-0001", "fan-0002"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "devices"


def read(file: Path, **choices: object) -> FileContents:
    return read_certificates(file, Provider.LIVING, Choices(**choices))  # type: ignore[arg-type]


def names(contents: FileContents) -> list[str]:
    return [identity.primary.device_name for identity in contents.identities]


def bad(contents: FileContents) -> list[str]:
    return [str(row) for row in contents.bad]


@pytest.mark.parametrize(
    ("encoding", "remark"),
    [("gb18030", "样品"), ("big5", "樣品"), ("utf-16-le", "样品"), ("utf-16-be", "样品"), ("utf-8-sig", "样品")],
)
def test_chinese_headings_in_every_encoding_without_a_mark(file: Path, encoding: str, remark: str) -> None:
    headings = "產品Key,設備名稱,設備密鑰,備註" if encoding == "big5" else "产品Key,设备名称,设备密钥,备注"
    lines = [
        headings,
        *(f"a1Key,{name},{secret},{remark}" for name, secret in zip(FANS, (SECRET, SECRET_2), strict=True)),
    ]
    file.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
    assert (names(read(file)), bad(read(file))) == (FANS, [])


@pytest.mark.parametrize("heading", ["产品密钥(ProductKey)", "ProductKey（产品标识）", "Product_Key", " product key "])
def test_headings_with_a_translation_beside_them(file: Path, heading: str) -> None:
    file.write_text(CSV.replace("ProductKey", heading))
    assert names(read(file)) == FANS


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_title_above_the_headings_does_not_hide_the_separator(file: Path, separator: str) -> None:
    file.write_text("Batch 7; October, all lines\n\n" + CSV.replace(",", separator))
    assert (names(read(file)), read(file).heading) == (FANS, 3)


def test_text_guards_and_invisible_characters_are_taken_off_and_noted(file: Path) -> None:
    file.write_text(f'{HEADINGS}\na1Key,="fan-0001",\'{SECRET}\n\ufeffa1Key\u00a0,fan-0002\u200b,{SECRET_2}\n')
    contents = read(file)
    assert (names(contents), bad(contents)) == (FANS, [])
    assert contents.notes == (
        'text guards (\' or ="…") were taken off 2 cells, first in row 2',
        "invisible characters were taken off 2 cells, first in row 3",
    )


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (f"a1Key,fan-\u200b0002,{SECRET_2}", "DeviceName has a character inside that cannot be seen (U+200B)"),
        (f"a1Key,8.61235E+15,{SECRET_2}", "DeviceName is a number that a spreadsheet has shortened"),
        (f"a1Key,fan-0002,{SECRET_2},more", "it has more cells than the headings"),
        (f"a1Key,fan-0001,{SECRET_2}", "its name is on row 2 already"),
        ("a1Key,fan-0002,", "DeviceSecret is missing"),
        (f"a1Key,fan-0002,{SECRET}", "it has the deviceSecret of row 2 too"),
        (f"a1Key,fan-0002,{SECRET[:-1]}", "31 characters, those of its neighbours 32"),
    ],
)
def test_a_damaged_row_is_told_without_its_values(file: Path, line: str, why: str) -> None:
    file.write_text(f"{CSV.splitlines()[0]}\na1Key,fan-0001,{SECRET}\na1Key,fan-0003,{SECRET_3}\n{line}\n")
    *_, told = bad(read(file))
    assert told.startswith("row 4: ")
    assert why in told
    assert SECRET[:20] not in told


def test_rows_with_different_product_secrets_are_bad(file: Path) -> None:
    rows = "".join(
        f"a1Key,fan-000{n},{SECRET[n:]}{'x' * n},{secret}\n" for n, secret in enumerate(("one", "one", "on"))
    )
    file.write_text(f"{HEADINGS},ProductSecret\n{rows}")
    assert bad(read(file)) == ["row 4: productSecret is not that of the other rows of its product"]


def test_secrets_that_differ_in_length_come_in_when_a_person_says_that_they_are_whole(file: Path) -> None:
    file.write_text(f"{HEADINGS}\na1Key,fan-0001,{SECRET}\na1Key,fan-0002,{SECRET_2[:16]}\n")
    assert (names(read(file, any_length=True)), bad(read(file, any_length=True))) == (FANS, [])


def test_the_only_one_of_its_product_is_compared_with_those_that_are_held(file: Path) -> None:
    file.write_text(f"{HEADINGS}\na1Key,fan-0001,{SECRET[:12]}\n")
    contents = read_certificates(file, Provider.LIVING, known_length=lambda product: 32 if product == "a1Key" else None)
    assert (names(contents), ["neighbours 32" in row for row in bad(contents)]) == ([], [True])
    assert names(read(file)) == ["fan-0001"]


def test_two_secrets_of_two_lengths_are_both_in_doubt_and_each_product_has_its_own_length(file: Path) -> None:
    file.write_text(f"{HEADINGS}\na1Key,fan-0001,{SECRET}\na1Key,fan-0002,short\na2Key,fan-0003,{SECRET[:16]}\n")
    assert names(read(file)) == ["fan-0003"]
    assert [row.row for row in read(file).bad] == [2, 3]


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_file_cut_off_anywhere_in_its_last_line_gives_no_certificate_of_it(file: Path, cut: int) -> None:
    file.write_text(CSV[:-cut])
    contents = read(file)
    assert (names(contents), [row.row for row in contents.bad][:1]) == (["fan-0001"] if contents.bad else FANS[:1], [3])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n  ", "\n\x1a"])
def test_a_last_line_with_any_end_is_whole(file: Path, end: str) -> None:
    file.write_bytes((CSV.rstrip("\n") + end).encode())
    assert (names(read(file)), bad(read(file))) == (FANS, [])


def test_a_closing_quote_is_an_end_too(file: Path) -> None:
    quoted = "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in CSV.splitlines())
    file.write_text(quoted)
    assert (names(read(file)), bad(read(file))) == (FANS, [])
    file.write_text(quoted.rsplit(",", 1)[0])
    assert names(read(file)) == ["fan-0001"]


def test_a_quote_that_closes_before_the_last_cell_is_no_end(file: Path) -> None:
    """All that a certificate needs is there; whether it is in use was cut off."""
    whole = "\n".join(f"{line},{last}" for line, last in zip(CSV.splitlines(), ("Status", "0", "1"), strict=True))
    quoted = "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in whole.splitlines())
    file.write_text(quoted.rsplit(",", 1)[0])
    assert names(read(file)) == ["fan-0001"]
    assert "cut off" in bad(read(file))[0]


def test_of_two_devices_with_one_secret_none_is_believed(file: Path) -> None:
    file.write_text(f"{CSV}a1Key,fan-0003,{SECRET}\n")
    assert names(read(file)) == ["fan-0002"]
    assert bad(read(file)) == [
        f"row {one}: it has the deviceSecret of row {other} too" for one, other in ((2, 4), (4, 2))
    ]


def test_a_total_that_says_more_than_there_is_means_that_rows_are_missing(file: Path) -> None:
    file.write_text(f"{CSV}合计,3,\n")
    assert bad(read(file)) == ["row 4: the total says 3, there are 2 rows: some may be missing"]
    file.write_text(f"{CSV}Total: 2,2,\n")
    assert (names(read(file)), read(file).notes) == (FANS, ("row 4 is a total",))


def test_headings_once_more_are_no_certificate(file: Path) -> None:
    file.write_text(f"{CSV}{HEADINGS}\na1Key,fan-0003,{SECRET_3}\n")
    assert (names(read(file)), read(file).notes) == ([*FANS, "fan-0003"], ("row 4 has the headings once more",))


def test_names_of_digits_that_may_have_lost_their_zeros_are_noted(file: Path) -> None:
    file.write_text(CSV.replace("fan-0001", "9999").replace("fan-0002", "10000"))
    assert "dropped zeros" in read(file).notes[0]
    file.write_text(CSV.replace("fan-0001", "09999").replace("fan-0002", "10000"))
    assert read(file).notes == ()


def test_columns_by_a_heading_of_ones_own(file: Path) -> None:
    file.write_text(CSV.replace("DeviceName", "Bezeichner"))
    with pytest.raises(UsageError, match="no column for DeviceName"):
        read(file)
    assert names(read(file, columns={"DeviceName": "Bezeichner"})) == FANS
    assert names(read(file, columns={"DeviceName": "B"})) == FANS
    with pytest.raises(UsageError, match="no column “Name”"):
        read(file, columns={"DeviceName": "Name"})
    with pytest.raises(UsageError, match="no field Wrong"):
        read(file, columns={"Wrong": "B"})


def test_a_secret_in_the_wrong_column_is_not_shown_as_a_status_word(file: Path) -> None:
    from station.cloud.files.statuses import shown

    assert SECRET not in shown(SECRET)
    assert shown("abcdef" * 5) == "of 30 characters"
    assert shown("启用") == "“启用”"


# -- JSON --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(ITEMS),
        json.dumps({"code": 200, "data": {"total": 2, "resultList": ITEMS, "more": []}}),
        "\n".join(map(json.dumps, ITEMS)),
        "\ufeff" + json.dumps(ITEMS, indent=2),
        json.dumps({"errors": [{"at": 1}], "data": ITEMS}),
    ],
)
def test_json_lists_answers_and_lines(file: Path, content: str) -> None:
    file.write_text(content)
    assert (names(read(file)), bad(read(file))) == (FANS, [])


def test_one_page_of_several_is_noted(file: Path) -> None:
    file.write_text(json.dumps({"data": {"total": 170, "resultList": ITEMS}}))
    assert read(file).notes == ("the answer holds 2 of 170: it is one page of several",)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (8612345678901234, "DeviceName is a number"),
        (True, "DeviceName is true or false"),
        (["fan-0001"], "DeviceName is a list"),
        (None, "DeviceName is missing"),
    ],
)
def test_a_json_value_that_is_no_text_is_bad(file: Path, value: object, why: str) -> None:
    file.write_text(json.dumps([{**ITEMS[0], "deviceName": value}]))
    assert [why in row for row in bad(read(file))] == [True]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (json.dumps(ITEMS)[:-9], "not JSON"),
        ("\n".join(map(json.dumps, ITEMS))[:-9], "not JSON"),
        ('[{"deviceName": "a", "deviceName": "b"}]', "key comes twice"),
        (json.dumps({"a": ITEMS, "b": ITEMS}), "2 lists"),
        (json.dumps([{**ITEMS[0], "subDeviceCertList": ITEMS[1:]}]), "holds sets"),
        (json.dumps([{**ITEMS[0], "below": {"camera": ITEMS[1]}}]), "holds sets"),
        (json.dumps({"a": NotImplemented.__class__.__name__}), "no list"),
        ('[{"productKey": NaN}]', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('[{"a":' * 480 + "1" + "}]" * 480, "not JSON|no column|no headings"),
    ],
)
def test_json_that_cannot_be_read_without_guessing(file: Path, content: str, why: str) -> None:
    file.write_text(content)
    with pytest.raises(UsageError, match=why):
        read(file)


# -- web pages and packed files ----------------------------------------------------------------------------------------


def page(*rows: str, start: str = "<html><body><table>", end: str = "</table></body></html>") -> str:
    return start + "".join(f"<tr>{row}</tr>" for row in rows) + end


HEAD = "<th>ProductKey</th><th>DeviceName</th><th>DeviceSecret</th>"


def cells(*texts: str) -> str:
    return "".join(f"<td>{text}</td>" for text in texts)


def test_a_web_pages_table_with_entities_and_merged_cells(file: Path) -> None:
    span = f"<td rowspan=2>a1Key</td>{cells('fan&#45;0001', SECRET)}"
    file.write_text(page("<td colspan=3>October</td>", HEAD, span, cells("fan-0002", f"&nbsp;{SECRET_2}")))
    assert (names(read(file)), bad(read(file))) == (FANS, [])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (page(HEAD, cells("a1Key", "fan-0001", SECRET), end=""), "no end"),
        (page(HEAD, f"<td><table>{SECRET}</table></td>"), "a table inside a table"),
        (page(HEAD, f"<td colspan=9999>{SECRET}</td>"), "more than 256 columns"),
        (page(HEAD, cells("a1Key", "fan-0001", SECRET), start="<html><table style='display: none'>"), "hidden parts"),
        (page(HEAD) + page(f"<td hidden>{SECRET}</td>"), "hidden parts"),
        ("<?xml version='1.0'?><Workbook/>", "XML workbook"),
    ],
)
def test_a_web_page_that_cannot_be_read_whole(file: Path, content: str, why: str) -> None:
    file.write_text(content)
    with pytest.raises(UsageError, match=why) as caught:
        read(file)
    assert SECRET not in caught.value.lines()


def test_a_zip_with_one_file_is_that_file(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("export/devices.csv", CSV)
        packed.writestr("__MACOSX/export/._devices.csv", "x")
        packed.writestr("export/.DS_Store", "x")
    assert names(read(file)) == FANS


def test_a_zip_of_a_zip_or_one_that_unpacks_without_end_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = file.with_name("inner.zip")
    with zipfile.ZipFile(inner, "w") as packed:
        packed.writestr("devices.csv", CSV)
    with zipfile.ZipFile(file, "w") as packed:
        packed.write(inner, "inner.zip")
    with pytest.raises(UsageError, match="zip file"):
        read(file)
    monkeypatch.setattr("station.cloud.files.opening.MAX_BYTES", 1 << 20)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("devices.csv", CSV + " " * (2 << 20))
    with pytest.raises(UsageError, match="unpacks to more than"):
        read(file)


def test_a_file_with_nul_characters_is_damaged(file: Path) -> None:
    file.write_text(CSV.replace("fan-0002", "fan\0-002"))
    with pytest.raises(UsageError, match="NUL"):
        read(file)


@settings(max_examples=examples(150))
@given(
    st.sampled_from(["", CSV, json.dumps(ITEMS), page(HEAD, cells("a1Key", "fan-0001", SECRET))]),
    st.text(max_size=60) | st.sampled_from(["<tr>", "<table>", "\ud7ff", '"', "sep=;\n", "[", "{}", "\x00"]),
    st.integers(0, 200),
    st.sampled_from(["utf-8", "gb18030", "utf-16"]),
)
def test_any_text_gives_contents_or_our_error_and_never_a_secret(
    tmp_path_factory: pytest.TempPathFactory, content: str, noise: str, at: int, encoding: str
) -> None:
    file = tmp_path_factory.mktemp("any") / "file"
    file.write_bytes((content[:at] + noise + content[at:]).encode(encoding, "replace"))
    said = ""
    with contextlib.suppress(StationError):
        try:
            said = " ".join(bad(read(file)))
        except StationError as error:
            said = error.lines()
            raise
    assert SECRET not in said
