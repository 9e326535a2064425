# SPDX-License-Identifier: GPL-3.0-or-later
"""Living Link's refusals in words: the gateway's (HTTP status, X-Ca headers) and the service's (`code`).

Sources: the common error code page, the gateway's error pages, and the business codes of the device SDK's header.
"""

from __future__ import annotations

from station.cloud import skew
from station.cloud.capabilities import BatchNotReady, ParameterRefused
from station.cloud.http import HttpAnswer
from station.cloud.retry import Again
from station.cloud.strict_json import printable
from station.errors import CloudRefused

OK = 200
AUTH_FAILED = 401
NOT_FOUND = 404
THROTTLED = 429
TRANSIENT = frozenset({500, 502, 503, 504})
NOT_READY = frozenset({6269, 6271, 6285})

_GATEWAY_TRANSIENT = ("nonce used", "internal error", "service unavailable", "failed to invoke")

_SLOWER = "what came is kept: lower cloud.living.calls_per_s, wait some minutes, then run the same command again"

_CORRECT_IT = "correct the secret where cloud.living.secret_file names it"

_SERVICE = {
    400: ("the request is wrong", "report it with the request id"),
    401: ("not authorised", f"check cloud.living.app_key and project_id; {_CORRECT_IT}"),
    403: (
        "forbidden",
        "check cloud.living.app_key, and that it may use this API (project settings, data synchronisation)",
    ),
    404: ("no such service", "check the address (region) and the API version"),
    429: ("too many requests", _SLOWER),
    460: ("a parameter is wrong", "check product key, batch and amount"),
    500: ("the cloud's own error", "try again later"),
    502: ("the cloud is not available", "try again later"),
    503: ("the cloud is not available", "try again later"),
    504: ("the cloud did not answer in time", "try again later"),
    2000: ("a parameter is invalid", "check the product key"),
    6101: ("the page size is too large", "use a smaller page size"),
    6104: ("the list is too long", "use a smaller page size"),
    6202: ("no such product", "check the product key; station product list shows them"),
    6250: ("no such product", "check the product key; station product list shows them"),
    6251: ("such a device exists already", "choose other device names"),
    6269: ("the batch cannot be queried", "try again later; check the batch id"),
    6271: ("no such batch", "check the batch id; a batch just made may need minutes"),
    6272: ("the certificates were not released", "ask the vendor with the request id"),
    6280: ("a device name breaks the rules", "4 to 32 of letters, digits and - _ @ . :"),
    6283: ("the batch is not allowed", "check the product key and its quota"),
    6284: ("LoRa devices cannot be made by number", "upload names instead"),
    6285: ("the batch is not ready", "wait, then pull again"),
}

_GATEWAY = {
    "invalid appkey": "correct cloud.living.app_key in station.toml",
    "invalid appsecret": _CORRECT_IT,
    "invalid signature": f"{_CORRECT_IT}; a proxy that changes bodies breaks signatures too",
    "empty signature": f"{_CORRECT_IT}; a proxy may have removed a header",
    "timestamp expired": "set the PC's clock",
    "invalid timestamp": "set the PC's clock",
    "nonce used": "try again; a proxy may be repeating requests",
    "api not found": "check the address (region)",
    "invalid domain": "check the address",
    "unauthorized": "let the app key use this API in the cloud's console",
    "throttled": _SLOWER,
    "quota exhausted": "the calls paid for are used up: ask the project's owner",
    "quota expired": "the calls paid for have expired: ask the project's owner",
    "user arrears": "the cloud account is in debt: ask the project's owner",
}


def surely_did_nothing(code: int | None) -> bool:
    """Whether a refusal with this code leaves no doubt that nothing was made. 6272 comes after the making."""
    return code is not None and code not in (408, 6272) and (400 <= code < 500 or code >= 1000)


def gateway_message(answer: HttpAnswer) -> str:
    """The gateway's words when it refused before the service saw the request; "" when it did not."""
    message = answer.headers.get("x-ca-error-message", "") or answer.headers.get("x-ca-error-code", "")
    return printable(message, 300)


def again(answer: HttpAnswer, code: int | None) -> Again:
    """Whether a harmless question is worth asking again. `code`: the service's own, None when it gave none."""
    message = gateway_message(answer).lower()
    if "throttled" in message or THROTTLED in (code, answer.status):
        return Again.LATER
    if message:
        return Again.SOON if any(words in message for words in _GATEWAY_TRANSIENT) else Again.NO
    passing = code is None or code in TRANSIENT or answer.status in TRANSIENT
    return Again.SOON if passing else Again.NO  # without a code it was not this cloud that answered, or only by half


def refused_by_gateway(operation: str, answer: HttpAnswer, request_id: str) -> CloudRefused:
    """An HTTP status other than 200 and no envelope to read."""
    message = gateway_message(answer)
    if message:
        do = next((advice for words, advice in _GATEWAY.items() if words in message.lower()), "")
        do = do or ("try again later" if answer.status >= 500 else "report it with the request id")
    else:
        words, do = _SERVICE.get(answer.status, ("", "check the address; a proxy or captive portal may be answering"))
        message = words or "an answer that is not this cloud's"
    if "clock" in do:
        do += skew.in_words(answer.headers)
    gateway_id = printable(answer.headers.get("x-ca-request-id", ""), 64)
    gateway = f", gateway {gateway_id}" if gateway_id else ""
    return CloudRefused(
        f"{operation}: refused with HTTP {answer.status}: {message}; request id {request_id}{gateway}", do=do
    )


def refused_by_service(operation: str, code: int, message: str, request_id: str) -> CloudRefused:
    """An envelope whose `code` is not 200."""
    words, do = _SERVICE.get(code, ("refused", "report it with the request id"))
    said = f" ({printable(message)})" if message else ""
    kind = BatchNotReady if code in NOT_READY else ParameterRefused if code in (460, 2000) else CloudRefused
    return kind(f"{operation}: {words}, code {code}{said}; request id {request_id}", do=do)
