# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices of ours in a cloud. The secret is made here and sealed on disk before the cloud hears of it.

Killed anywhere and resumed, no device is lost or doubled: a device that exists already is ours when it carries the mark
that went out with our registration, and then its secret is the one sealed here. One that is somebody else's, or of
which nobody can tell, is reported, never flashed, and stays planned with its secret: only `give_up` destroys secrets.
"""

from __future__ import annotations

import secrets
import string
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from station.cloud.capabilities import Registering
from station.cloud.limits import LIMITS
from station.cloud.values import nvr_set, single
from station.codes import Code
from station.errors import CloudFault, UsageError
from station.intake.ownership import Owner, Ownership, registered
from station.intake.progress import Meter, Show, Stop, never, show_nothing
from station.intake.same_account import require_same_account
from station.intake.several import several
from station.ledger.registering import Planned
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import MAX_CHANNELS, Certificate, CertName, Identity, Provider, Secret

_SECRET_ALPHABET = string.ascii_letters + string.digits
_SECRET_LENGTH = 32  # the longest that a cloud takes; 190 bits
_NODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no letter a label's reader confuses
_SHORTEST_ADVISED = 4
_COMMIT_TOGETHER = 50  # identities
_COMMIT_AFTER_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPlan:
    """NVR sets: so many cameras of this product under each device."""

    channels: int
    camera_product: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """A device that the cloud has, or may have, and that is not proved to be ours; it stays planned."""

    name: CertName
    verdict: Ownership


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterReport:
    """`unsettled`: one device for each identity that a person must look at; `left`: not asked for. Counts are of
    identities.
    """

    batch_id: str
    registered: int
    left: int
    unsettled: tuple[Unsettled, ...]

    def of(self, owner: Owner) -> tuple[Unsettled, ...]:
        return tuple(one for one in self.unsettled if one.verdict.owner is owner)


def new_names(amount: int) -> list[str]:
    """Names nobody has: 16 characters that a scanner and a person read alike."""
    return ["".join(secrets.choice(_NODE_ALPHABET) for _ in range(16)) for _ in range(amount)]


def require_known(cloud: Registering, product_id: str, *, gateway_id: str = "", sets: SetPlan | None = None) -> None:
    """CloudRefused for a product or gateway that the cloud does not know, while nothing is planned yet."""
    cloud.product(product_id)
    if sets:
        cloud.product(sets.camera_product)
    if gateway_id:
        cloud.device(gateway_id)


def require_names(cloud: Registering, product_id: str, names: Sequence[str], *, sets: SetPlan | None = None) -> None:
    """UsageError with every bad name."""
    faults = _name_faults(cloud.provider, product_id, names, sets)
    if faults:
        listed = "\n    ".join(faults)
        raise UsageError(
            f"the name list has {len(faults)} faults:\n    {listed}", means="nothing was sent", do="correct the list"
        )


def plan(
    ledger: Ledger,
    cloud: Registering,
    product_id: str,
    names: Sequence[str],
    *,
    gateway_id: str = "",
    sets: SetPlan | None = None,
) -> str:
    """Make and seal secrets for devices named `names` (node_ids); nothing is sent. The batch id for `register`.

    UsageError with every bad name, and when all are planned or known already; some of these are left as they are.
    """
    require_names(cloud, product_id, names, sets=sets)
    batch_id = f"register-{uuid.uuid4().hex[:12]}"
    identities = [_identity(cloud, product_id, name, sets) for name in names]
    if not ledger.registrations.plan(batch_id, identities, gateway_id=gateway_id, account=cloud.account):
        raise UsageError(
            f"all {len(names)} names are planned or in the ledger already",
            means="nothing was sent",
            do="look one up: station show NAME; what is planned goes on with --resume, see station batch list",
            code=Code.E123,
        )
    return batch_id


def register(
    ledger: Ledger, cloud: Registering, batch_id: str, *, show: Show = show_nothing, stop: Stop = never
) -> RegisterReport:
    """Register what is left of a batch, several identities at a time, and put it into the queue. CloudFault leaves the
    rest for the next time.
    """
    require_same_account(ledger, cloud, batch_id)
    total = ledger.registrations.left(batch_id)
    meter = Meter(0)
    queue = _Queue(ledger, batch_id)
    unsettled: list[Unsettled] = []
    fault: Exception | None = None
    items = ledger.registrations.planned_in_turn(batch_id)
    for came in several(items, lambda item: in_the_way(cloud, item), hands=cloud.parallel, stop=stop):
        if came.error is not None:
            fault = fault or came.error
        elif came.result is None:
            queue.add(came.item)
        else:
            ledger.registrations.doubt(batch_id, came.item, came.result.name, came.result.verdict.why)
            unsettled.append(came.result)
        show(meter.at(queue.count + len(unsettled), total))
    queue.flush()
    if fault and not (isinstance(fault, CloudFault) and stop()):  # else it is only that a wait for the cloud was ended
        raise fault
    left = max(ledger.registrations.left(batch_id) - len(unsettled), 0)
    if queue.count:
        held = ledger.batches.names(cloud.provider, batch_id)
        ledger.batches.note_total(queue.key, len(held), complete=not left and not unsettled)
    return RegisterReport(batch_id=batch_id, registered=queue.count, left=left, unsettled=tuple(unsettled))


def give_up(ledger: Ledger, batch_id: str) -> int:
    """End a batch that the cloud will never take; how many identities. Their secrets are destroyed; what the cloud has
    of them already stays there, unused."""
    planned = ledger.registrations.planned(batch_id)
    return sum(ledger.registrations.give_up(batch_id, item, "given up") for item in planned)


def in_the_way(cloud: Registering, item: Planned) -> Unsettled | None:
    """Register the devices of an identity in order; None once all of them are proved to be ours, and it may go into the
    queue.
    """
    for device in item.devices:
        verdict = registered(cloud, device)
        if verdict.owner is not Owner.OURS:
            return Unsettled(name=device.certificate.name, verdict=verdict)
    return None


def settle(ledger: Ledger, cloud: Registering, batch_id: str, item: Planned) -> Unsettled | None:
    """Register one identity and put it into the queue, or note what is in the way."""
    found = in_the_way(cloud, item)
    if found:
        ledger.registrations.doubt(batch_id, item, found.name, found.verdict.why)
    elif not ledger.registrations.finish(_key(batch_id, item), [item]) and not _is_done(ledger, item):
        why = Ownership(owner=Owner.UNCLEAR, why="its registration was given up meanwhile")
        return Unsettled(name=item.identity.name, verdict=why)
    return found


def _is_done(ledger: Ledger, item: Planned) -> bool:
    """Another station finished it meanwhile."""
    return (ledger.registrations.plan_of(item.identity.name) or ("", ""))[1] == "DONE"


class _Queue:
    """What the cloud has, on its way into the ledger's queue: together, since each commit waits for the disk. What a
    crash leaves on the way is still planned, and is known by its mark the next time.
    """

    def __init__(self, ledger: Ledger, batch_id: str) -> None:
        self._ledger = ledger
        self._batch_id = batch_id
        self._waiting: list[Planned] = []
        self._flush_at = time.monotonic()
        self.count = 0

    def add(self, item: Planned) -> None:
        self._waiting.append(item)
        self.count += 1
        self.key = _key(self._batch_id, item)
        if len(self._waiting) >= _COMMIT_TOGETHER or time.monotonic() >= self._flush_at:
            self.flush()

    def flush(self) -> None:
        if self._waiting:
            self.count += self._ledger.registrations.finish(self.key, self._waiting) - len(self._waiting)
        self._waiting = []
        self._flush_at = time.monotonic() + _COMMIT_AFTER_S


def _key(batch_id: str, item: Planned) -> BatchKey:
    return BatchKey(
        provider=item.identity.primary.provider, batch_id=batch_id, product_key=item.identity.primary.product_key
    )


def _identity(cloud: Registering, product_id: str, name: str, sets: SetPlan | None) -> Identity:
    own = new_certificate(cloud, product_id, name)
    if sets is None:
        return single(own)
    cameras = (
        new_certificate(cloud, sets.camera_product, f"{name}-{number:03}") for number in range(1, sets.channels + 1)
    )
    return nvr_set(own, tuple(cameras))


def new_certificate(cloud: Registering, product_id: str, node_id: str, *, device_name: str = "") -> Certificate:
    """With a secret that nobody has yet. Without `device_name` it has the one that the platform would give it."""
    secret = "".join(secrets.choice(_SECRET_ALPHABET) for _ in range(_SECRET_LENGTH))
    return Certificate(
        provider=cloud.provider,
        product_key=product_id,
        device_name=device_name or cloud.device_id(product_id, node_id),
        device_secret=Secret(secret),
        node_id=node_id,
    )


def _name_faults(provider: Provider, product_id: str, names: Sequence[str], sets: SetPlan | None) -> list[str]:
    limits = LIMITS[provider]
    found = [limits.product_key.fault(product_id)]
    if sets:
        found.append(limits.product_key.fault(sets.camera_product))
        if not 1 <= sets.channels <= MAX_CHANNELS:
            found.append(f"{sets.channels} channels, not 1 to {MAX_CHANNELS}")
    found = [fault for fault in found if fault]
    first_at: dict[str, int] = {}
    for line, name in enumerate(names, 1):
        fault = limits.node_id.fault(name if not sets else f"{name}-000")
        if len(name) < _SHORTEST_ADVISED:
            fault = f"“node_id” has {len(name)} characters, at least {_SHORTEST_ADVISED} are advised"
        elif name in first_at:
            fault = f"{name} is on line {first_at[name]} already"
        if fault:
            found.append(f"line {line}: {fault}")
        first_at.setdefault(name, line)
    return found if names else [*found, "the list is empty"]
