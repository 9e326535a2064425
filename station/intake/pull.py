# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch of a cloud into the ledger, one transaction a page. Killed at any page and run again, or run twice at once,
the ledger is the same as after one clean pull. What cannot be believed is set aside, and the rest comes in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from station.cloud.capabilities import Certificates, PageSizes
from station.cloud.paging import BatchIncomplete, Patience, all_pages
from station.cloud.values import BatchId, Odd, Page
from station.codes import Code
from station.errors import CloudFault, UsageError
from station.intake.alike import Alike
from station.intake.progress import Meter, Show, Stop, never, rest, resting, say_nothing, show_nothing
from station.intake.wanted import Wanted, as_wanted, with_its_kind
from station.ledger import odd
from station.ledger.store import Ledger
from station.ledger.values import BatchKey, Receipt
from station.model import CertName, Identity, IdentityKind, Provider, Secret

_AT_ONCE = 1000
"""Items a transaction, for a cloud that gives more than it is asked for: slots go on working meanwhile."""
_PAUSE_S = 0.5
"""Between two looks whether the other station has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullReport:
    """What a pull did. Counts are of identities (a set counts once), `certificates` of certificates. `complete`:
    nothing of the batch is missing, odd or in dispute; `stopped`: somebody ended it before.
    """

    provider: Provider
    batch_id: BatchId
    product_key: str
    is_nvr: bool
    held: int  # distinct identities of the batch that are here, by this pull or an earlier one
    known: int  # of these, what was here before
    conflicting: int  # left out: in dispute with what is here
    in_dispute: int  # names of it, also since an earlier pull
    certificates: int
    total: int | None
    odd: int  # set aside, see `ledger.odd`
    childless: tuple[CertName, ...]  # NVRs that came without cameras, in this pull
    receipt: Receipt
    unsaid_withheld: bool
    pages: int
    complete: bool
    stopped: bool
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """`recheck` goes through all pages again, which finds what came into use elsewhere since. `any_length`: by a
    person's word its secrets differ in length and are whole. `page_size`, `patience`: None as suits the batch.
    """

    with_product_secret: bool = False
    recheck: bool = False
    any_length: bool = False
    page_size: int | None = None
    patience: Patience | None = None


def _ignore(_kind: IdentityKind) -> None:
    pass


def _stay_silent() -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Who follows a pull. `say` is told why nothing comes at the moment; `taken_as` what the batch is, where nobody had
    said so and the cloud was asked; `waiting` is called when another station pulls the batch already."""

    show: Show = show_nothing
    say: Callable[[str], None] = say_nothing
    taken_as: Callable[[IdentityKind], None] = _ignore
    waiting: Callable[[], None] = _stay_silent
    stop: Stop = never


_AS_USUAL = How()
_NOBODY = Watcher()


def pull(
    ledger: Ledger, cloud: Certificates, wanted: Wanted, how: How = _AS_USUAL, watcher: Watcher = _NOBODY
) -> PullReport:
    """Pull until all of the batch is held or set aside, or `stop()`. CloudFault leaves what came in the ledger.

    One station at a time pulls a batch into a ledger. Another one waits, and then fetches what is missing still: where
    the first one was killed, it goes on at its page.
    A batch of sets that is here whole is gone through again: its sets may have got more cameras.
    A certificate to which the cloud gives another status than inactive is withheld, one known with other content is in
    dispute, one without a status READY unless the account withholds it; the receipt counts them all.
    """
    with _in_turn(ledger, cloud, wanted, watcher):
        if wanted.is_nvr is None:
            wanted = with_its_kind(cloud, wanted)
            watcher.taken_as(IdentityKind.SET if wanted.is_nvr else IdentityKind.SINGLE)
        return _pull(ledger, cloud, wanted, how, watcher)


@contextmanager
def _in_turn(ledger: Ledger, cloud: Certificates, wanted: Wanted, watcher: Watcher) -> Iterator[None]:
    """Whoever is to stop while it waits goes on, so as to say how far it is."""
    told = False
    while True:
        with ledger.batches.pulling(cloud.provider, wanted.batch_id) as ours:
            if ours or watcher.stop():
                yield
                return
        if not told:
            watcher.waiting()
            told = True
        rest(_PAUSE_S, watcher.stop)


