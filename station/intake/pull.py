# SPDX-License-Identifier: GPL-3.0-or-later
"""A Living Link batch into the ledger, one transaction a page. Killed at any page and run again, or run twice at once,
the ledger is the same as after one clean pull.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from station.cloud.living import NVR_PAGE_SIZE, PAGE_SIZE, LivingLink
from station.cloud.paging import BatchIncomplete, Patience, all_pages
from station.cloud.values import BatchId, Page
from station.errors import CloudFault, CloudGarbled, UsageError
from station.intake.generate import GENERATE_NVR
from station.intake.progress import Meter, Show, Stop, never, resting, say_nothing, show_nothing
from station.ledger import journal, queries
from station.ledger.store import Ledger
from station.ledger.values import BatchKey, CloudRequest, Receipt
from station.model import CertName, Identity, Provider, Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A batch to pull, as far as it is known beforehand. `amount`, `names`: what was asked of the cloud."""

    batch_id: BatchId
    product_key: str = ""
    is_nvr: bool = False
    amount: int | None = None
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PullReport:
    """What a pull did. Counts are of identities: a set counts once."""

    batch_id: BatchId
    product_key: str
    held: int  # distinct identities of the batch that came, in this pull or an earlier one
    total: int | None
    receipt: Receipt
    unsaid_withheld: bool
    pages: int
    complete: bool
    seconds: float


def find_batch(
    ledger: Ledger, living: LivingLink, batch_id: str, *, product_key: str = "", is_nvr: bool | None = None
) -> Wanted:
    """What our journal, else the cloud, knows of a batch. `is_nvr` None: as the journal says, else the product."""
    request = _journalled(ledger, batch_id)
    product = product_key or (request.product_key if request else "")
    if is_nvr is None:
        is_nvr = request.operation == GENERATE_NVR if request else bool(product) and living.product(product).is_nvr
    if is_nvr and not product:
        raise UsageError(f"NVR batch {batch_id} needs its product", do="add --product PRODUCT_KEY", code="E121")
    names = request.detail.get("names") if request else None
    amount = request.detail.get("amount") if request else None
    return Wanted(
        batch_id=BatchId(batch_id),
        product_key=product,
        is_nvr=is_nvr,
        amount=amount if isinstance(amount, int) else None,
        names=frozenset(str(name) for name in names) if isinstance(names, list) else frozenset(),
    )


def _journalled(ledger: Ledger, batch_id: str) -> CloudRequest | None:
    """The request that asked for the most: uploading names comes before generating from them, and knows them."""
    found = [request for request in journal.requests(ledger) if request.batch_id == batch_id]
    return next((request for request in found if "amount" in request.detail), found[0] if found else None)


def pull(
    ledger: Ledger,
    living: LivingLink,
    wanted: Wanted,
    *,
    with_product_secret: bool = False,
    recheck: bool = False,
    page_size: int | None = None,
    patience: Patience | None = None,
    show: Show = show_nothing,
    say: Callable[[str], None] = say_nothing,
    stop: Stop = never,
) -> PullReport:
    """Pull until all of the batch is held, or `stop()` between two pages. CloudFault leaves what came in the ledger.

    A certificate to which the cloud gives another status than inactive is withheld, one known with other content left
    out, one without a status READY unless the account withholds it; the receipt counts them all.
    `recheck` goes through all pages again, which finds what came into use elsewhere since.
    `say` is told why nothing comes at the moment.
    """
    began = time.monotonic()
    held = set() if recheck else queries.names_of_batch(ledger.connection, Provider.LIVING, wanted.batch_id)
    meter = Meter(len(held))
    receipt = Receipt()
    pages = 0
    total = wanted.amount
    product = wanted.product_key
    dress = _with_product_secret(living) if with_product_secret else _as_it_came
    pages_of_batch = all_pages(
        _fetcher(living, wanted),
        batch=wanted.batch_id,
        size=page_size or (NVR_PAGE_SIZE if wanted.is_nvr else PAGE_SIZE),
        held=lambda: len(held),
        expected=wanted.amount,
        patience=patience or _patience(wanted),
        rest=resting(say, stop),
    )
    try:
        for page in _naming_the_missing(wanted, held, pages_of_batch):
            _require_uploaded_names(wanted, page)
            if page.items:
                product = product or page.items[0].primary.product_key
                dressed = [dress(item) for item in page.items]
                key = _key(wanted, product)
                receipt += ledger.receive(key, dressed, withhold_unsaid=living.withhold_unsaid, from_cloud=True)
                held.update(item.name for item in page.items)
            pages += 1
            total = max(page.total or 0, total or 0) or None
            show(meter.at(len(held), total))
            if stop():
                break
    except CloudFault:
        if not stop():  # else it is only that a wait for the cloud was ended
            raise
    complete = not stop() or (total is not None and len(held) >= total)
    if held:
        ledger.batch_total(_key(wanted, product), total or len(held), complete=complete)
    return PullReport(
        batch_id=wanted.batch_id,
        product_key=product,
        held=len(held),
        total=total,
        receipt=receipt,
        unsaid_withheld=living.withhold_unsaid,
        pages=pages,
        complete=complete,
        seconds=time.monotonic() - began,
    )


def _patience(wanted: Wanted) -> Patience:
    """A batch of ours will come; one that nobody here asked for may be a slip of the pen."""
    return Patience() if wanted.amount else Patience(seconds=20.0)


def _fetcher(living: LivingLink, wanted: Wanted) -> Callable[[int, int], Page]:
    if wanted.is_nvr:
        return lambda number, size: living.nvr_page(wanted.batch_id, wanted.product_key, number, size)
    return lambda number, size: living.page(wanted.batch_id, number, size)


def _key(wanted: Wanted, product: str) -> BatchKey:
    return BatchKey(provider=Provider.LIVING, batch_id=wanted.batch_id, product_key=product)


def _require_uploaded_names(wanted: Wanted, page: Page) -> None:
    """The upload's answer does not say whether the cloud changed a name, so the certificates must."""
    if not wanted.names:
        return
    for item in page.items:
        if item.name.device_name not in wanted.names:
            raise CloudGarbled(
                f"batch {wanted.batch_id}, page {page.number}: {item.name} is not among the names that were uploaded",
                means="this page was not stored",
                do="compare the batch in the cloud's console with the name list",
            )


def _naming_the_missing(wanted: Wanted, held: set[CertName], pages: Iterator[Page]) -> Iterator[Page]:
    """An upload may lose names without a word; whoever waits for them is told which."""
    try:
        yield from pages
    except BatchIncomplete as error:
        missing = sorted(wanted.names - {name.device_name for name in held})
        if not missing:
            raise
        more = f" and {len(missing) - 10} more" if len(missing) > 10 else ""
        what = f"{error.what}; missing are {', '.join(missing[:10])}{more}"
        raise BatchIncomplete(what, means=error.means, do=error.do) from error


def _as_it_came(identity: Identity) -> Identity:
    return identity


def _with_product_secret(living: LivingLink) -> Callable[[Identity], Identity]:
    """Certificates do not carry it; their product does. One query a product."""
    secrets: dict[str, Secret | None] = {}

    def dress(identity: Identity) -> Identity:
        for key in {certificate.product_key for certificate in identity} - secrets.keys():
            secrets[key] = living.product(key).product_secret
        primary, *channels = (replace(c, product_secret=secrets[c.product_key]) for c in identity)
        return replace(identity, primary=primary, channels=tuple(channels))

    return dress
