# SPDX-License-Identifier: GPL-3.0-or-later
"""Oddities of the real clouds' answers (`quirk=NAME[:ARG]`), each with the sentence that documents it.

Numbers group what belongs together: 9.1 batch ids, 9.3 totals, 9.4 empty pages, 9.5 product enums, 9.6 device status …
A quirk that has nothing to change in an answer leaves it alone, so that one may stand without a path.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

from station.simulate.cloud.exchange import Received, Response
from station.simulate.cloud.faults import plain
from station.simulate.cloud.mishaps import rows_of

Change = Callable[[Response, Received, str], None]


def apply(answer: Response, call: Received) -> None:
    """Change a right answer as the plan says; refusals by the gateway have no document and stay."""
    for name, argument in call.plan.quirks:
        change = _CHANGES.get(name)
        if change and isinstance(answer.document, dict):
            change(answer, call, argument)


def _data(answer: Response) -> dict[str, Any]:
    data = answer.document.get("data")
    return data if isinstance(data, dict) else {}


def _devices(answer: Response) -> Iterator[dict[str, Any]]:
    """Every device description of a page, in order, whatever other quirks have left of it."""
    for row in rows_of(answer.document) or []:
        if "NvrDeviceCertList" in _data(answer):
            nvr = row.get("nvrDeviceCertInfo") or []
            yield from nvr if isinstance(nvr, list) else [nvr]
            yield from row.get("subDeviceCertList") or []
        else:
            yield row


def _products(answer: Response) -> list[dict[str, Any]]:
    data = answer.document.get("data")
    rows = data if isinstance(data, list) else [data]
    return [row for row in rows if isinstance(row, dict) and "nodeType" in row]


def _batch_id(wrap: Callable[[str], Any]) -> Change:
    def change(answer: Response, call: Received, _argument: str) -> None:
        if call.path.endswith(("/generate", "/upload")) and isinstance(answer.document.get("data"), str):
            answer.document["data"] = wrap(answer.document["data"])

    return change


def _total(*names: str) -> Change:
    def change(answer: Response, _call: Received, _argument: str) -> None:
        data = _data(answer)
        totals = [data.pop(name) for name in ("total", "totalNum") if name in data]
        data.update({name: totals[0] for name in names if totals})

    return change


def _no_rows(value: Any) -> Change:
    def change(answer: Response, _call: Received, _argument: str) -> None:
        data = _data(answer)
        if ("totalNum" in data or "total" in data) and not rows_of(answer.document):
            data["NvrDeviceCertList" if "pageNo" in data else "items"] = value

    return change


def _no_list(answer: Response, _call: Received, _argument: str) -> None:
    if not rows_of(answer.document):
        _data(answer).pop("NvrDeviceCertList", None)


def _product(**changes: Any) -> Change:
    def change(answer: Response, _call: Received, _argument: str) -> None:
        for row in _products(answer):
            row.update(changes)

    return change


def _product_status_int(answer: Response, _call: Received, _argument: str) -> None:
    for row in _products(answer):
        row["status"] = int(row["status"] == "RELEASE_STATUS")


def _device_status(status: Any) -> Change:
    """Rows `argument` (default 1) at the top of each page."""

    def change(answer: Response, _call: Received, argument: str) -> None:
        for row in (rows_of(answer.document) or [])[: int(argument or 1)]:
            if "status" in row and "nodeType" not in row:
                row["status"] = status

    return change


def _no_status(answer: Response, _call: Received, argument: str) -> None:
    for row in (rows_of(answer.document) or [])[: int(argument or 1)]:
        row.pop("status", None)


def _date_text(answer: Response, _call: Received, _argument: str) -> None:
    for row in _products(answer):
        row["gmtCreate"] = row["gmtModified"] = "2018-02-02 20:49:52"


def _extra_keys(answer: Response, _call: Received, _argument: str) -> None:
    rows = [*_devices(answer), *_products(answer)]
    for found in (answer.document, _data(answer), *rows):
        if found:
            found.update(x_new={"nested": [1, None]}, deviceNumLimit=500000, categoryName="未知")


def _active_time(answer: Response, _call: Received, _argument: str) -> None:
    for device in _devices(answer):
        device["activeTime"] = 1517562992000


def _without(*names: str) -> Change:
    def change(answer: Response, _call: Received, _argument: str) -> None:
        for device in _devices(answer):
            for name in names:
                device.pop(name, None)

    return change


def _first_with(answer: Response, field: str) -> dict[str, Any]:
    """The page's first device, the page's first row or `data`: whichever has the field first."""
    first = [*_devices(answer)][:1] + (rows_of(answer.document) or [])[:1] + [_data(answer)]
    return next((found for found in first if field in found), {})


def _missing(answer: Response, _call: Received, argument: str) -> None:
    _first_with(answer, argument).pop(argument, None)


def _null(answer: Response, _call: Received, argument: str) -> None:
    found = _first_with(answer, argument)
    if found:
        found[argument] = None


def _nvr_rows(answer: Response) -> list[dict[str, Any]]:
    return _data(answer).get("NvrDeviceCertList") or []


def _nvr_list(answer: Response, _call: Received, _argument: str) -> None:
    for row in _nvr_rows(answer):
        row["nvrDeviceCertInfo"] = [row.get("nvrDeviceCertInfo")]


def _ipc_num(answer: Response, _call: Received, argument: str) -> None:
    for row in _nvr_rows(answer)[:1]:
        row["ipcNum"] = len(row.get("subDeviceCertList") or []) + int(argument or 1)


def _echo_paging(answer: Response, _call: Received, _argument: str) -> None:
    if "pageNo" in _data(answer):
        _data(answer).update(pageNo=235, pageSize=1)


def _small_n(answer: Response, _call: Received, _argument: str) -> None:
    data = _data(answer)
    if "NvrDeviceCertList" in data:
        data["nvrDeviceCertList"] = data.pop("NvrDeviceCertList")


def _text(old: bytes, new: bytes) -> Change:
    """The first `old` in the body's text becomes `new`; the answer is no longer JSON."""

    def change(answer: Response, _call: Received, _argument: str) -> None:
        answer.raw = answer.body().replace(old, new, 1)

    return change


