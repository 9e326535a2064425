# SPDX-License-Identifier: GPL-3.0-or-later
"""The IoT Platform's refusals in words: the gateway's (HTTP status and `Code`) and the service's (`iot.…`).

Sources: the platform's error code page and the gateway's common error codes; see FACTS.md beside the tests.
"""

from __future__ import annotations

import re

from station.cloud import skew
from station.cloud.capabilities import BatchNotReady, ParameterRefused
from station.cloud.http import Call, HttpAnswer
from station.cloud.retry import Again
from station.cloud.strict_json import Object, optional_text, parse_object, printable
from station.errors import CloudGarbled, CloudRefused

NO_DEVICE = "iot.device.NotExistedDevice"
NO_RIGHT = ("Forbidden.RAM", "NoPermission", "iot.common.RamActionPermissionDeny")
_NOT_READY = frozenset({"iot.device.DeviceApplyIsNotFound", "iot.device.CreateDeviceTaskIsRunning"})
_PARAMETERS = frozenset({"iot.common.InvalidPageParams", "iot.device.InvalidFormattedApplyId"})
_THROTTLED = re.compile("throttling|flowcontrol|ratelimit|toofrequent", re.IGNORECASE)
_PASSING = re.compile(
    r"iot\.system\.SystemException|iot\..*ActionError|ServiceUnavailable.*|InternalError|SignatureNonceUsed"
)
# A refusal before anything was done says what of the request is wrong; "…Failed", "…Error" and "…Exception" came after.
_BEFOREHAND = re.compile(
    r"(?i)iot\..*(invalid|null|none|incorrent|incorrect|long|notexisted|notfound|exceed|toomany|alreadyexisted|deny"
    r"|permission|overdue|notopen).*"
)
_AFTERWARDS = re.compile(r"(?i).*(failed|error|exception|running)$")

_SLOWER = "what came is kept: lower cloud.aliyun_iot.calls_per_s, wait some minutes, then run the same command again"
_CLOCK = "set the PC's clock"
_CORRECT_IT = "correct the AccessKey Secret where cloud.aliyun_iot.secret_file names it"
_INSTANCE = "set cloud.aliyun_iot.instance_id as the console's overview shows it, and cloud.aliyun_iot.region"
_RIGHTS = "let the RAM user use this operation (console: RAM, AliyunIOTFullAccess or a policy of its own)"

_WORDS = {
    "InvalidAccessKeyId.NotFound": (
        "there is no such AccessKey",
        "correct cloud.aliyun_iot.access_key in station.toml",
    ),
    "InvalidAccessKeyId.Inactive": ("the AccessKey is disabled", "enable it in the RAM console"),
    "SignatureDoesNotMatch": ("the signature is wrong", _CORRECT_IT),
    "IncompleteSignature": ("the signature is wrong", _CORRECT_IT),
    "SignatureNonceUsed": ("the nonce was used before", "try again; a proxy may be repeating requests"),
    "InvalidTimeStamp.Expired": ("the request's time is another than the cloud's", _CLOCK),
    "InvalidTimeStamp.Format": ("the request's time is another than the cloud's", _CLOCK),
    **dict.fromkeys(NO_RIGHT, ("this RAM user may not do that", _RIGHTS)),
    "iot.system.InstanceNotFound": ("there is no such instance", _INSTANCE),
    "iot.Sre.IotInstanceNotFound": ("there is no such instance", _INSTANCE),
    "iot.system.UidNotFound": ("the account has no IoT Platform", "activate it, or check region and AccessKey"),
    "Iot.system.BillIsOverDue": ("the account is in debt", "ask the account's owner"),
    "iot.system.SystemException": ("the cloud's own error", "try again later"),
    "iot.prod.NotExistedProduct": ("no such product", "check the product key; station product list shows them"),
    "iot.prod.InvalidFormattedProductkey": ("the product key is not one", "station product list shows them"),
    "iot.device.DeviceApplyIsNotFound": ("no such batch", "check batch id and product"),
    "iot.device.InvalidFormattedApplyId": ("the batch id is not one", "it is a number: check it"),
    "iot.device.CreateDeviceTaskIsRunning": ("the batch is still being made", "wait, then pull again"),
    "iot.device.DeviceCountExceeded": ("too many devices at once", "ask for fewer at a time"),
    "iot.device.AlreadyExistedDeviceName": ("such a device exists already", "choose other device names"),
    "iot.device.InvalidFormattedDeviceName": (
        "a device name breaks the rules",
        "4 to 32 of letters, digits and - _ @ . :",
    ),
    NO_DEVICE: ("no such device", "check product and name"),
    "iot.common.InvalidPageParams": ("the page size or number is wrong", "use a smaller page size"),
}


def code_of(told: Object | None) -> str:
    """ "" when there is none, and so neither the gateway nor the service spoke."""
    try:
        return printable(optional_text(told or {}, "Code", "answer"), 80)
    except CloudGarbled:
        return ""


def again(answer: HttpAnswer, told: Object | None) -> Again:
    """Whether a harmless question is worth asking again."""
    code = code_of(told)
    if answer.status == 429 or _THROTTLED.search(code):
        return Again.LATER
    if answer.status == 200 and told is not None and told.get("Success") is True:
        return Again.NO
    return Again.SOON if not code or answer.status >= 500 or _PASSING.fullmatch(code) else Again.NO


def surely_did_nothing(status: int, code: str) -> bool:
    """Whether a refusal leaves no doubt that nothing was made; without a code it is nobody's who would know."""
    if not code or status >= 500:
        return False
    if _THROTTLED.search(code):
        return True
    if status == 200:
        return bool(_BEFOREHAND.fullmatch(code)) and not _AFTERWARDS.fullmatch(code)
    return status >= 400 and status != 408


def refused(call: Call, answer: HttpAnswer, code: str) -> CloudRefused:
    """In words, with code, both request ids, and what to do."""
    told = _told(answer)
    words, do = _WORDS.get(code, ("refused", "report it with the request id"))
    if answer.status == 429 or _THROTTLED.search(code):
        words, do = "too many requests", _SLOWER
    if do == _CLOCK:
        do += skew.in_words(answer.headers)
    message = told.get("ErrorMessage") or told.get("Message") or ""
    said = ", ".join(part for part in (code, printable(str(message))) if part)
    theirs = printable(str(told.get("RequestId") or "-"), 64)
    kind = BatchNotReady if code in _NOT_READY else ParameterRefused if code in _PARAMETERS else CloudRefused
    return kind(f"{call.operation}: {words} ({said}); request id {call.request_id}, the cloud's {theirs}", do=do)


def _told(answer: HttpAnswer) -> dict[str, object]:
    try:
        return dict(parse_object(answer.body, "answer"))
    except CloudGarbled:
        return {}
