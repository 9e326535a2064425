# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch asked about again: where the cloud and this ledger differ. Nothing new comes in by it.

What is in use there and was on no board here is withheld, as a pull that rechecks does. May be ended anywhere and goes
on where it was; answers older than a day are asked for anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from station.cloud.capabilities import Certificates, NoSuchDevice, Registering
from station.cloud.paging import Patience, all_pages
from station.cloud.values import Page
from station.errors import CloudFault
from station.intake.progress import Meter, Show, Stop, never, resting, say_nothing, show_nothing
from station.intake.pull import fetcher
from station.intake.recheck import status_of
from station.intake.reconcile_progress import Heard, HeardSoFar
from station.intake.same_account import require_same_account
from station.intake.wanted import find_batch, with_its_kind
from station.ledger.store import Ledger
from station.ledger.tracing import Trace
from station.model import STATUS_INACTIVE, STATUS_NOT_SAID, CertName, Provider, State

_DAY_S = 86400.0
_AT_ONCE = 50
"""Devices a transaction, where they are asked about one by one."""


class Differs(StrEnum):
    """How."""

    LEAKED = "leaked"  # in use there, and on no board here
    NEVER_ACTIVE = "never-active"  # on a board here for so long, and never in use there
    UNKNOWN = "unknown"  # there, and not here
    FREE = "free"  # withheld here, and never used there
    GONE = "gone"  # here, and no longer there


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`state` and `board_uid`: here, "" where it is not; `status`: there, None where there is none; `since`: in its
    state here, ISO 8601."""

    kind: Differs
    name: CertName
    state: str = ""
    board_uid: str = ""
    status: int | None = None
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """`asked`: certificates that the cloud told of; `unsaid`: those whose use it does not tell; `lists`: it can say
    what it has beside those that are here; `whole`: nobody ended it, and no `fault` of the cloud did."""

    batch_id: str
    asked: int
    unsaid: int
    lists: bool
    whole: bool
    differences: tuple[Difference, ...]
    fault: CloudFault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """How a batch is asked about. `days`: how long a board may take until it is in use."""

    days: int
    show: Show = show_nothing
    say: Callable[[str], None] = say_nothing
    stop: Stop = never


def reconcile_pulled(ledger: Ledger, cloud: Certificates, batch_id: str, inquiry: Inquiry) -> Reconciled:
    """Page by page. CloudFault where nothing was answered before it."""
    ledger.outside.require_believed()
    wanted = with_its_kind(cloud, find_batch(ledger, batch_id, provider=cloud.provider))
    here = _here(ledger, cloud.provider, batch_id, inquiry.days)
    with HeardSoFar.of(ledger.path.parent, cloud.provider, batch_id) as heard:
        meter, broken = Meter(len(heard.primaries)), _Broken(heard)
        pages = all_pages(
            fetcher(cloud, wanted),
            batch=batch_id,
            size=cloud.page_sizes.sets if wanted.is_nvr else cloud.page_sizes.usual,
            held=lambda: len(heard.primaries),
            expected=None,
            patience=Patience(seconds=20.0),
            rest=resting(inquiry.say, inquiry.stop),
        )
        with broken:
            for page in pages:
                statuses = {one.name: one.cloud_status for item in page.items for one in item}
                ledger.hear(batch_id, {name: status for name, status in statuses.items() if name in here.traces})
                heard.add(statuses, _named(page))
                inquiry.show(meter.at(len(heard.primaries), page.total))
                if inquiry.stop():
                    break
        whole = broken.fault is None and not inquiry.stop()
        found = _differences(ledger, batch_id, here, heard, lists=True, whole=whole)
        return _ended(batch_id, heard, found, lists=True, whole=whole, fault=broken.fault)


def reconcile_registered(ledger: Ledger, cloud: Registering, batch_id: str, inquiry: Inquiry) -> Reconciled:
    """Device by device; what the cloud has beside them nobody can ask. CloudFault likewise."""
    ledger.outside.require_believed()
    require_same_account(ledger, cloud, batch_id)
    here = _here(ledger, cloud.provider, batch_id, inquiry.days)
    with HeardSoFar.of(ledger.path.parent, cloud.provider, batch_id) as heard:
        left = [name for name in here.traces if name not in heard.said]
        meter, broken = Meter(len(heard.said)), _Broken(heard)
        with broken:
            for start in range(0, len(left), _AT_ONCE):
                if inquiry.stop():
                    break
                statuses = dict[CertName, Heard]()
                try:
                    for name in left[start : start + _AT_ONCE]:
                        statuses[name] = _asked(cloud, name)
                finally:  # also those before one that the cloud gave no good answer to
                    ledger.hear(batch_id, {name: status for name, status in statuses.items() if status is not None})
                    heard.add(statuses, statuses)
                inquiry.show(meter.at(len(heard.said), len(here.traces)))
        whole = len(heard.said) >= len(here.traces)
        found = _differences(ledger, batch_id, here, heard, lists=False, whole=whole)
        return _ended(batch_id, heard, found, lists=False, whole=whole, fault=broken.fault)


class _Broken(AbstractContextManager["_Broken"]):
    """Ends a block with the cloud's `fault`: what was heard before it, a leak among that, is told all the same."""

    def __init__(self, heard: HeardSoFar) -> None:
        self._heard = heard
        self.fault: CloudFault | None = None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, CloudFault) or not self._heard.said:
            return False
        self.fault = error
        return True