def _id(value: Callable[[Received], Any]) -> Change:
    def change(answer: Response, call: Received, _argument: str) -> None:
        answer.document.pop("id", None)
        new = value(call)
        if new is not None:
            answer.document["id"] = new

    return change


def _error(change_error: Callable[[Response], None]) -> Change:
    def change(answer: Response, _call: Received, _argument: str) -> None:
        if answer.document.get("code", 200) != 200 or answer.status >= 400:
            change_error(answer)

    return change


def _empty_error(answer: Response) -> None:
    answer.document = {}


def _no_error_body(answer: Response) -> None:
    message = answer.document.get("message", "error")
    answer.document, answer.status = None, max(answer.status, 400)
    answer.headers |= {"X-Ca-Request-Id": uuid.uuid4().hex, "X-Ca-Error-Message": str(message)}


def _text_error(answer: Response) -> None:
    answer.raw = b"<html><body>service error</body></html>"
    answer.headers["Content-Type"] = "text/html"


def _no_data(answer: Response) -> None:
    answer.document.pop("data", None)


def _duplicate_row(answer: Response, _call: Received, _argument: str) -> None:
    rows = rows_of(answer.document)
    if rows:
        rows.append(rows[0])


def _changed_secret(answer: Response, _call: Received, _argument: str) -> None:
    for device in _devices(answer):
        if "deviceSecret" in device:
            device["deviceSecret"] = device["deviceSecret"][::-1]


def _odd(field: str) -> Change:
    def change(answer: Response, _call: Received, argument: str) -> None:
        for device in [*_devices(answer)][:1]:
            device[field] = argument

    return change


