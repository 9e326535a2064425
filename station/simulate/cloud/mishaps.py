# SPDX-License-Identifier: GPL-3.0-or-later
"""Mishaps of a connection and a service (`do=NAME[:ARG]`), each with the sentence that documents it.

Three kinds. *Instead*: another answer, or none, takes the right one's place; the plain name strikes before anything is
done, NAME-after once the work is committed, which is what a lost answer looks like. *Changes* spoil the right answer.
*Asides* act on the way and are known to the server, the token or the paging code by name.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from station.simulate.cloud.aliyun_iot.gateway import said as rpc_says
from station.simulate.cloud.exchange import Dropped, Received, Response
from station.simulate.cloud.faults import plain

Instead = Callable[[Received, str], Response]
Change = Callable[[Response, str], None]


def rows_of(document: Any) -> list[Any] | None:
    """The list a page of either cloud carries."""
    data = document.get("data", document) if isinstance(document, dict) else None
    if isinstance(data, list):
        return data
    if isinstance(data, dict):
        applied = data.get("ApplyDeviceList")
        if isinstance(applied, dict):
            return rows_of(applied)
        names = ("items", "NvrDeviceCertList", "products", "devices", "ApplyDeviceInfo")
        return next((data[name] for name in names if isinstance(data.get(name), list)), None)
    return None


def _drop(_call: Received, _argument: str) -> Response:
    raise Dropped(reset=False)


def _reset(_call: Received, _argument: str) -> Response:
    raise Dropped(reset=True)


def _status(call: Received, argument: str) -> Response:
    status = int(argument)
    words = {
        404: "API Not Found",
        429: "Throttled by API Flow Control",
        503: "Service Unavailable",
        504: "Async Service",
    }
    return _gateway_says(call, status, words.get(status, "Failed To Invoke Backend Service"))


def throttled(call: Received, argument: str = "") -> Response:
    answer = _gateway_says(call, 429 if call.is_huawei else 403, "Throttled by APP Flow Control")
    if call.is_rpc:
        message = "Request was denied due to user flow control."
        answer = Response(status=400, document=rpc_says(uuid.uuid4().hex, "Throttling.User", message))
    if argument:
        answer.headers["Retry-After"] = argument
    return answer


def _gateway_says(call: Received, status: int, message: str) -> Response:
    request_id = uuid.uuid4().hex
    if call.is_rpc:
        code = {404: "InvalidAction.NotFound", 429: "Throttling.User", 503: "ServiceUnavailable"}.get(status)
        return Response(status=status, document=rpc_says(request_id, code or "InternalError", message))
    if call.is_huawei:
        code = {429: "APIGW.0308", 404: "APIGW.0101"}.get(status, "APIGW.0201")
        return Response(status=status, document={"error_code": code, "error_msg": message, "request_id": request_id})
    return Response(status=status, headers={"X-Ca-Request-Id": request_id, "X-Ca-Error-Message": message})


def _code(call: Received, argument: str) -> Response:
    if call.is_rpc:
        return Response(document={"Success": False, "Code": argument, "ErrorMessage": "Simulated refusal."})
    if call.is_huawei:
        return Response(status=400, document={"error_code": argument, "error_msg": "Simulated refusal."})
    request_id = call.json.get("id") if isinstance(call.json, dict) else None
    return Response(
        document={
            "code": int(argument) if argument.isdecimal() else argument,
            "message": "simulated refusal",
            "data": None,
            "id": request_id,
        }
    )


def _garbage(_call: Received, _argument: str) -> Response:
    return Response(raw=bytes(range(128, 256)))


def _html(_call: Received, argument: str) -> Response:
    page = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
    return Response(status=int(argument or 200), raw=page, headers={"Content-Type": "text/html"})


def _empty(_call: Received, argument: str) -> Response:
    return Response(status=int(argument or 200), headers={"X-Ca-Request-Id": uuid.uuid4().hex})


def _truncate(answer: Response, _argument: str) -> None:
    answer.raw = answer.body()[: len(answer.body()) // 2]


def _cut(answer: Response, _argument: str) -> None:
    body = answer.body()
    answer.raw = body[: len(body) // 2]
    answer.missing = len(body) - len(answer.raw)
    answer.close = True


def _hang_up(answer: Response, _argument: str) -> None:
    answer.close = True


def _short_page(answer: Response, argument: str) -> None:
    rows = rows_of(answer.document)
    if rows:
        del rows[-int(argument or 1) :]


def _shrink_total(answer: Response, argument: str) -> None:
    data = answer.document.get("data", answer.document) if isinstance(answer.document, dict) else None
    for name in ("total", "totalNum", "Total"):
        if isinstance(data, dict) and name in data:
            data[name] = max(0, data[name] - int(argument or 1))


INSTEAD: dict[str, tuple[str, Instead]] = {
    "drop": ("the connection is closed, no answer", _drop),
    "reset": ("the connection is reset, no answer", _reset),
    "status:N": ("HTTP status N with the gateway's own error: 404, 429, 500, 503, 504", _status),
    "throttled[:N]": (
        "flow control: Living Link's HTTP 403, IoTDA's 429, the IoT Platform's Throttling.User; with Retry-After N",
        throttled,
    ),
    "code:WORD": ("Living Link's envelope code (a number), IoTDA's error_code, or the IoT Platform's Code", _code),
    "garbage": ("HTTP 200 and bytes that are no text", _garbage),
    "html[:N]": ("a proxy's HTML page, HTTP 200 or N", _html),
    "empty[:N]": ("HTTP 200 (or N) and no body", _empty),
}
CHANGES: dict[str, tuple[str, Change]] = {
    "truncate": ("the JSON ends in the middle, Content-Length agrees", _truncate),
    "cut": ("the connection breaks in the middle of the body", _cut),
    "hang-up": ("the connection is closed after the answer, unannounced", _hang_up),
    "short-page[:N]": ("the last N rows of the page are missing (1)", _short_page),
    "shrink-total[:N]": ("the total is N too small (1)", _shrink_total),
}
ASIDES = {
    "delay:SECONDS": "the work starts so much later",
    "kill-token": "every cloudToken and X-Auth-Token dies before the request is looked at",
    "repeat-page": "the page before the one asked for",
    "shift-page:N": "the page starts N rows further on (may be negative)",
}
TABLE: dict[str, str] = {
    **{use: f"{text}; {plain(use)}-after: once the work is committed" for use, (text, _) in INSTEAD.items()},
    **{use: text for use, (text, _) in CHANGES.items()},
    **ASIDES,
}
USAGES = (*TABLE, *(use.replace(plain(use), f"{plain(use)}-after") for use in INSTEAD))
_INSTEAD = {plain(use): work for use, (_, work) in INSTEAD.items()}
_CHANGES = {plain(use): work for use, (_, work) in CHANGES.items()}


def instead(call: Received, *, committed: bool) -> Response | None:
    """The answer that takes the right one's place before or after the work; None to go on. Dropped for no answer."""
    for name, argument in call.plan.mishaps:
        work = _INSTEAD.get(name.removesuffix("-after"))
        if work and name.endswith("-after") == committed:
            return work(call, argument)
    return None


def change(answer: Response, call: Received) -> None:
    """Spoil the right answer as the plan says."""
    for name, argument in call.plan.mishaps:
        if name in _CHANGES:
            _CHANGES[name](answer, argument)
