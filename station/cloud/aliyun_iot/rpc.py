# SPDX-License-Identifier: GPL-3.0-or-later
"""One call of the server-side API: signed, sent, and its answer told from a refusal.

An answer of the service is HTTP 200 with `Success`; a refusal has `Success` false and a `Code` of its own. What the
gateway in front refuses is another HTTP status with a `Code`. Anything else was said by neither of them.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from station.cloud.aliyun_iot import codes, signing
from station.cloud.http import Call, Http, HttpAnswer, outcome_unknown
from station.cloud.retry import Again, Rest, Retry
from station.cloud.strict_json import Object, garbled, optional_text, parse_object
from station.errors import CloudGarbled
from station.model import Secret

_MAKING_TIMEOUT_S = 40.0
_HEADERS = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AliyunAccount:
    """A RAM user's keys and the instance. `withhold_unsaid`: what this factory does with certificates whose status is
    not known; `ask_states`: whether it is asked for.
    """

    url: str
    region: str
    access_key: str
    access_secret: Secret
    instance_id: str = ""
    withhold_unsaid: bool = False
    ask_states: bool = True


@dataclass(frozen=True, slots=True)
class RpcOperation:
    """`makes`: it must not be sent twice."""

    words: str
    action: str
    makes: bool = False


class Rpc:
    """Safe for several threads."""

    def __init__(self, account: AliyunAccount, *, calls_per_s: float, retry: Retry | None) -> None:
        self._account = account
        self._http = Http(account.url, calls_per_s=calls_per_s, retry=retry)

    def close(self) -> None:
        self._http.close()

    def while_throttled(self, rest: Rest) -> None:
        self._http.rest = rest

    def ask(
        self,
        operation: RpcOperation,
        parameters: Mapping[str, object],
        *,
        names: Sequence[str] = (),
        request_id: str = "",
    ) -> Said:
        """The answer of an operation that succeeded. `names`: DeviceName.1 to .N, sent in the body.

        Raises CloudRefused where it surely did nothing, NeedsPerson E604 where one that makes something may have.
        """
        form = [(f"DeviceName.{number}", name) for number, name in enumerate(names, 1)]
        call = self._as_call(operation, parameters, form, request_id or uuid.uuid4().hex)
        told: Object | None = None

        def judge(answer: HttpAnswer) -> Again:
            nonlocal told  # a page of certificates is not parsed twice
            told = _table(answer)
            return codes.again(answer, told)

        def renew(call: Call) -> Call:
            return self._signed(call, form)

        answer = self._http.send(call, lambda _call: _HEADERS, judge, renew=renew)
        if told is not None and answer.status == 200 and told.get("Success") is True:
            return Said(table=told, call=call, body=answer.body)
        raise self._refusal(call, answer, told)

    def _refusal(self, call: Call, answer: HttpAnswer, told: Object | None) -> Exception:
        shown = answer.without(call.secrets)
        code = codes.code_of(told)
        if not call.repeatable and not codes.surely_did_nothing(answer.status, code):
            said = f"code {code}" if code else "not in this cloud's form"
            return outcome_unknown(call, f"HTTP {answer.status}, {said}", shown.body)
        if not code:
            page = answer.body.lstrip().startswith(b"<")
            what = "a web page: a proxy or captive portal may be answering" if page else "without “Success” or “Code”"
            return garbled(call.operation, f"the answer (HTTP {answer.status}) is {what}; request id {call.request_id}")
        return codes.refused(call, shown, code)

    def _as_call(
        self,
        operation: RpcOperation,
        parameters: Mapping[str, object],
        form: Sequence[tuple[str, str]],
        request_id: str,
    ) -> Call:
        own = {"Action": operation.action, "RegionId": self._account.region}
        if self._account.instance_id:
            own["IotInstanceId"] = self._account.instance_id
        own |= {name: str(value) for name, value in parameters.items()}
        return Call(
            operation=operation.words,
            method="POST",
            path="/",
            query=tuple(own.items()),
            body=signing.form(form).encode(),
            request_id=request_id,
            repeatable=not operation.makes,
            secrets=(self._account.access_secret,),
            read_timeout_s=_MAKING_TIMEOUT_S if operation.makes else 30.0,
        )

    def _signed(self, call: Call, form: Sequence[tuple[str, str]]) -> Call:
        query = {**dict(call.query), **signing.common(self._account.access_key)}
        signature = signing.signature(call.method, query | dict(form), self._account.access_secret)
        return replace(call, query=(*query.items(), ("Signature", signature)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer, and what it answers."""

    table: Object
    call: Call
    body: bytes

    @property
    def data(self) -> object:
        return self.table.get("Data")


def _table(answer: HttpAnswer) -> Object | None:
    """None when there is none to read, which is how a proxy and a portal answer."""
    try:
        table = parse_object(answer.body, "answer")
        optional_text(table, "Code", "answer")
    except CloudGarbled:
        return None
    return table
