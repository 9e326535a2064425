# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates from a file as the consoles export it. Columns are found by name, in any order; others are ignored.

A row is one certificate. In a file with NVR columns, rows that name the same NVR are one set: the row whose own name is
the NVR's (or whose channel is 0) is the NVR, the others are its cameras by channel number, else in the file's order.
All bad rows come out at once, each with its row number; no secret is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from station.cloud.limits import faults
from station.cloud.tables import Table, read_table
from station.cloud.values import nvr_set, single
from station.errors import UsageError
from station.model import MAX_CHANNELS, Certificate, CertName, Identity, Provider, Secret

_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "product_key": ("productkey", "pk", "产品key"),
    "device_name": ("devicename", "dn", "设备名称", "设备名"),
    "device_secret": ("devicesecret", "ds", "设备密钥"),
    "product_secret": ("productsecret", "ps", "产品密钥"),
    "iot_id": ("iotid", "设备iotid"),
    "device_id": ("deviceid", "设备id"),
    "status": ("status", "devicestatus", "状态", "设备状态"),
    "set_name": ("nvrdevicename", "nvr设备名称", "nvr名称", "nvrname", "nvr"),
    "channel": ("channel", "channelno", "通道", "通道号"),
}
_IOTDA_SPELLINGS = {
    **_SPELLINGS,
    "product_key": ("productid", "产品id", "所属产品"),
    "device_name": ("deviceid", "设备id"),
    "device_secret": ("secret", "devicesecret", "密钥", "设备密钥"),
    "node_id": ("nodeid", "设备标识码"),
}
_REQUIRED = ("product_key", "device_name", "device_secret")
_UNUSED_WORDS = frozenset({"", "0", "inactive", "未激活", "未启用", "unactive"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """`row` 0: the file as a whole."""

    row: int
    text: str

    def __str__(self) -> str:
        return f"row {self.row}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContents:
    """Whole identities, and every row that is none."""

    identities: tuple[Identity, ...]
    bad: tuple[BadRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    number: int
    certificate: Certificate
    set_name: str
    channel: int | None


def read_certificates(path: Path, provider: Provider) -> FileContents:
    """UsageError when the file cannot be read or lacks a column; bad rows are in the result."""
    table = read_table(path)
    places = _columns(table, path, provider)
    bad: list[BadRow] = []
    rows: list[_Row] = []
    spoiled: set[str] = set()
    first_at: dict[CertName, int] = {}
    for number, cells in table.rows:
        row, wrong = _row(number, {field: cells[place] for field, place in places.items()}, provider)
        if row and row.certificate.name in first_at:
            wrong = [f"{row.certificate.name} is on row {first_at[row.certificate.name]} already"]
        if row is None or wrong:
            bad += [BadRow(row=number, text=text) for text in wrong]
            spoiled.add(cells[places["set_name"]] if "set_name" in places else "")
            continue
        first_at[row.certificate.name] = number
        rows.append(row)
    identities, broken_sets = _identities(rows, spoiled)
    return FileContents(identities=tuple(identities), bad=tuple(sorted([*bad, *broken_sets], key=lambda b: b.row)))


def _columns(table: Table, path: Path, provider: Provider) -> dict[str, int]:
    """Where each field is; the first of its spellings that is there."""
    headings = [re.sub(r"[\s_\-]", "", heading).lower() for heading in table.columns]
    places: dict[str, int] = {}
    table_of = _IOTDA_SPELLINGS if provider is Provider.IOTDA else _SPELLINGS
    for field, spellings in table_of.items():
        found = next((spelling for spelling in spellings if spelling in headings), None)
        if found is not None and headings.index(found) not in places.values():
            places[field] = headings.index(found)
    missing = [field for field in _REQUIRED if field not in places]
    if missing:
        there = ", ".join(heading for heading in table.columns if heading)[:200]
        raise UsageError(
            f"{path} has no column for {', '.join(table_of[field][0] for field in missing)}",
            means="nothing was imported",
            do=f"name them in its first line, which has now: {there}",
            code="E122",
        )
    return places


def _row(number: int, cells: Mapping[str, str], provider: Provider) -> tuple[_Row | None, list[str]]:
    missing = [field for field in _REQUIRED if not cells[field]]
    if missing:
        return None, [f"{field.replace('_', ' ')} is missing" for field in missing]
    channel_text = cells.get("channel", "")
    if channel_text and not re.fullmatch(r"[0-9]{1,3}", channel_text):
        return None, ["the channel is not a number from 0 to 255"]
    secret = cells.get("product_secret", "")
    certificate = Certificate(
        provider=provider,
        product_key=cells["product_key"],
        device_name=cells["device_name"],
        device_secret=Secret(cells["device_secret"]),
        product_secret=Secret(secret) if secret else None,
        iot_id=cells.get("iot_id", ""),
        device_id=cells.get("device_id", ""),
        node_id=cells.get("node_id", ""),
        cloud_status=0 if cells.get("status", "").lower() in _UNUSED_WORDS else 1,
    )
    wrong = faults(certificate)
    channel = int(channel_text) if channel_text else None
    return _Row(number=number, certificate=certificate, set_name=cells.get("set_name", ""), channel=channel), wrong


def _identities(rows: list[_Row], spoiled: set[str]) -> tuple[list[Identity], list[BadRow]]:
    sets: dict[str, list[_Row]] = {}
    found: list[Identity] = []
    for row in rows:
        if row.set_name:
            sets.setdefault(row.set_name, []).append(row)
        else:
            found.append(single(row.certificate))
    bad: list[BadRow] = []
    for name, members in sets.items():
        identity, wrong = (None, f"a row of NVR {name} is bad") if name in spoiled else _set(name, members)
        if identity:
            found.append(identity)
        else:
            bad.append(BadRow(row=members[0].number, text=wrong))
    return found, bad


def _set(name: str, members: list[_Row]) -> tuple[Identity | None, str]:
    own = [row for row in members if row.channel == 0 or row.certificate.device_name == name]
    if len(own) != 1:
        return None, f"the set of NVR {name} has {len(own)} rows for the NVR itself, not 1"
    cameras = [row for row in members if row is not own[0]]
    numbers = [row.channel for row in cameras]
    if all(number is None for number in numbers):
        ordered = cameras
    else:
        ordered = sorted(cameras, key=lambda row: row.channel or 0)
        if [row.channel for row in ordered] != list(range(1, len(cameras) + 1)):
            return None, f"the channels of NVR {name} are not 1 to {len(cameras)}"
    if len(ordered) > MAX_CHANNELS:
        return None, f"NVR {name} has {len(ordered)} channels, at most {MAX_CHANNELS}"
    return nvr_set(own[0].certificate, tuple(row.certificate for row in ordered)), ""
