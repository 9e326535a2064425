# SPDX-License-Identifier: GPL-3.0-or-later
"""Alibaba Cloud IoT Platform: products, batches of devices, and the pages of their certificates.

Queries are repeated after transient faults. What makes something is sent once: CloudRefused when the cloud surely did
nothing, NeedsPerson E604 when it may have; journal the request id before. A batch is a `ApplyId`; names are checked by
one call and become devices by another, and how far the cloud is can be asked, which settles the doubt of the second.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from station.cloud.aliyun_iot import answers, codes
from station.cloud.aliyun_iot.answers import Stage
from station.cloud.aliyun_iot.rpc import AliyunAccount, Rpc, RpcOperation
from station.cloud.capabilities import BatchNotReady, PageSizes
from station.cloud.device_names import name_faults, require_names
from station.cloud.http import outcome_unknown
from station.cloud.limits import ALIYUN_IOT_DEVICE_NAME
from station.cloud.retry import Rest, Retry
from station.cloud.strict_json import garbled
from station.cloud.values import BatchId, Odd, Page, Product
from station.cloud.whose import called
from station.codes import Code
from station.errors import CloudFault, CloudGarbled, CloudRefused, OutcomeUnknown, UsageError
from station.model import CertName, Identity, Provider

MAX_NAMES = 1000  # one edition of the document says 1,000, a later one 10,000: the smaller is right in both
MAX_DEVICES = 10_000
PAGES = PageSizes(usual=50, most=50, sets=0)
_CHECKING_S = 60.0
_LOOK_S = 1.0
_UNASKED = "or set cloud.aliyun_iot.ask_states = false, and nothing tells which devices are in use"

_PRODUCTS = RpcOperation("list products", "QueryProductList")
_PRODUCT = RpcOperation("show a product", "QueryProduct")
_CHECK_NAMES = RpcOperation("upload device names", "BatchCheckDeviceNames", makes=True)
_REGISTER = RpcOperation("generate certificates", "BatchRegisterDevice", makes=True)
_REGISTER_NAMED = RpcOperation("generate from uploaded names", "BatchRegisterDeviceWithApplyId", makes=True)
_PROGRESS = RpcOperation("ask how far a batch is", "QueryBatchRegisterDeviceStatus")
_PAGE = RpcOperation("query certificates", "QueryPageByApplyId")
_STATE = RpcOperation("ask whether devices are in use", "BatchGetDeviceState")


class AliyunIot:
    """One instance. Safe for several threads."""

    provider = Provider.ALIYUN_IOT
    most_names = MAX_NAMES
    page_sizes = PAGES

    def __init__(self, account: AliyunAccount, *, calls_per_s: float = 5.0, retry: Retry | None = None) -> None:
        self._rpc = Rpc(account, calls_per_s=calls_per_s, retry=retry)
        self.account = called(account.access_key, account.url, account.instance_id)
        self._ask_states = account.ask_states
        self.withhold_unsaid = account.withhold_unsaid
        self._made: dict[BatchId, tuple[Odd, ...]] = {}

    def while_throttled(self, rest: Rest) -> None:
        """From now on the cloud's flow control is waited out with `rest`."""
        self._rpc.while_throttled(rest)

    def close(self) -> None:
        self._rpc.close()

    def ping(self) -> None:
        """Address, keys, instance and clock are right; a list of one product costs nothing."""
        answers.products(self._rpc.ask(_PRODUCTS, {"CurrentPage": 1, "PageSize": 1}).data, _PRODUCTS.words)

    def products(self, page_size: int = 50) -> Iterator[Product]:
        """All products of the instance. The list says neither a product's state nor its secret."""
        seen: set[str] = set()
        for number in range(1, 10_000):
            said = self._rpc.ask(_PRODUCTS, {"CurrentPage": number, "PageSize": page_size})
            listed, total = answers.products(said.data, f"{_PRODUCTS.words}, page {number}")
            new = [product for product in listed if product.product_key not in seen]
            seen.update(product.product_key for product in new)
            yield from new
            if not new or (total is None and len(listed) < page_size) or (total is not None and len(seen) >= total):
                return

    def product(self, product_key: str) -> Product:
        product = answers.product(self._rpc.ask(_PRODUCT, {"ProductKey": product_key}).data, _PRODUCT.words)
        if product.product_key != product_key:
            raise garbled(_PRODUCT.words, "the answer is about another product")
        return product

    def generate(self, product_key: str, amount: int, *, request_id: str) -> BatchId:
        """`amount` devices with names of the cloud's choice."""
        if not 1 <= amount <= MAX_DEVICES:
            raise UsageError(
                f"{amount} devices cannot be registered at once",
                do=f"ask for 1 to {MAX_DEVICES} a batch",
                code=Code.E121,
            )
        return self._make(_REGISTER, {"ProductKey": product_key, "Count": amount}, request_id)

    def name_faults(self, names: Sequence[str]) -> list[str]:
        return name_faults(names, ALIYUN_IOT_DEVICE_NAME)

    def upload_names(self, product_key: str, names: Sequence[str], *, request_id: str) -> BatchId:
        """A batch of 1 to 1000 names; no device exists until `generate_named`."""
        require_names(names, ALIYUN_IOT_DEVICE_NAME, MAX_NAMES)
        return self._make(_CHECK_NAMES, {"ProductKey": product_key}, request_id, names)

    def generate_named(self, product_key: str, batch: BatchId, *, request_id: str) -> BatchId:
        """Sent only when every name was found good; not at all where the cloud says that it was asked before."""
        found = self._checked(batch, product_key)
        if found.stage.was_asked_for:
            return batch
        if found.stage is not Stage.CHECK_SUCCESS:
            raise _bad_names(batch, found)
        try:
            return self._make(_REGISTER_NAMED, {"ProductKey": product_key, "ApplyId": batch}, request_id)
        except OutcomeUnknown:
            if self._was_asked_for(batch, product_key):
                return batch
            raise

    def page(self, batch: BatchId, number: int, size: int = PAGES.usual, *, product_key: str = "") -> Page:
        """Page `number` (from 1) of a batch. BatchNotReady while the cloud still makes it."""
        if not product_key:
            raise UsageError(
                f"the pages of batch {batch} do not say of which product it is", do="add --product KEY", code=Code.E121
            )
        where = f"batch {batch}, page {number}"
        failed = self._require_made(batch, product_key)
        said = self._rpc.ask(_PAGE, {"ApplyId": batch, "CurrentPage": number, "PageSize": size})
        page = answers.page(said.table, number, where, product_key=product_key)
        if number == 1:
            page = replace(page, odd=(*page.odd, *failed))
        return self._with_states(page, product_key, where) if self._ask_states and page.items else page

    def nvr_page(self, _batch: BatchId, _product_key: str, number: int, _size: int, /) -> Page:
        """This cloud has no sets."""
        return Page(number=number, items=(), total=0)

    def _make(
        self, operation: RpcOperation, parameters: dict[str, object], request_id: str, names: Sequence[str] = ()
    ) -> BatchId:
        said = self._rpc.ask(operation, parameters, names=names, request_id=request_id)
        if operation is _REGISTER_NAMED:  # its answer need not name the batch again
            return BatchId(str(parameters["ApplyId"]))
        try:
            return answers.apply_id(said.data, f"{operation.words}, request id {request_id}")
        except CloudGarbled as error:  # it said yes, but not to which batch
            raise outcome_unknown(said.call, error.what, said.body) from error

    def _progress(self, batch: BatchId, product_key: str) -> answers.BatchProgress:
        said = self._rpc.ask(_PROGRESS, {"ProductKey": product_key, "ApplyId": batch})
        return answers.progress(said.data, f"{_PROGRESS.words}, batch {batch}")

    def _checked(self, batch: BatchId, product_key: str) -> answers.BatchProgress:
        """Once the cloud is through with the names. BatchNotReady when that takes long."""
        until = time.monotonic() + _CHECKING_S
        while (found := self._progress(batch, product_key)).stage is Stage.CHECK:
            if time.monotonic() > until:
                raise BatchNotReady(f"batch {batch}: the cloud still checks its names", do="run it again later")
            time.sleep(_LOOK_S)
        return found

    def _was_asked_for(self, batch: BatchId, product_key: str) -> bool:
        """Whether the cloud itself says so; no answer is no proof."""
        try:
            return self._progress(batch, product_key).stage.was_asked_for
        except CloudFault:
            return False

    def _require_made(self, batch: BatchId, product_key: str) -> tuple[Odd, ...]:
        """What of it was not made, once the rest is: before, pages are short and totals too small."""
        if batch not in self._made:
            found = self._progress(batch, product_key)
            if found.stage is Stage.CHECK_FAILED:
                raise _bad_names(batch, found)
            if not found.stage.was_asked_for:
                raise BatchNotReady(
                    f"batch {batch} has names and no devices yet", do=f"run: station batch generate --batch {batch}"
                )
            if found.stage is Stage.CREATE:
                raise BatchNotReady(f"batch {batch} is still being made", do="wait, then pull again")
            self._made[batch] = answers.failed(found, product_key, f"batch {batch}")
        return self._made[batch]

    def _with_states(self, page: Page, product_key: str, where: str) -> Page:
        names = [item.name.device_name for item in page.items]
        known = self._states(product_key, names, where)
        if not known:
            raise UsageError(
                f"{where}: the cloud knows none of these devices in product {product_key}",
                means="nothing of this page was stored",
                do="check --product; station product list shows them",
                code=Code.E121,
            )
        items: list[Identity] = []
        odd = list(page.odd)
        for item in page.items:
            found = known.get(item.name.device_name)
            if why := _why_not(item, found, product_key):
                odd.append(Odd(key=str(item.name), place=where, why=why, raw=""))
            elif found:
                items.append(replace(item, primary=replace(item.primary, cloud_status=found.status)))
        return replace(page, items=tuple(items), odd=tuple(odd))

    def _states(self, product_key: str, names: Sequence[str], where: str) -> dict[str, answers.DeviceState]:
        """One that the cloud does not know makes it refuse all: then each is asked for alone."""
        try:
            said = self._rpc.ask(_STATE, {"ProductKey": product_key}, names=names)
        except CloudRefused as error:
            if any(code in error.what for code in codes.NO_RIGHT):
                raise CloudRefused(error.what, means=error.means, do=f"{error.do}; {_UNASKED}") from error
            if codes.NO_DEVICE not in error.what:
                raise
            if len(names) == 1:
                return {}
            return {k: v for name in names for k, v in self._states(product_key, [name], where).items()}
        return answers.states(said.table, where)


def _why_not(item: Identity, found: answers.DeviceState | None, product_key: str) -> str:
    if found is None:
        return f"the cloud knows no such device in product {product_key}"
    if found.iot_id and item.primary.iot_id and found.iot_id != item.primary.iot_id:
        return f"its IotId is not that of {CertName(product_key, item.name.device_name)}"
    return ""


def _bad_names(batch: BatchId, found: answers.BatchProgress) -> CloudRefused:
    listed = [f"{name}: {said}" if said else name for name, said in found.invalid.items()]
    more = f" and {len(listed) - 10} more" if len(listed) > 10 else ""
    return CloudRefused(
        f"batch {batch}: the cloud does not take {len(listed)} of its names: {'; '.join(listed[:10])}{more}",
        means="no device of this batch was made",
        do="correct the list and upload it again",
    )
