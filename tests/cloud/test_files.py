# SPDX-License-Identifier: GPL-3.0-or-later
"""Files as consoles export them: every format, every spelling, every bad row."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from station.cloud.files import read_certificates
from station.errors import StationError, UsageError
from station.model import IdentityKind, Provider
from tests.sampled import examples

SECRET = "0123456789abcdef0123456789abcdef"
HEADING = ("ProductKey", "DeviceName", "DeviceSecret", "ProductSecret")
ROWS = [("a1Key", f"fan-{number:04}", SECRET[number:] + "x" * number, "productSecret1") for number in range(3)]


def as_csv(rows: Any = ROWS, heading: Sequence[str] = HEADING, newline: str = "\r\n", separator: str = ",") -> Any:
    return "".join(separator.join(row) + newline for row in [heading, *rows])


def names(contents: Any) -> Any:
    return [identity.primary.device_name for identity in contents.identities]


def read(path: Any, provider: Any = Provider.LIVING) -> Any:
    return read_certificates(path, provider)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_in_every_encoding_with_chinese_headings(tmp_path: Path, encoding: str, separator: str) -> None:
    file = tmp_path / "devices.csv"
    heading = ("设备名称", "产品 Key", "设备密钥", "备注")
    rows = [(name, key, secret, "样品") for key, name, secret, _ in ROWS]
    file.write_bytes(as_csv(rows, heading, separator=separator).encode(encoding))
    contents = read(file)
    assert (names(contents), contents.bad) == (["fan-0000", "fan-0001", "fan-0002"], ())
    assert contents.identities[0].primary.device_secret.reveal() == SECRET


def test_xlsx_with_digits_as_text_and_empty_rows(tmp_path: Path) -> None:
    file = tmp_path / "devices.xlsx"
    book = Workbook()
    book.worksheets[0].append(["device_name", "product-key", "DEVICE SECRET"])
    book.worksheets[0].append(["00000001", "a1Key", SECRET])
    book.worksheets[0].append([None, None, None])
    book.worksheets[0].append(["00000002", "a1Key", SECRET[::-1]])
    book.save(file)
    assert names(read(file)) == ["00000001", "00000002"]


@pytest.mark.parametrize("wrap", [lambda items: items, lambda items: {"code": 200, "data": items}])
def test_json_lists(tmp_path: Path, wrap: Any) -> None:
    file = tmp_path / "devices.json"
    items = [{"productKey": key, "deviceName": name, "deviceSecret": secret} for key, name, secret, _ in ROWS]
    file.write_text(json.dumps(wrap(items)))
    assert names(read(file)) == ["fan-0000", "fan-0001", "fan-0002"]


def test_all_bad_rows_come_out_at_once_with_numbers_and_without_secrets(tmp_path: Path) -> None:
    file = tmp_path / "devices.csv"
    rows = [
        ROWS[0],
        ("a1Key", "", SECRET, ""),
        ("a1Key", "no", SECRET, ""),
        ROWS[0],
        ("a1Key", "fan-0009", "sec ret!", ""),
        ROWS[1],
    ]
    file.write_text(as_csv(rows))
    contents = read(file)
    assert [bad.row for bad in contents.bad] == [3, 4, 5, 6]
    assert names(contents) == ["fan-0000", "fan-0001"]
    assert "sec ret" not in "".join(map(str, contents.bad))


def test_devices_in_use_are_told_by_their_status_word(tmp_path: Path) -> None:
    file = tmp_path / "devices.csv"
    rows = [(*row[:3], status) for row, status in zip(ROWS, ("未激活", "ONLINE", "0"), strict=True)]
    file.write_text(as_csv(rows, (*HEADING[:3], "状态")))
    assert [identity.primary.cloud_status for identity in read(file).identities] == [0, 1, 0]


def test_iotda_files_are_named_by_device_id(tmp_path: Path) -> None:
    file = tmp_path / "devices.csv"
    file.write_text("产品ID,设备ID,设备标识码,密钥\np1,p1_SN0001,SN0001,0123456789abcdef\n")
    [identity] = read(file, Provider.IOTDA).identities
    assert (identity.primary.device_name, identity.primary.node_id) == ("p1_SN0001", "SN0001")


NVR_HEADING = ("ProductKey", "DeviceName", "DeviceSecret", "NVR DeviceName", "Channel")


def nvr_rows(cameras: Sequence[str] = ("cam-0001", "cam-0002"), channels: Any = ("1", "2")) -> Any:
    rows = [
        ("a1Cam", name, str(number) * 32, "nvr-0001", channel)
        for number, (name, channel) in enumerate(zip(cameras, channels, strict=True))
    ]
    return [*rows, ("a1Nvr", "nvr-0001", SECRET, "nvr-0001", "0")]


def test_rows_of_one_nvr_are_a_set_in_channel_order(tmp_path: Path) -> None:
    file = tmp_path / "sets.csv"
    file.write_text(as_csv(nvr_rows(channels=("2", "1")), NVR_HEADING))
    [identity] = read(file).identities
    assert identity.kind is IdentityKind.SET
    assert [camera.device_name for camera in identity.channels] == ["cam-0002", "cam-0001"]


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (nvr_rows(channels=("1", "3")), "channels"),
        (nvr_rows()[:2], "0 rows for the NVR itself"),
        ([*nvr_rows(), ("a1Nvr", "nvr-0002", "e" * 32, "nvr-0001", "0")], "2 rows for the NVR itself"),
        (nvr_rows(cameras=("cam-0001", "x")), "is bad"),
    ],
)
def test_a_set_with_anything_wrong_is_left_out_whole(tmp_path: Path, rows: Any, why: str) -> None:
    file = tmp_path / "sets.csv"
    file.write_text(as_csv(rows, NVR_HEADING))
    contents = read(file)
    assert contents.identities == ()
    assert any(why in bad.text for bad in contents.bad)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"ProductKey,DeviceName\na1,fan-0001\n", "no column for DeviceSecret"),
        (b"PK\x03\x04 not a zip", "XLSX"),
        (b"[1, 2]", "no list of objects"),
        (b"{", "not JSON"),
        (b"\xff\xff\xff\x80", "neither UTF-8 nor UTF-16"),
        (b'ProductKey,DeviceName,DeviceSecret\n"a1\n', "row 2, a quotation mark"),
    ],
)
def test_a_file_that_is_none_is_said_in_words(tmp_path: Path, content: bytes, why: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=why):
        read(file)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_an_open_quotation_mark_is_said_with_its_row_and_not_as_missing_headings(
    tmp_path: Path, separator: str
) -> None:
    rows = ["ProductKey,DeviceName,DeviceSecret", 'a1Cam,cam0001,"Secret0001', "a1Cam,cam0002,Secret0002", ""]
    path = tmp_path / "open.csv"
    path.write_text("\n".join(rows).replace(",", separator))
    with pytest.raises(UsageError, match="row 2, a quotation mark is open") as said:
        read_certificates(path, Provider.LIVING)
    assert "Secret000" not in str(said.value)


@settings(max_examples=examples(150))
@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode), st.booleans())
def test_any_bytes_give_contents_or_our_error(
    tmp_path_factory: pytest.TempPathFactory, content: Any, headed: Any
) -> None:
    file = tmp_path_factory.mktemp("any") / "file"
    file.write_bytes((b"ProductKey,DeviceName,DeviceSecret,NVR,Channel\n" if headed else b"") + content)
    with contextlib.suppress(StationError):
        read(file)
