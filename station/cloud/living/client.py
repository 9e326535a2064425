# SPDX-License-Identifier: GPL-3.0-or-later
"""Alibaba Living Link: its eight operations as typed functions, and `ping`.

Queries are repeated after transient faults. What makes something (generate, upload) is sent once: it raises
CloudRefused when the cloud surely did nothing, and NeedsPerson E604 when it may have; journal the request id before.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from station.cloud.capabilities import PageSizes
from station.cloud.device_names import name_faults, require_names
from station.cloud.http import Call, Http, HttpAnswer, outcome_unknown
from station.cloud.limits import LIVING_DEVICE_NAME
from station.cloud.living import answers, codes
from station.cloud.living.signing import headers_for
from station.cloud.living.tokens import Token, TokenCache, token_from
from station.cloud.retry import Again, Rest, Retry
from station.cloud.shared_token import SharedToken, TokenPlace
from station.cloud.strict_json import Object, garbled, optional_number, optional_text, parse_object
from station.cloud.values import BatchId, Page, Product
from station.cloud.whose import called
from station.errors import CloudGarbled, UsageError
from station.model import Provider, Secret

MAX_NAMES = 1000  # a batch, by the document
MAX_NVR = 10_000
# The document allows 200; a business code of the same service says "must be < 200".
PAGES = PageSizes(usual=100, most=200, sets=20)
_MAKING_TIMEOUT_S = 40.0  # the cloud's own limit for generate and upload is 25 s


@dataclass(frozen=True, slots=True, kw_only=True)
class LivingAccount:
    """A project's cloud keys (console: project settings, data synchronisation). `withhold_unsaid`: what this factory
    does with certificates that come without a status.
    """

    url: str
    app_key: str
    app_secret: Secret
    project_id: str
    withhold_unsaid: bool = False


@dataclass(frozen=True, slots=True)
class _Operation:
    """`versions`: apiVer as documented; where two pages disagree, the second is tried when the first is not there."""

    words: str
    path: str
    versions: tuple[str, ...]
    makes: bool = False
    with_token: bool = True


_TOKEN = _Operation("get a cloud token", "/cloud/token", ("1.0.1", "1.0.0"), with_token=False)
_REFRESH = _Operation("refresh the cloud token", "/cloud/token/refresh", ("1.0.1", "1.0.0"), with_token=False)
_PING = _Operation("check the connection", "/kit/debug/ping", ("1.0.0",), with_token=False)
_PRODUCTS = _Operation("list products", "/cloud/thing/productList/get", ("1.1.0", "1.1.2"))
_PRODUCT = _Operation("show a product", "/cloud/thing/product/get", ("1.1.0", "1.1.2"))
_GENERATE = _Operation("generate certificates", "/cloud/amount/device/generate", ("1.1.2",), makes=True)
_UPLOAD = _Operation("upload device names", "/cloud/device/name/upload", ("1.1.2", "1.1.3"), makes=True)
_GENERATE_NAMED = _Operation("generate from uploaded names", "/cloud/name/device/generate", ("1.1.2",), makes=True)
_QUERY = _Operation("query certificates", "/living/device/apply/query", ("1.0.1",))
_GENERATE_NVR = _Operation(
    "generate NVR certificates", "/living/cloud/product/nvr/device/generate", ("1.0.0",), makes=True
)
_QUERY_NVR = _Operation("query NVR certificates", "/living/cloud/product/nvr/device/cert/query", ("1.0.0",))


class LivingLink:
    """One project. Safe for several threads; processes on one PC share the token through `token_folder`."""

    provider = Provider.LIVING
    most_names = MAX_NAMES
    page_sizes = PAGES

    def __init__(
        self,
        account: LivingAccount,
        *,
        token_folder: Path,
        calls_per_s: float = 5.0,
        retry: Retry | None = None,
    ) -> None:
        self._account = account
        self.account = called(account.project_id, account.url)
        self._http = Http(account.url, calls_per_s=calls_per_s, retry=retry)
        self._owner = (account.url, account.app_key, account.project_id)
        self._tokens: TokenCache | SharedToken = TokenCache(
            token_folder, self._owner, ask=self._new_token, refresh=self._refreshed
        )

    def share_token(self, place: TokenPlace) -> None:
        self._tokens = SharedToken(place, self._owner, lambda: self._new_token().value)

    def while_throttled(self, rest: Rest) -> None:
        """From now on the cloud's flow control is waited out with `rest`."""
        self._http.rest = rest

    @property
    def withhold_unsaid(self) -> bool:
        return self._account.withhold_unsaid

    def close(self) -> None:
        self._http.close()

    def ping(self) -> None:
        """Address, keys and clock are right; needs no token and changes nothing."""
        if self._call(_PING, {"input": "test"}) != "test":
            raise garbled(_PING.words, "the echo differs")

    def products(self, page_size: int = 50) -> Iterator[Product]:
        """All products of the project. The list has no total: it ends at a short page or one without anything new."""
        seen: set[str] = set()
        for number in range(1, 10_000):
            data = self._call(_PRODUCTS, {"pageNo": number, "pageSize": page_size})
            listed = answers.products(data, f"{_PRODUCTS.words}, page {number}")
            new = [product for product in listed if product.product_key not in seen]
            seen.update(product.product_key for product in new)
            yield from new
            if len(listed) < page_size or not new:
                return

    def product(self, product_key: str) -> Product:
        product = answers.product(self._call(_PRODUCT, {"productKey": product_key}), _PRODUCT.words)
        if product.product_key != product_key:
            raise garbled(_PRODUCT.words, "the answer is about another product")
        return product

    def generate(self, product_key: str, amount: int, *, request_id: str) -> BatchId:
        """`amount` certificates with names of the cloud's choice. Costs activation codes."""
        if amount < 1:
            raise UsageError(f"{amount} certificates cannot be generated", do="give an amount of 1 or more")
        return self._make(_GENERATE, {"productKey": product_key, "amount": amount}, request_id)

    def name_faults(self, names: Sequence[str]) -> list[str]:
        return name_faults(names, LIVING_DEVICE_NAME)

    def upload_names(self, product_key: str, names: Sequence[str], *, request_id: str) -> BatchId:
        """A batch of 1 to 1000 names; its certificates do not exist until `generate_named`."""
        require_names(names, LIVING_DEVICE_NAME, MAX_NAMES)
        return self._make(_UPLOAD, {"productKey": product_key, "deviceNames": list(names)}, request_id)

    def generate_named(self, product_key: str, batch: BatchId, *, request_id: str) -> BatchId:
        return self._make(_GENERATE_NAMED, {"productKey": product_key, "batchId": batch}, request_id)

    def generate_nvr(self, product_key: str, amount: int, *, request_id: str) -> BatchId:
        """`amount` NVRs with their cameras."""
        if not 1 <= amount <= MAX_NVR:
            raise UsageError(f"{amount} NVRs cannot be generated", do=f"give an amount of 1 to {MAX_NVR}")
        return self._make(_GENERATE_NVR, {"productKey": product_key, "amount": amount}, request_id)

    def page(self, batch: BatchId, number: int, size: int = PAGES.usual, *, product_key: str = "") -> Page:  # noqa: ARG002
        """Page `number` (from 1) of an ordinary batch. BatchNotReady while the cloud still makes it."""
        data = self._call(_QUERY, {"applyId": batch, "pageNo": number, "pageSize": size})
        return answers.page(data, number, f"batch {batch}, page {number}")

    def nvr_page(self, batch: BatchId, product_key: str, number: int, size: int = PAGES.sets) -> Page:
        """Page `number` (from 1) of an NVR batch: whole sets."""
        params: Object = {"batchId": batch, "productKey": product_key, "pageNo": number, "pageSize": size}
        where = f"NVR batch {batch}, page {number}"
        return answers.nvr_page(self._call(_QUERY_NVR, params), number, where, product_key=product_key)

    def _make(self, operation: _Operation, params: Object, request_id: str) -> BatchId:
        self._tokens.get()  # whatever is wrong with the token is no doubt about what was made
        call, answer, envelope = self._ask(operation, params, request_id)
        data = self._data(call, answer, envelope)
        try:
            return answers.batch_id(data, f"{operation.words}, request id {request_id}")
        except CloudGarbled as error:  # it said yes, but not to which batch
            raise outcome_unknown(call, error.what, answer.body) from error

    def _new_token(self) -> Token:
        params = {"grantType": "project", "res": self._account.project_id}
        return token_from(self._call(_TOKEN, params), _TOKEN.words)

    def _refreshed(self, old: Token) -> Token:
        # One page of the documents wants the old token in `request`, another in `params`: it goes into both.
        return token_from(self._call(_REFRESH, {"cloudToken": old.value.reveal()}, token=old.value), _REFRESH.words)

    def _call(self, operation: _Operation, params: Object, *, token: Secret | None = None) -> object:
        """The answer's `data`."""
        return self._data(*self._ask(operation, params, uuid.uuid4().hex, token))

    def _ask(
        self, operation: _Operation, params: Object, request_id: str, token: Secret | None = None
    ) -> tuple[Call, HttpAnswer, Object | None]:
        """A token the cloud refuses is replaced once; the cloud did nothing for it."""
        if operation.with_token:
            token = self._tokens.get()
        call, answer, envelope = self._ask_version(operation, params, request_id, token)
        if operation.with_token and token and _refuses_token(answer, envelope):
            token = self._tokens.replace(token)
            call, answer, envelope = self._ask_version(operation, params, request_id, token)
        return call, answer, envelope

    def _ask_version(
        self, operation: _Operation, params: Object, request_id: str, token: Secret | None
    ) -> tuple[Call, HttpAnswer, Object | None]:
        """In the first of its versions that the cloud has; one it has not does nothing."""
        for version in operation.versions:
            call = self._as_call(operation, params, request_id, token, version)
            answer, envelope = self._exchange(call)
            if not _is_the_clouds(answer, envelope) or _code(answer, envelope) != codes.NOT_FOUND:
                break
        return call, answer, envelope

    def _exchange(self, call: Call) -> tuple[HttpAnswer, Object | None]:
        envelope: Object | None = None

        def sign(call: Call) -> dict[str, str]:
            return headers_for(call, app_key=self._account.app_key, app_secret=self._account.app_secret)

        def judge(answer: HttpAnswer) -> Again:
            nonlocal envelope  # a page of certificates is not parsed twice
            envelope = _envelope(answer)
            return codes.again(answer, _own_code(envelope))

        answer = self._http.send(call, sign, judge)
        if _code(answer, envelope) != codes.OK:  # a refusal is shown, and may echo what was sent
            answer = answer.without(call.secrets)
            envelope = _envelope(answer)
        return answer, envelope

    def _data(self, call: Call, answer: HttpAnswer, envelope: Object | None) -> object:
        code = _code(answer, envelope)
        if code == codes.OK and envelope is not None:
            return envelope.get("data")
        known = _is_the_clouds(answer, envelope) or code == codes.THROTTLED  # who throttles has not passed it on
        if not call.repeatable and not (known and codes.surely_did_nothing(code)):
            said = f"code {code}" if known else "not in this cloud's form"
            raise outcome_unknown(call, f"HTTP {answer.status}, {said}", answer.body)
        if answer.status != 200 and (envelope is None or code is None):
            raise codes.refused_by_gateway(call.operation, answer, call.request_id)
        if code is None or envelope is None:
            page = answer.body.lstrip().startswith(b"<")
            what = "a web page: a proxy or captive portal may be answering" if page else "without “code”"
            raise garbled(call.operation, f"the answer is {what}; request id {call.request_id}")
        where = f"{call.operation}, code {code}"
        message = optional_text(envelope, "message", where) or optional_text(envelope, "localizedMsg", where)
        raise codes.refused_by_service(call.operation, code, message, call.request_id)

    def _as_call(
        self, operation: _Operation, params: Object, request_id: str, token: Secret | None, version: str
    ) -> Call:
        request = {"apiVer": version} | ({"cloudToken": token.reveal()} if token else {})
        body = {"id": request_id, "version": "1.0", "request": request, "params": params}
        return Call(
            operation=operation.words,
            method="POST",
            path=operation.path,
            body=json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
            secrets=(self._account.app_secret, *([token] if token else [])),
            request_id=request_id,
            repeatable=not operation.makes,
            read_timeout_s=_MAKING_TIMEOUT_S if operation.makes else 30.0,
        )


