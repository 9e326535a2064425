# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes certificates in a cloud, in numbers. It costs money and cannot be repeated, so each call is journalled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from station.cloud.capabilities import Batches, Products, SetBatches
from station.cloud.values import BatchId
from station.codes import Code
from station.errors import OutcomeUnknown, UsageError
from station.intake.journalled import GENERATE, GENERATE_NVR, MAKERS, UPLOAD, make, maker_of
from station.ledger.store import Ledger
from station.ledger.values import CloudRequest
from station.model import CertName, Provider

GENERATE_NAMED = "generate-from-names"


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """One batch of a name list. `again`: it was uploaded earlier and was not sent now."""

    batch_id: BatchId
    names: int
    again: bool


def generate(ledger: Ledger, cloud: Batches, product_key: str, amount: int) -> BatchId:
    """`amount` certificates with names of the cloud's choice."""
    return _make(
        ledger,
        cloud,
        GENERATE,
        product_key,
        detail={"amount": amount},
        send=lambda request_id: cloud.generate(product_key, amount, request_id=request_id),
    )


def generate_nvr(ledger: Ledger, cloud: SetBatches, product_key: str, amount: int) -> BatchId:
    """`amount` NVRs with their cameras."""
    return _make(
        ledger,
        cloud,
        GENERATE_NVR,
        product_key,
        detail={"amount": amount},
        send=lambda request_id: cloud.generate_nvr(product_key, amount, request_id=request_id),
    )


def upload_names(
    ledger: Ledger, cloud: Batches, product_key: str, names: Sequence[str], *, only_check: bool = False
) -> list[Uploaded]:
    """A name list as batches of at most 1000, each journalled. Run again after a failure it sends only what is left.

    UsageError with every bad line before anything is sent; `only_check` ends there.
    """
    before = {
        tuple(_texts(request.detail.get("names"))): request
        for request in ledger.requests.all()
        if request.operation == UPLOAD and request.product_key == product_key and request.state == "ANSWERED"
        if request.provider is cloud.provider
    }
    chunks = [tuple(names[at : at + cloud.most_names]) for at in range(0, len(names), cloud.most_names)]
    taken = {name for chunk, request in before.items() if chunk not in chunks for name in chunk}
    _require_new_names(ledger, cloud, product_key, names, taken)
    uploaded: list[Uploaded] = []
    for chunk in () if only_check else chunks:
        earlier = before.get(chunk)
        batch = BatchId(earlier.batch_id) if earlier else _upload(ledger, cloud, product_key, chunk)
        uploaded.append(Uploaded(batch_id=batch, names=len(chunk), again=earlier is not None))
    return uploaded


def generate_named(ledger: Ledger, cloud: Batches, batch_id: str, product_key: str = "") -> BatchId:
    """Certificates for a batch of uploaded names; the journal knows its product."""
    done = generated(ledger, batch_id, cloud.provider)
    if done:
        raise UsageError(f"batch {batch_id} was generated on {done.sent_at[:16]}Z", do=f"run: station pull {batch_id}")
    known = ledger.requests.of_batch(batch_id, cloud.provider)
    product = product_key or next((request.product_key for request in known), "")
    if not product:
        raise UsageError(f"the journal does not know batch {batch_id}", do="add --product PRODUCT_KEY", code=Code.E121)

    def send(request_id: str) -> BatchId:
        named = cloud.generate_named(product, BatchId(batch_id), request_id=request_id)
        if named != batch_id:
            raise _unknown(GENERATE_NAMED, request_id, f"batch {batch_id} was asked for, and the cloud names {named}")
        return named

    return _make(ledger, cloud, GENERATE_NAMED, product, detail={"batch": batch_id}, send=send)


def generated(ledger: Ledger, batch_id: str, provider: Provider) -> CloudRequest | None:
    """The request that made the certificates of uploaded names; None while they are to be made."""
    made = (one for one in ledger.requests.all() if one.operation == GENERATE_NAMED and one.state == "ANSWERED")
    return next(
        (one for one in made if one.provider is provider and batch_id in (one.batch_id, one.detail.get("batch"))), None
    )


def _upload(ledger: Ledger, cloud: Batches, product_key: str, names: Sequence[str]) -> BatchId:
    return _make(
        ledger,
        cloud,
        UPLOAD,
        product_key,
        detail={"amount": len(names), "names": list(names)},
        send=lambda request_id: cloud.upload_names(product_key, names, request_id=request_id),
    )


def _make(
    ledger: Ledger,
    cloud: Products,
    operation: str,
    product_key: str,
    *,
    detail: Mapping[str, object],
    send: Callable[[str], BatchId],
) -> BatchId:
    def new(request_id: str) -> BatchId:
        batch = send(request_id)
        if operation in MAKERS and (before := maker_of(ledger, batch, cloud.provider, product_key)):
            raise _other_batch(operation, request_id, before)
        return batch

    return make(
        ledger,
        cloud=cloud,
        operation=operation,
        product_key=product_key,
        detail=detail,
        send=new,
        outcome=lambda batch: (batch, ""),
    )


def _other_batch(operation: str, request_id: str, before: CloudRequest) -> OutcomeUnknown:
    """Taken for the answer, it would hide what was made now."""
    why = f"the cloud names batch {before.batch_id}, which request {before.request_id} made"
    return _unknown(operation, request_id, why)


def _unknown(operation: str, request_id: str, why: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"{operation}: outcome unknown ({why}); request id {request_id}",
        means="the cloud may have carried it out; sent again it could cost twice",
        do="before trying again, look for it in the cloud's console, or ask the vendor with the request id",
    )


def _require_new_names(ledger: Ledger, cloud: Batches, product_key: str, names: Sequence[str], taken: set[str]) -> None:
    faults = cloud.name_faults(names)
    for line, name in enumerate(names, 1):
        if name in taken:
            faults.append(f"line {line}: {name} was uploaded before, in another list")
        elif ledger.named(CertName(product_key, name)):
            faults.append(f"line {line}: {name} is in the ledger already")
    if faults or not names:
        shown = "\n    ".join(faults or ["the list is empty"])
        raise UsageError(
            f"the name list has {len(faults)} faults:\n    {shown}", means="nothing was sent", do="correct the list"
        )


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
