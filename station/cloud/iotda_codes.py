# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei IoTDA's refusals in words. Sources: the vendor's error code pages and its FAQ."""

from __future__ import annotations

from station.cloud.http import Answer, Call
from station.cloud.strict_json import Object, optional_text, parse_object, printable
from station.errors import CloudGarbled, CloudRefused

TRANSIENT = frozenset({429, 500, 502, 503, 504})

_IOTDA = {
    "000004": ("the access token is not valid", "check user, password and project"),
    "000006": ("the input is not valid", "compare the file with the document; --dry-run checks it"),
    "000008": ("the request is malformed", "report it with the request id"),
    "000017": ("the page size is out of range", "use 1 to 50"),
    "000018": ("the page marker is not valid", "list again from the start"),
    "000021": ("this user has no IoTDA", "subscribe IoTDA for the account, or check project and region"),
    "001000": ("no such resource space", "check app_id"),
    "001001": ("the resource space is not valid", "check app_id"),
    "001002": ("this resource space is not allowed", "check app_id and the user's rights"),
    "014000": ("there is no such device", "check the device_id"),
    "014016": ("the device is not online", "not needed for flashing"),
    "014031": ("such a device exists already", "compare it with the ledger: station show NAME"),
    "021101": ("too many requests", "wait a minute; lower the rate limit"),
    "021102": ("too many requests of this account", "wait a minute; lower the rate limit"),
    "021105": ("the request is larger than 1 MB", "make it smaller"),
}
_GATEWAY = {
    "0101": ("the gateway does not know this address", "check address and project id"),
    "0301": (
        "the signature or token is wrong, or the access key is locked",
        "check access key, secret key and region; five wrong signatures lock the key: wait 5 minutes before trying",
    ),
    "0303": ("the application's authorisation is wrong", "check access key and secret key"),
    "0308": ("too many requests", "wait a minute; lower the rate limit"),
}
_STATUS = {
    400: ("the request is wrong", "compare the request with the document"),
    401: ("not authorised", "check the keys; five wrong signatures lock the access key for 5 minutes"),
    403: ("forbidden", "check the user's rights in this project"),
    404: ("not found", "check the address, project id and the name"),
    429: ("too many requests", "wait a minute; lower the rate limit"),
    500: ("the cloud's own error", "try again later"),
}
_WRONG_ALGORITHM = (
    "the cloud did not recognise the signature",
    "it wants the other signing algorithm: set derived = true (standard and enterprise instances) or false (basic)",
)
_WRONG_INSTANCE = ("the instance is not named, or not yours", "set cloud.iotda.instance_id (console: overview)")


class DeviceExists(CloudRefused):
    """A device of this id is registered already, perhaps by ourselves."""


def refuses_token(answer: Answer) -> bool:
    """Whether the X-Auth-Token is dead; the cloud did nothing for it."""
    return answer.status in (401, 403) and _body(answer).get("error_code") == "IOTDA.000004"


class NoSuchDevice(CloudRefused):
    """IoTDA itself says that nothing is registered under this id."""


def request_id(answer: Answer, body: Object | None) -> str:
    """The vendor's id for this request, "" when it gave none."""
    said = optional_text(body, "request_id", "answer") if body else ""
    return printable(said or answer.headers.get("x-request-id", ""), 64)


def refused(call: Call, answer: Answer) -> CloudRefused:
    """Any status that is not the expected one, in words, with error code, request id and what to do."""
    body = _body(answer)
    code = printable(optional_text(body, "error_code", "answer"), 40)
    message = printable(optional_text(body, "error_msg", "answer"))
    words, do = _explain(answer.status, code, message)
    details = ", ".join(part for part in (f"HTTP {answer.status}", code, message) if part)
    kind = CloudRefused
    if code == "IOTDA.014031":
        kind = DeviceExists
    elif code == "IOTDA.014000":  # a 404 alone may be a gateway's or a proxy's, who know no devices
        kind = NoSuchDevice
    return kind(f"{call.operation}: {words} ({details}); request id {request_id(answer, body) or 'none'}", do=do)


def _explain(status: int, code: str, message: str) -> tuple[str, str]:
    family, _, number = code.partition(".")
    if "missing" in message.lower() and "x-auth-token" in message.lower():
        return _WRONG_ALGORITHM
    if "instance" in message.lower():
        return _WRONG_INSTANCE
    table = _IOTDA if family == "IOTDA" else _GATEWAY if family in ("APIG", "APIGW") else {}
    return table.get(number) or _STATUS.get(status) or ("refused", "report it with the request id")


def _body(answer: Answer) -> Object:
    try:
        body = parse_object(answer.body, "answer")
        return {
            name: body[name] for name in ("error_code", "error_msg", "request_id") if isinstance(body.get(name), str)
        }
    except CloudGarbled:  # a gateway or proxy that does not speak JSON
        return {}
