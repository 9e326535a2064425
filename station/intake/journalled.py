# SPDX-License-Identifier: GPL-3.0-or-later
"""One call to a cloud that makes something: on disk before it is sent, its outcome on disk after.

ANSWERED, REFUSED (the cloud surely did nothing), or UNKNOWN, which only a person settles. While a request for a product
is UNKNOWN nothing more is made for that product.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import TypeVar

from station.cloud.capabilities import Client
from station.codes import Code
from station.errors import CloudFault, NeedsPerson, OutcomeUnknown, StationError, UsageError
from station.ledger.store import Ledger
from station.ledger.values import CloudRequest
from station.model import Provider

Made = TypeVar("Made")
GENERATE = "generate"
GENERATE_NVR = "generate-nvr"
UPLOAD = "upload-names"
MAKERS = frozenset({GENERATE, GENERATE_NVR, UPLOAD})
"""Operations of which each makes a batch of its own."""


def make(
    ledger: Ledger,
    *,
    cloud: Client,
    operation: str,
    product_key: str,
    detail: Mapping[str, object],
    send: Callable[[str], Made],
    outcome: Callable[[Made], tuple[str, str]],
) -> Made:
    """`send(request_id)` makes it; `outcome` gives the batch id (or "") and the answer to keep, without secrets."""
    require_settled(ledger, product_key)
    request_id = uuid.uuid4().hex
    before = ledger.requests.record_sending(
        request_id,
        provider=cloud.provider,
        operation=operation,
        product_key=product_key,
        detail={**detail, "account": cloud.account},
    )
    if before:  # another station was quicker
        raise _unsettled(before)
    try:
        made = send(request_id)
    except (CloudFault, UsageError) as error:  # it surely did nothing
        ledger.requests.record_answer(request_id, state="REFUSED", answer=_words(error))
        raise
    except BaseException as error:  # OutcomeUnknown, and whatever ends us between sending and knowing
        raw = error.raw if isinstance(error, OutcomeUnknown) else ""
        ledger.requests.record_answer(request_id, state="UNKNOWN", answer=_words(error), raw=raw)
        raise
    batch_id, answer = outcome(made)
    ledger.requests.record_answer(request_id, state="ANSWERED", batch_id=batch_id, answer=answer)
    return made


def maker_of(ledger: Ledger, batch_id: str, provider: Provider, product_key: str) -> CloudRequest | None:
    """The request that made this batch; another product's may have the same number, in another account."""
    known = ledger.requests.of_batch(batch_id, provider)
    return next((one for one in known if one.product_key == product_key and one.operation in MAKERS), None)


def settle(ledger: Ledger, request_id: str, made: str | None) -> None:
    """A person's word on an UNKNOWN request: the batch or product the console shows, or None when nothing was made.
    UsageError for a batch that another request made."""
    request = require_unknown(ledger, request_id)
    if made and request.operation in MAKERS:
        before = maker_of(ledger, made, request.provider, request.product_key)
        if before:
            raise UsageError(
                f"batch {made} was made by request {before.request_id}",
                means="nothing was settled",
                do="look for a batch that is not in: station batch list",
            )
    state = "ANSWERED" if made else "REFUSED"
    ledger.requests.record_answer(request_id, state=state, batch_id=made or "", answer="settled by a person")


def require_unknown(ledger: Ledger, request_id: str) -> CloudRequest:
    """The request; UsageError for one whose outcome is known, and for none."""
    ledger.outside.require_believed()
    ledger.requests.unanswered()
    found = next((request for request in ledger.requests.all() if request.request_id == request_id), None)
    if found is None:
        raise UsageError(f"request {request_id} is not in the journal", do="look it up: station batch list")
    if found.state != "UNKNOWN":
        raise UsageError(
            f"request {request_id} is {found.state}, not UNKNOWN",
            do="look it up: station batch list; one that was SENT becomes UNKNOWN after two minutes",
        )
    return found


def advice(request: CloudRequest) -> str:
    """What a person does about a request whose outcome nobody knows."""
    settle_it = f"station batch settle {request.request_id}"
    account = request.detail.get("account")
    look = f"look for it in the cloud's console ({account})" if account else "look for it in the cloud's console"
    if request.raw:
        look = f"see what the cloud answered (station batch show {request.request_id}), {look}"
    return f"{look}, then: {settle_it} --made ID, or {settle_it} --nothing-made"


def require_settled(ledger: Ledger, product_key: str) -> None:
    """NeedsPerson E604 while nobody knows what became of an earlier request for this product."""
    request = next((request for request in ledger.requests.unanswered() if request.product_key == product_key), None)
    if request:
        raise _unsettled(request)


def _unsettled(request: CloudRequest) -> NeedsPerson:
    return NeedsPerson(
        f"request {request.request_id} ({request.operation}, {request.sent_at[:16]}Z) has no known outcome",
        means="the cloud may have made and charged it; nothing was sent now",
        do=advice(request),
        code=Code.E604,
    )


def _words(error: BaseException) -> str:
    return error.what if isinstance(error, StationError) else f"interrupted ({type(error).__name__})"
