# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates, sets, boards and evidence to fill a ledger with."""

from __future__ import annotations

from typing import Any

from station.codes import Code
from station.ledger.store import Ledger
from station.ledger.values import BatchKey, Claim
from station.model import (
    BoardUid,
    Certificate,
    CertName,
    Evidence,
    Identity,
    IdentityKind,
    Method,
    Provider,
    Secret,
    State,
)
from station.rules import Known

BATCH = BatchKey(provider=Provider.LIVING, batch_id="4711", product_key="a1NVRproduct")
PC = {
    "board": frozenset({"b1"}),
    "cards": frozenset({"c1"}),
    "disks": frozenset({"d1"}),
    "machine-id": frozenset({"m"}),
}
"""What a machine is known by."""


def certificate(name: str, product: str = "a1Camera", **fields: Any) -> Certificate:
    secret = Secret(f"secret-of-{name}")
    return Certificate(product_key=product, device_name=name, device_secret=secret, **fields)


def single(name: str, **fields: Any) -> Identity:
    return Identity(primary=certificate(name, **fields))


def nvr_set(name: str, cameras: int) -> Identity:
    channels = tuple(certificate(f"{name}-ipc{i}", "a1Ipc") for i in range(1, cameras + 1))
    return Identity(primary=certificate(name, "a1Nvr"), channels=channels, kind=IdentityKind.SET)


def evidence(claim: Claim) -> Evidence:
    digest = claim.identity.digest()
    uid = claim.attempt.board_uid
    return Evidence(
        expected=digest, read=digest, uid_before=uid, uid_after=uid, method=Method.READBACK, after_reset=True
    )


def uid(number: int) -> BoardUid:
    return BoardUid.parse(f"a0b1c2{number:06x}")


def one_in_each_state(ledger: Ledger) -> None:
    """Of `BATCH`; and a set of two cameras."""
    ledger.receive(BATCH, [single(f"cam{i}") for i in range(8)] + [single("used", cloud_status=1), nvr_set("nvr", 2)])
    for number, state in enumerate([State.CONSUMED, State.IN_DOUBT, State.WRITING, State.RESERVED, State.RETIRED]):
        claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(number), "1")
        if state is not State.RESERVED:
            ledger.begin(claim.attempt)
        if state is State.CONSUMED:
            ledger.consume(claim.attempt, evidence(claim))
        if state in (State.IN_DOUBT, State.RETIRED):
            ledger.doubt(claim.attempt, Code.E311, "unplugged")
        if state is State.RETIRED:
            ledger.retire(claim.identity.name, "scrap", by="Li Wei")


def bound(ledger: Ledger, board: BoardUid) -> Known:
    """The identity that this board has."""
    known = ledger.bound_to(board)
    assert known is not None
    return known


def named(ledger: Ledger, name: CertName) -> Known:
    known = ledger.named(name)
    assert known is not None
    return known