def _pull(ledger: Ledger, cloud: Certificates, wanted: Wanted, how: How, watcher: Watcher) -> PullReport:
    run = _Run(ledger, cloud, wanted, how)
    try:
        for page in _naming_the_missing(wanted, run.came, run.pages(cloud, watcher)):
            run.take(page)
            watcher.show(run.meter.at(len(run.came), run.total))
            if watcher.stop():
                break
    except CloudFault:
        if not watcher.stop():  # else it is only that a wait for the cloud was ended
            raise
    stopped = watcher.stop() and (run.total is None or run.accounted() < run.total)
    return run.report(stopped=stopped)


class _Run:
    """One pull: what it holds, and what it saw on the way."""

    def __init__(self, ledger: Ledger, cloud: Certificates, wanted: Wanted, how: How) -> None:
        self._ledger = ledger
        self._wanted = wanted
        self._how = how
        self._provider = cloud.provider
        self._withhold_unsaid = cloud.withhold_unsaid
        self._alike = Alike(ledger, cloud.provider, wanted.batch_id)
        self._sizes, self._fetch = cloud.page_sizes, fetcher(cloud, wanted)
        self._dress = _with_product_secret(cloud) if how.with_product_secret else _as_it_came
        self._began = time.monotonic()
        known = ledger.batches.names(self._provider, wanted.batch_id)
        undressed = how.with_product_secret and ledger.batches.lacks_product_secret(self._provider, wanted.batch_id)
        self._doubted = ledger.disputes.about_sets(wanted.batch_id)
        filled = bool(wanted.is_nvr) and ledger.batches.holds_all(self._provider, wanted.batch_id)
        anew = how.recheck or undressed or self._doubted or filled
        self.came: set[CertName] = set() if anew else known
        self.from_start = bool(ledger.odd.open(self._provider, wanted.batch_id))
        self.meter = Meter(len(self.came))
        self.total = wanted.amount
        self._odd: set[str] = set()
        self._childless: list[CertName] = []
        self._seen: set[CertName] = set()  # certificates, where something is in doubt
        self._product = wanted.product_key
        self._receipt = Receipt()
        self._pages = 0

    def pages(self, cloud: Certificates, watcher: Watcher) -> Iterator[Page]:
        """As the cloud hands them out, until all is here."""
        wanted = self._wanted
        return all_pages(
            fetcher(cloud, wanted),
            batch=wanted.batch_id,
            size=_page_size(cloud.page_sizes, wanted, self._how.page_size),
            held=self.accounted,
            expected=wanted.amount,
            patience=self._how.patience or _patience(wanted),
            rest=resting(watcher.say, watcher.stop),
            from_start=self.from_start,
        )

    def accounted(self) -> int:
        """What came, believed or not."""
        unnamed = self._odd - {str(name) for name in self.came} if self._odd else ()
        return len(self.came) + len(unnamed)

    def _judged(self, page: Page) -> Page:
        """A small page that nothing is known of yet is judged by a larger one."""
        if self._how.any_length:
            return page
        if not self._alike.knows(page) and (page.total or 0) > len(page.items) + len(page.odd):
            size = self._sizes.sets if self._wanted.is_nvr else self._sizes.usual
            self._alike.see(self._fetch(1, size).items)
        return self._alike.judged(page)

    def take(self, page: Page) -> None:
        """Into the ledger, but for what is odd."""
        page = self._judged(as_wanted(replace(self._wanted, product_key=self._product), page))
        if page.odd:
            self._set_aside(page.odd)
        if page.items:
            self._receive(page.items)
        self._pages += 1
        self.total = max(page.total or 0, self.total or 0) or None

    def _set_aside(self, found: Sequence[Odd]) -> None:
        items = [odd.OddItem(item=o.key, place=o.place, why=o.why, raw=o.raw, seen_at="") for o in found]
        for start in range(0, len(items), _AT_ONCE):
            self._ledger.odd.record(self._provider, self._wanted.batch_id, items[start : start + _AT_ONCE])
        self._odd |= {item.item for item in items}

    def _receive(self, items: Sequence[Identity]) -> None:
        self._product = self._product or items[0].primary.product_key
        dressed = [self._dress(item) for item in items]
        for start in range(0, len(dressed), _AT_ONCE):
            self._receipt += self._ledger.receive(
                self._key,
                dressed[start : start + _AT_ONCE],
                withhold_unsaid=self._withhold_unsaid,
                from_cloud=True,
            )
        if self._doubted:
            self._seen |= {certificate.name for item in items for certificate in item}
        names = {item.name for item in items}
        self.came |= names
        self._childless += [i.name for i in items if i.kind is IdentityKind.SET and not i.channels]
        if self._odd or self.from_start:
            self._ledger.odd.heal(self._provider, self._wanted.batch_id, names)

    def report(self, *, stopped: bool) -> PullReport:
        """And what the ledger is to remember of the batch as a whole."""
        batch_id = self._wanted.batch_id
        if not stopped and self.from_start:
            self._ledger.odd.heal_all_but(self._provider, batch_id, self._odd)
        set_aside = len(self._ledger.odd.open(self._provider, batch_id))
        left_out = set(self._receipt.left_out)
        held = len(self.came - left_out)
        if self._doubted and not stopped and not set_aside:
            self._ledger.disputes.withdraw(batch_id, self._seen - set(self._receipt.conflicts))
        disputed = {dispute.name for dispute in self._ledger.disputes.open(batch_id=batch_id)}
        complete = not stopped and not set_aside and not left_out and not disputed
        total = self.total or self.accounted()
        if self._product and (self.came or self._odd):
            self._ledger.batches.note_total(self._key, total, complete=complete)
        return PullReport(
            provider=self._provider,
            batch_id=batch_id,
            product_key=self._product,
            is_nvr=bool(self._wanted.is_nvr),
            held=held,
            known=held - self._receipt.new,
            conflicting=len(left_out),
            in_dispute=len(disputed),
            certificates=self._ledger.batches.certificates(self._provider, batch_id),
            total=self.total,
            odd=set_aside,
            childless=tuple(dict.fromkeys(self._childless)),
            receipt=self._receipt,
            unsaid_withheld=self._withhold_unsaid,
            pages=self._pages,
            complete=complete,
            stopped=stopped,
            seconds=time.monotonic() - self._began,
        )

    @property
    def _key(self) -> BatchKey:
        return BatchKey(provider=self._provider, batch_id=self._wanted.batch_id, product_key=self._product)