def _asked(cloud: Registering, name: CertName) -> int | None:
    try:
        return status_of(cloud, name)
    except NoSuchDevice:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Here:
    """A batch as it is before anything is asked. `held`: withheld, and not because it was found on a board; `days`: as
    of `Inquiry`."""

    traces: Mapping[CertName, Trace]
    held: frozenset[CertName]
    days: int


def _here(ledger: Ledger, provider: Provider, batch_id: str, days: int) -> _Here:
    return _Here(
        traces=_traces(ledger, batch_id),
        held=frozenset(ledger.withheld.names(provider, batch_id)),
        days=days,
    )


def _traces(ledger: Ledger, batch_id: str) -> dict[CertName, Trace]:
    return {CertName(one.product_key, one.device_name): one for one in ledger.traces.all(batch_id=batch_id)}


def _named(page: Page) -> Iterable[CertName]:
    """Of each identity its first certificate: what pages are counted by."""
    return (item.name for item in page.items)


def _ended(
    batch_id: str,
    heard: HeardSoFar,
    found: Iterator[Difference],
    *,
    lists: bool,
    whole: bool,
    fault: CloudFault | None,
) -> Reconciled:
    differences = tuple(found)
    if whole:
        heard.forget()
    statuses = heard.said.values()
    return Reconciled(
        batch_id=batch_id,
        asked=len(heard.said),
        unsaid=sum(status == STATUS_NOT_SAID for status in statuses),
        lists=lists,
        whole=whole,
        differences=differences,
        fault=fault,
    )


def _differences(
    ledger: Ledger, batch_id: str, here: _Here, heard: HeardSoFar, *, lists: bool, whole: bool
) -> Iterator[Difference]:
    """As they are now: boards are made while the cloud is asked, and come into use."""
    now = _traces(ledger, batch_id)
    for name, status in heard.said.items():
        trace = now.get(name)
        if trace is None:
            if ledger.named(name) is None:
                yield Difference(kind=Differs.UNKNOWN, name=name, status=status)
        elif kind := _kind(here, name, trace, status):
            yield _of(kind, name, trace, status)
    if whole and lists:
        for name in here.traces:
            if name not in heard.said and now[name].state != State.RETIRED:
                yield _of(Differs.GONE, name, now[name], None)


def _kind(here: _Here, name: CertName, trace: Trace, status: Heard) -> Differs | None:
    if status is None:
        return None if trace.state == State.RETIRED else Differs.GONE
    if status not in (STATUS_INACTIVE, STATUS_NOT_SAID):
        return None if trace.board_uid else Differs.LEAKED
    if status == STATUS_NOT_SAID:
        return None
    if name in here.held and trace.state == State.WITHHELD:
        return Differs.FREE
    waited_s = time.time() - datetime.fromisoformat(trace.at).timestamp()
    return Differs.NEVER_ACTIVE if trace.state == State.CONSUMED and waited_s > here.days * _DAY_S else None


def _of(kind: Differs, name: CertName, trace: Trace, status: Heard) -> Difference:
    return Difference(kind=kind, name=name, state=trace.state, board_uid=trace.board_uid, status=status, since=trace.at)
