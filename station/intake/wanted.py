# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a batch before it is pulled: from our journal, from the caller, and by asking for its first page.

The cloud has two operations for two kinds of batch and no field that tells which is which, so where the journal does
not know, both are tried.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from station.cloud.capabilities import BatchNotReady, Certificates, ParameterRefused
from station.cloud.clouds import name_one
from station.cloud.values import BatchId, Odd, Page
from station.codes import Code
from station.errors import UsageError
from station.intake.journalled import GENERATE_NVR
from station.ledger.store import Ledger
from station.ledger.values import BatchKey, CloudRequest
from station.model import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A batch to pull, as far as it is known beforehand. `amount`, `names`: what was asked of the cloud. `is_nvr` None:
    nobody knows yet.
    """

    batch_id: BatchId
    product_key: str = ""
    is_nvr: bool | None = False
    amount: int | None = None
    names: frozenset[str] = frozenset()


def cloud_of(ledger: Ledger, batch_id: str) -> Provider | None:
    """The cloud that a batch was asked of or pulled from; None when nobody here knows. UsageError where several have
    one of this number.
    """
    asked = {request.provider for request in ledger.requests.of_batch(batch_id)}
    clouds = asked | {key.provider for key in _received(ledger, batch_id)}
    if len(clouds) > 1:
        several = f"several clouds have a batch {batch_id}"
        raise UsageError(several, means="nothing was sent", do=name_one(sorted(clouds)))
    return next(iter(clouds), None)


def find_batch(
    ledger: Ledger,
    batch_id: str,
    *,
    product_key: str = "",
    is_nvr: bool | None = None,
    provider: Provider | None = None,
) -> Wanted:
    """What the caller, else our journal or an earlier pull, knows of a batch of that cloud. UsageError where caller and
    journal disagree about its product.
    """
    known = Wanted(batch_id=BatchId(batch_id), product_key=product_key, is_nvr=is_nvr)
    request = _journalled(ledger, batch_id, provider)
    if request:
        known = _with_what_was_asked(known, request)
    if not known.product_key:
        pulled = {key.product_key for key in _received(ledger, batch_id) if provider in (None, key.provider)}
        known = replace(known, product_key=pulled.pop() if len(pulled) == 1 else "")
    if known.is_nvr and not known.product_key:
        raise UsageError(f"NVR batch {batch_id} needs its product", do="add --product PRODUCT_KEY", code=Code.E121)
    return known


def _with_what_was_asked(given: Wanted, request: CloudRequest) -> Wanted:
    """The caller's word on its kind goes before the journal's; on its product they must agree."""
    if given.product_key and given.product_key != request.product_key:
        raise _other_product(given.batch_id, request.product_key, given.product_key)
    amount, names = request.detail.get("amount"), request.detail.get("names")
    return replace(
        given,
        product_key=request.product_key,
        is_nvr=request.operation == GENERATE_NVR if given.is_nvr is None else given.is_nvr,
        amount=amount if isinstance(amount, int) else None,
        names=frozenset(str(name) for name in names) if isinstance(names, list) else frozenset(),
    )


def with_its_kind(cloud: Certificates, wanted: Wanted) -> Wanted:
    """Ask both operations for the first page where the kind is not known. Ordinary when neither has anything yet, or
    without a product, which the NVR operation must be given.
    """
    if wanted.is_nvr is not None:
        return wanted
    if not cloud.page_sizes.sets:
        return replace(wanted, is_nvr=False)
    with suppress(BatchNotReady, ParameterRefused):
        first = cloud.page(wanted.batch_id, 1, cloud.page_sizes.sets, product_key=wanted.product_key)
        if not first.is_empty:
            return replace(wanted, is_nvr=False)
    if wanted.product_key:
        with suppress(BatchNotReady, ParameterRefused):
            if not cloud.nvr_page(wanted.batch_id, wanted.product_key, 1, cloud.page_sizes.sets).is_empty:
                return replace(wanted, is_nvr=True)
    return replace(wanted, is_nvr=False)


def as_wanted(wanted: Wanted, page: Page) -> Page:
    """Items that the batch was not asked for are odd: of another product, or of a name that was not uploaded, since the
    upload's answer does not say whether the cloud changed one. UsageError for a page of nothing but another product.
    """
    if wanted.product_key and page.items:
        products = {item.primary.product_key for item in page.items}
        if wanted.product_key not in products:
            raise _other_product(wanted.batch_id, min(products), wanted.product_key)
    items, odd = [], list(page.odd)
    for item in page.items:
        why = ""
        if wanted.product_key and item.primary.product_key != wanted.product_key:
            why = f"it is of another product than {wanted.product_key}"
        elif wanted.names and item.name.device_name not in wanted.names:
            why = "it is not among the names that were uploaded: compare the batch in the cloud's console with the list"
        if why:
            odd.append(Odd(key=str(item.name), place=f"batch {wanted.batch_id}, page {page.number}", why=why, raw=""))
        else:
            items.append(item)
    return replace(page, items=tuple(items), odd=tuple(odd))


def _received(ledger: Ledger, batch_id: str) -> list[BatchKey]:
    keys = [row.key for row in ledger.batches.all()]
    return [key for key in keys if key.batch_id == batch_id and key.source == "cloud"]


def _journalled(ledger: Ledger, batch_id: str, provider: Provider | None) -> CloudRequest | None:
    """The request that asked for the most: uploading names comes before generating from them, and knows them."""
    found = ledger.requests.of_batch(batch_id, provider)
    return next((request for request in found if "amount" in request.detail), found[0] if found else None)


def _other_product(batch_id: str, its: str, given: str) -> UsageError:
    return UsageError(
        f"batch {batch_id} is of product {its}, not of {given}",
        means="nothing of it was stored",
        do=f"check the batch id; if it is meant: station pull {batch_id} --product {its}",
        code=Code.E121,
    )
