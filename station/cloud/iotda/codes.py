# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei IoTDA's refusals in words. Sources: the vendor's error code pages and its FAQ."""

from __future__ import annotations

from station.cloud import skew
from station.cloud.capabilities import DeviceExists, NoSuchDevice
from station.cloud.http import Call, HttpAnswer
from station.cloud.retry import Again
from station.cloud.strict_json import Object, optional_text, parse_object, printable
from station.errors import CloudGarbled, CloudRefused

_TRANSIENT = frozenset({500, 502, 503, 504})
_THROTTLED = frozenset({"IOTDA.021101", "IOTDA.021102", "APIG.0308", "APIGW.0308"})
_AUTH = (401, 403)  # never asked again by itself: five wrong signatures lock the access key
_SLOWER = (
    "what came is kept: lower cloud.iotda.calls_per_s, wait some minutes, then run it again (batch register: --resume)"
)

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
    "021101": ("too many requests", _SLOWER),
    "021102": ("too many requests of this account", _SLOWER),
    "021105": ("the request is larger than 1 MB", "make it smaller"),
}
_GATEWAY = {
    "0101": ("the gateway does not know this address", "check address and project id"),
    "0301": (
        "the signature or token is wrong, or the access key is locked",
        "check access_key, secret_file and region in [cloud.iotda]; five wrong signatures lock the key for 5 minutes",
    ),
    "0303": ("the application's authorisation is wrong", "check access key and secret key"),
    "0308": ("too many requests", _SLOWER),
}
_STATUS = {
    400: ("the request is wrong", "compare the request with the document"),
    401: ("not authorised", "check the keys; five wrong signatures lock the access key for 5 minutes"),
    403: ("forbidden", "check the user's rights in this project"),
    404: ("not found", "check the address, project id and the name"),
    429: ("too many requests", _SLOWER),
    500: ("the cloud's own error", "try again later"),
}
_WRONG_ALGORITHM = (
    "the cloud did not recognise the signature",
    "it wants the other signing algorithm: set derived = true (standard and enterprise instances) or false (basic)",
)
_WRONG_INSTANCE = ("the instance is not named, or not yours", "set cloud.iotda.instance_id (console: overview)")


def again(answer: HttpAnswer) -> Again:
    """Whether a question that does no harm is worth asking again."""
    code = _body(answer).get("error_code")
    if answer.status == 429 or code in _THROTTLED:
        return Again.LATER
    if answer.status in _TRANSIENT:
        return Again.SOON
    if answer.status < 300:
        return Again.NO if _is_object(answer) else Again.SOON
    return Again.NO if code or answer.status in _AUTH else Again.SOON  # not this cloud's own words


def tells_an_error(answer: HttpAnswer) -> bool:
    """In its body, whatever its status."""
    return bool(_body(answer).get("error_code"))


def surely_did_nothing(answer: HttpAnswer) -> bool:
    """Whether IoTDA or its gateway itself refused; a proxy's page, whatever its status, says nothing about them."""
    return 400 <= answer.status < 500 and answer.status != 408 and tells_an_error(answer)


def refuses_token(answer: HttpAnswer) -> bool:
    """Whether the X-Auth-Token is dead; the cloud did nothing for it."""
    return answer.status in (401, 403) and _body(answer).get("error_code") == "IOTDA.000004"


def request_id(answer: HttpAnswer, body: Object | None) -> str:
    """The vendor's id for this request, "" when it gave none."""
    said = optional_text(body, "request_id", "answer") if body else ""
    return printable(said or answer.headers.get("x-request-id", ""), 64)


def refused(call: Call, answer: HttpAnswer) -> CloudRefused:
    """Any status that is not the expected one, in words, with error code, request id and what to do."""
    body = _body(answer)
    code = printable(optional_text(body, "error_code", "answer"), 40)
    message = printable(optional_text(body, "error_msg", "answer"))
    words, do = _explain(answer.status, code, message)
    if _is_late(answer, message):
        words, do = "the PC's clock is wrong", f"set the PC's clock{skew.in_words(answer.headers)}"
    details = ", ".join(part for part in (f"HTTP {answer.status}", code, message) if part)
    kind = CloudRefused
    if code == "IOTDA.014031":
        kind = DeviceExists
    elif code == "IOTDA.014000":  # a 404 alone may be a gateway's or a proxy's, who know no devices
        kind = NoSuchDevice
    return kind(f"{call.operation}: {words} ({details}); request id {request_id(answer, body) or 'none'}", do=do)


def _is_late(answer: HttpAnswer, message: str) -> bool:
    """A signature of another time is refused as a wrong one is; the cloud's own clock tells them apart."""
    if answer.status not in _AUTH:
        return False
    seconds = skew.skew_s(answer.headers)
    return "expired" in message.lower() or (seconds is not None and abs(seconds) > skew.FRESH_S)


def _explain(status: int, code: str, message: str) -> tuple[str, str]:
    family, _, number = code.partition(".")
    if "missing" in message.lower() and "x-auth-token" in message.lower():
        return _WRONG_ALGORITHM
    if "instance" in message.lower():
        return _WRONG_INSTANCE
    table = _IOTDA if family == "IOTDA" else _GATEWAY if family in ("APIG", "APIGW") else {}
    return table.get(number) or _STATUS.get(status) or ("refused", "report it with the request id")


def _is_object(answer: HttpAnswer) -> bool:
    try:
        parse_object(answer.body, "answer")
    except CloudGarbled:
        return not answer.body and answer.status == 204
    return True


def _body(answer: HttpAnswer) -> Object:
    try:
        body = parse_object(answer.body, "answer")
        return {
            name: body[name] for name in ("error_code", "error_msg", "request_id") if isinstance(body.get(name), str)
        }
    except CloudGarbled:  # a gateway or proxy that does not speak JSON
        return {}