def _fewer_cameras(answer: Response, _call: Received, argument: str) -> None:
    for row in _nvr_rows(answer):
        row["subDeviceCertList"] = row["subDeviceCertList"][: int(argument)]
        row["ipcNum"] = len(row["subDeviceCertList"])


def _iotda_device(answer: Response) -> dict[str, Any]:
    """The device or product that the answer describes; an empty table when it describes none."""
    document = answer.document
    device = "device_id" in document and "auth_info" in document
    return document if device or ("product_id" in document and "protocol_type" in document) else {}


def _iotda_without(answer: Response, _call: Received, argument: str) -> None:
    _iotda_device(answer).pop(argument, None)


def _iotda_null(answer: Response, _call: Received, argument: str) -> None:
    if argument in _iotda_device(answer):
        answer.document[argument] = None


def _iotda_says(answer: Response, _call: Received, argument: str) -> None:
    name, _, said = argument.partition("=")
    if name in _iotda_device(answer):
        answer.document[name] = said


def _iotda_secret(answer: Response, _call: Received, argument: str) -> None:
    if "auth_info" in _iotda_device(answer):
        answer.document["auth_info"]["secret"] = argument


def _token_field(name: str, unit_ms: int = 1) -> Change:
    def change(answer: Response, _call: Received, _argument: str) -> None:
        data = _data(answer)
        if "expireIn" in data:
            data[name] = data.pop("expireIn") // unit_ms

    return change


def _iot_token(answer: Response, _call: Received, _argument: str) -> None:
    data = _data(answer)
    if "cloudToken" in data:
        data["iotToken"] = data.pop("cloudToken")


