# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes certificates in a Living Link cloud. It costs money and cannot be repeated.

So the request is on disk before it is sent; a lost answer becomes UNKNOWN and stays so until a person settles it;
nothing is sent twice by itself; and while a request for a product is UNKNOWN nothing more is made for that product.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from station.cloud.living import MAX_NAMES, LivingLink, name_faults
from station.cloud.values import BatchId
from station.errors import CloudFault, NeedsPerson, StationError, UsageError
from station.ledger import journal
from station.ledger.store import Ledger
from station.ledger.values import CloudRequest
from station.model import CertName, Provider

GENERATE = "generate"
GENERATE_NVR = "generate-nvr"
UPLOAD = "upload-names"
GENERATE_NAMED = "generate-from-names"


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """One batch of a name list. `again`: it was uploaded earlier and was not sent now."""

    batch_id: BatchId
    names: int
    again: bool


def generate(ledger: Ledger, living: LivingLink, product_key: str, amount: int) -> BatchId:
    """`amount` certificates with names of the cloud's choice."""
    return _send(
        ledger,
        GENERATE,
        product_key,
        {"amount": amount},
        lambda request_id: living.generate(product_key, amount, request_id=request_id),
    )


def generate_nvr(ledger: Ledger, living: LivingLink, product_key: str, amount: int) -> BatchId:
    """`amount` NVRs with their cameras."""
    return _send(
        ledger,
        GENERATE_NVR,
        product_key,
        {"amount": amount},
        lambda request_id: living.generate_nvr(product_key, amount, request_id=request_id),
    )


def upload_names(ledger: Ledger, living: LivingLink, product_key: str, names: Sequence[str]) -> list[Uploaded]:
    """A name list as batches of at most 1000, each journalled. Run again after a failure it sends only what is left.

    UsageError with every bad line before anything is sent.
    """
    before = {
        tuple(_texts(request.detail.get("names"))): request
        for request in journal.requests(ledger)
        if request.operation == UPLOAD and request.product_key == product_key and request.state == "ANSWERED"
    }
    chunks = [tuple(names[at : at + MAX_NAMES]) for at in range(0, len(names), MAX_NAMES)]
    taken = {name for chunk, request in before.items() if chunk not in chunks for name in chunk}
    _require_new_names(ledger, product_key, names, taken)
    uploaded = []
    for chunk in chunks:
        earlier = before.get(chunk)
        batch = BatchId(earlier.batch_id) if earlier else _upload(ledger, living, product_key, chunk)
        uploaded.append(Uploaded(batch_id=batch, names=len(chunk), again=earlier is not None))
    return uploaded


def generate_named(ledger: Ledger, living: LivingLink, batch_id: str, product_key: str = "") -> BatchId:
    """Certificates for a batch of uploaded names; the journal knows its product."""
    known = [request for request in journal.requests(ledger) if request.batch_id == batch_id]
    done = next((r for r in known if r.operation == GENERATE_NAMED and r.state == "ANSWERED"), None)
    if done:
        raise UsageError(f"batch {batch_id} was generated on {done.sent_at[:16]}", do=f"run: station pull {batch_id}")
    product = product_key or next((request.product_key for request in known), "")
    if not product:
        raise UsageError(f"the journal does not know batch {batch_id}", do="add --product PRODUCT_KEY", code="E121")
    return _send(
        ledger,
        GENERATE_NAMED,
        product,
        {"batch": batch_id},
        lambda request_id: living.generate_named(product, BatchId(batch_id), request_id=request_id),
    )


def settle(ledger: Ledger, request_id: str, batch_id: str | None) -> None:
    """A person's word on an UNKNOWN request: the batch the console shows, or None when nothing was made."""
    journal.unanswered(ledger)
    found = next((request for request in journal.requests(ledger) if request.request_id == request_id), None)
    if found is None or found.state != "UNKNOWN":
        state = found.state if found else "not in the journal"
        raise UsageError(
            f"request {request_id} is {state}, not UNKNOWN",
            do="look it up: station batch list; one that was SENT becomes UNKNOWN after two minutes",
        )
    state = "ANSWERED" if batch_id else "REFUSED"
    journal.record_answer(ledger, request_id, state=state, batch_id=batch_id or "", answer="settled by a person")


def _upload(ledger: Ledger, living: LivingLink, product_key: str, names: Sequence[str]) -> BatchId:
    return _send(
        ledger,
        UPLOAD,
        product_key,
        {"amount": len(names), "names": list(names)},
        lambda request_id: living.upload_names(product_key, names, request_id=request_id),
    )


def _send(
    ledger: Ledger,
    operation: str,
    product_key: str,
    detail: Mapping[str, object],
    send: Callable[[str], BatchId],
) -> BatchId:
    _require_settled(ledger, product_key)
    request_id = uuid.uuid4().hex
    journal.record_sending(
        ledger, request_id, provider=Provider.LIVING, operation=operation, product_key=product_key, detail=detail
    )
    try:
        batch = send(request_id)
    except (CloudFault, UsageError) as error:  # it surely did nothing
        journal.record_answer(ledger, request_id, state="REFUSED", answer=_words(error))
        raise
    except BaseException as error:  # NeedsPerson, and whatever ends us between sending and knowing
        journal.record_answer(ledger, request_id, state="UNKNOWN", answer=_words(error))
        raise
    journal.record_answer(ledger, request_id, state="ANSWERED", batch_id=batch)
    return batch


def _words(error: BaseException) -> str:
    return error.what if isinstance(error, StationError) else f"interrupted ({type(error).__name__})"


def _require_settled(ledger: Ledger, product_key: str) -> None:
    open_requests = [request for request in journal.unanswered(ledger) if request.product_key == product_key]
    if open_requests:
        request = open_requests[0]
        raise NeedsPerson(
            f"request {request.request_id} ({request.operation}, {request.sent_at[:16]}) has no known outcome",
            means="the cloud may have made and charged it; nothing was sent now",
            do=advice(request),
            code="E604",
        )


def advice(request: CloudRequest) -> str:
    """What a person does about a request whose outcome nobody knows."""
    if request.state not in ("SENT", "UNKNOWN"):
        return ""
    settle_it = f"station batch settle {request.request_id}"
    return f"look for it in the cloud's console, then: {settle_it} --batch ID, or {settle_it} --nothing-made"


def _require_new_names(ledger: Ledger, product_key: str, names: Sequence[str], taken: set[str]) -> None:
    faults = name_faults(names)
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
