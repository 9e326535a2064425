# SPDX-License-Identifier: GPL-3.0-or-later
"""A station's work on a ledger, board after board, in a process of its own: working_ledger.py FOLDER

What boards and people would know of it is told in files beside the ledger: who was sent what, which board was called
done, that the batch was received.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from station.codes import Code
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
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
from station.secrets.vault import Vault

KEY = bytes(range(32))
IDENTITIES = 24
MARKS = ("sent", "done", "received")
_BATCH = BatchKey(provider=Provider.LIVING, batch_id="1", product_key="a1Camera")


def _mark(folder: Path, mark: str, *words: str) -> None:
    with os.fdopen(os.open(folder / mark, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb", 0) as file:
        file.write((" ".join(words) + "\n").encode())


def _receive(folder: Path, ledger: Ledger) -> None:
    cameras = (
        Certificate(product_key="a1Camera", device_name=f"cam{n}", device_secret=Secret(f"{n:032d}"))
        for n in range(IDENTITIES)
    )
    ledger.receive(_BATCH, [Identity(primary=camera) for camera in cameras])
    _mark(folder, "received", "all")


def _work_on(folder: Path, ledger: Ledger, number: int) -> None:
    """Every third board fails once; every fifth stays in doubt; every seventh is retired."""
    uid = BoardUid(f"ab{number:014x}")
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid, "1")
    if number % 4 == 3:
        ledger.release(claim.attempt, "unplugged")
        claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid, "1")
    name, attempt = claim.identity.name, claim.attempt
    ledger.begin(attempt)
    _mark(folder, "sent", name.device_name, uid)
    if number % 3 == 0:
        ledger.doubt(attempt, Code.E311, "unplugged")
        if number % 5 == 0:
            return
        attempt = ledger.resume(attempt.identity_id, attempt.number, uid, "2")
    digest = claim.identity.digest()
    evidence = Evidence(
        expected=digest, read=digest, uid_before=uid, uid_after=uid, method=Method.READBACK, after_reset=True
    )
    ledger.consume(attempt, evidence)
    _mark(folder, "done", name.device_name)


def main(folder: Path) -> None:
    for first, last in ((0, 8), (8, 16)):  # closed between the two: all is moved from the -wal into the file
        with Ledger(folder / "ledger.db", Vault(KEY)) as ledger:
            if first == 0:
                _receive(folder, ledger)
            for number in range(first, last):
                _work_on(folder, ledger, number)
            known = ledger.named(CertName("a1Camera", "cam20"))
            if known is not None and known.state is State.READY:
                ledger.retire(known.name, "scrap", by="Li Wei")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