CHANGES: dict[str, tuple[str, Change]] = {
    "a3-expiresIn": ("token lifetime in `expiresIn`", _token_field("expiresIn")),
    "a3-seconds": ("token lifetime in seconds", _token_field("expireIn", 1000)),
    "a3-iotToken": ("the token is called `iotToken`", _iot_token),
    "9.1-string": ("batch id as a bare string (as is)", _batch_id(str)),
    "9.1-int": ("batch id as a bare number", _batch_id(int)),
    "9.1-object": ("batch id as {batchId}", _batch_id(lambda value: {"batchId": value})),
    "9.3-total": ("the total is called `total`", _total("total")),
    "9.3-totalNum": ("the total is called `totalNum`", _total("totalNum")),
    "9.3-absent": ("no total at all", _total()),
    "9.4-no-items": ("an NVR page without rows has no list either", _no_list),
    "9.4-null-items": ("a page without rows has null for its list", _no_rows(None)),
    "9.4-empty-items": ("a page without rows has an empty list", _no_rows([])),
    "9.5-status-int": ("product status 0 or 1", _product_status_int),
    "9.5-NOT_SPECIFY": ("product status NOT_SPECIFY", _product(status="NOT_SPECIFY")),
    "9.5-enums-int": ("netType, dataFormat, nodeType as numbers", _product(netType=3, dataFormat=1, nodeType=0)),
    "9.6-active[:N]": ("the first N devices of a page are active, status 1 (1)", _device_status(1)),
    "9.6-offline[:N]": ("likewise status 3", _device_status(3)),
    "9.6-disabled[:N]": ("likewise status 8", _device_status(8)),
    "9.6-status-text[:N]": ('likewise status "0"', _device_status("0")),
    "9.7-date-text": ("product dates as text", _date_text),
    "9.8-extra-keys": ("unknown keys at every level", _extra_keys),
    "9.9-active-time": ("devices have `activeTime`", _active_time),
    "9.9-no-ids": ("devices without iotId, deviceId and status", _without("iotId", "deviceId", "status")),
    "9.9-no-status[:N]": ("the first N devices of a page have no `status` (1)", _no_status),
    "9.9-missing:WORD": ("this field is missing from the page's first device or row, or from `data`", _missing),
    "9.9-null:WORD": ("likewise this field is null", _null),
    "9.10-nvr-list": ("nvrDeviceCertInfo is a list of one", _nvr_list),
    "9.10-ipcnum[:N]": ("ipcNum of the first set is N too large (1)", _ipc_num),
    "9.10-echo": ("echoed paging is pageNo 235, pageSize 1", _echo_paging),
    "9.10-small-n": ("the list is called nvrDeviceCertList", _small_n),
    "9.11-missing-comma": ("not JSON: a comma is missing", _text(b',"', b' "')),
    "9.11-trailing-comma": ("not JSON: a comma too many", _text(b"}", b",}")),
    "9.11-curly-quote": ("not JSON: a curly quote", _text(b'":', "”:".encode())),
    "9.15-id-number": ("the envelope's id is a number", _id(lambda _call: 1508232047194)),
    "9.15-id-uuid": ("the envelope's id is the server's own", _id(lambda _call: str(uuid.uuid4()))),
    "9.15-no-id": ("the envelope has no id", _id(lambda _call: None)),
    "9.18-no-data": ("errors have no `data` instead of null", _error(_no_data)),
    "9.18-empty-object": ("errors are {}", _error(_empty_error)),
    "9.18-empty-body": ("errors are HTTP 400 with X-Ca headers and no body", _error(_no_error_body)),
    "9.18-html": ("errors are HTML", _error(_text_error)),
    "duplicate-row": ("the page's first row comes twice", _duplicate_row),
    "iotda-without:WORD": ("IoTDA describes a device or product without this field, e.g. description", _iotda_without),
    "iotda-null:WORD": ("likewise this field is null", _iotda_null),
    "iotda-says:WORD": ("likewise this field (FIELD=TEXT) is this text", _iotda_says),
    "iotda-secret:WORD": ("IoTDA shows a device with this instead of its secret, e.g. ********", _iotda_secret),
    "odd-secret:WORD": ("the page's first device has this deviceSecret", _odd("deviceSecret")),
    "odd-key:WORD": ("likewise this productKey", _odd("productKey")),
    "fewer-cameras:N": ("NVR sets have only their first N cameras", _fewer_cameras),
    "changed-secret": ("the same names come with other secrets", _changed_secret),
}
ELSEWHERE = {
    "a4-401": "the gateway refuses with HTTP 401 instead of 400",
    "a4-403": "the gateway refuses with HTTP 403 instead of 400",
    "9.1-zeros": "batch ids start with 000, and are unknown without",
    "9.13-repeat-last": "past the end of the product list its last page comes again",
    "9.14-page-size[:N]": "a pageSize of N or more is refused, 6101 (the documented maximum)",
    "9.17-only-version:WORD": "only this apiVer is known, 404 for any other",
    "9.20-drops-name": "an upload loses its last name without a word",
    "plain-only": "IoTDA basic edition: derived signatures are refused",
    "derived-only": "IoTDA standard edition: plain signatures are refused",
    "instance-required": "IoTDA professional edition, IoT Platform: no answer without the instance's id",
    "rpc-most:N": "IoT Platform: at most N devices or names at once; one edition of the documents says 1000",
    "rpc-checking": "IoT Platform: the names of a batch are still being checked",
    "rpc-create-failed:N": "IoT Platform: the last N devices of a batch were not made",
    "shared-camera": "the second NVR of a batch has the first one's first camera instead of its own",
    "secret-shown": "IoTDA shows a device with its secret",
    "apig-prefix": "IoTDA's gateway codes start with APIG. instead of APIGW.",
}
"""Known by name where they strike: the signature check, the paging, the operation."""

TABLE: dict[str, str] = {use: text for use, (text, _) in CHANGES.items()} | ELSEWHERE
_CHANGES = {plain(use): change for use, (_, change) in CHANGES.items()}