def _page_size(sizes: PageSizes, wanted: Wanted, asked: int | None) -> int:
    most = sizes.sets if wanted.is_nvr else sizes.most
    if not most:
        raise UsageError(f"batch {wanted.batch_id}: this cloud has no NVR sets", do="leave out --nvr", code=Code.E121)
    kind = "NVR sets" if wanted.is_nvr else "certificates"
    if asked is not None and not 1 <= asked <= most:
        raise UsageError(
            f"the cloud gives 1 to {most} {kind} a page, not {asked}", do=f"--page-size 1 to {most}", code=Code.E121
        )
    return asked or (sizes.sets if wanted.is_nvr else sizes.usual)


def _patience(wanted: Wanted) -> Patience:
    """A batch of ours will come; one that nobody here asked for may be a slip of the pen."""
    return Patience() if wanted.amount else Patience(seconds=20.0)


def fetcher(cloud: Certificates, wanted: Wanted) -> Callable[[int, int], Page]:
    """A batch's page by its number and size."""
    if wanted.is_nvr:
        return lambda number, size: cloud.nvr_page(wanted.batch_id, wanted.product_key, number, size)
    return lambda number, size: cloud.page(wanted.batch_id, number, size, product_key=wanted.product_key)


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


def _with_product_secret(cloud: Certificates) -> Callable[[Identity], Identity]:
    """Certificates do not carry it; their product does. One query a product."""
    secrets: dict[str, Secret | None] = {}

    def dress(identity: Identity) -> Identity:
        for key in {certificate.product_key for certificate in identity} - secrets.keys():
            secrets[key] = cloud.product(key).product_secret
        primary, *channels = (replace(c, product_secret=secrets[c.product_key]) for c in identity)
        return replace(identity, primary=primary, channels=tuple(channels))

    return dress