def _envelope(answer: HttpAnswer) -> Object | None:
    """None when there is none to read, which is how the gateway, a proxy and a portal answer."""
    try:
        return parse_object(answer.body, "answer")
    except CloudGarbled:
        return None


def _own_code(envelope: Object | None) -> int | None:
    """The service's word; None when it gave none that can be read."""
    try:
        return optional_number(envelope, "code", "answer") if envelope is not None else None
    except CloudGarbled:
        return None


def _is_the_clouds(answer: HttpAnswer, envelope: Object | None) -> bool:
    """Whether the service or its gateway speaks. A proxy's or a portal's page, whatever its status, says nothing about
    what the cloud did.
    """
    return _own_code(envelope) is not None or bool(codes.gateway_message(answer))


def _code(answer: HttpAnswer, envelope: Object | None) -> int | None:
    code = _own_code(envelope)
    if code is not None:
        return code
    return answer.status if answer.status != codes.OK else None


def _refuses_token(answer: HttpAnswer, envelope: Object | None) -> bool:
    """Not when the gateway refuses the keys: a new token would help nobody and log the other benches out."""
    if _code(answer, envelope) != codes.AUTH_FAILED or not _is_the_clouds(answer, envelope):
        return False
    message = codes.gateway_message(answer).lower()
    return not message or "token" in message
