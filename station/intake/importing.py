# SPDX-License-Identifier: GPL-3.0-or-later
"""A console's file into the ledger: all of it, or nothing; the same file again changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from station.cloud.files import BadRow, read_certificates
from station.errors import UsageError
from station.ledger.store import Ledger
from station.ledger.values import BatchKey, Receipt
from station.model import Identity, Provider

_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What came in; `skipped` are the bad rows that were left out because the caller said so."""

    batch_id: str
    identities: int
    receipt: Receipt
    skipped: tuple[BadRow, ...]


def import_file(ledger: Ledger, path: Path, *, provider: Provider = Provider.LIVING, skip_bad: bool) -> ImportReport:
    """One transaction. UsageError with every bad row, and nothing imported, unless `skip_bad`."""
    contents = read_certificates(path, provider)
    if contents.bad and not skip_bad:
        raise _bad_rows(path, contents.bad)
    if not contents.identities:
        raise UsageError(f"{path} holds no certificate", do="export it again")
    batch = BatchKey(
        provider=provider,
        batch_id=f"file-{_content_name(contents.identities)}",
        product_key=contents.identities[0].primary.product_key,
        source=path.name,
    )
    receipt = ledger.receive(batch, contents.identities)
    ledger.batch_total(batch, len(contents.identities), complete=True)
    return ImportReport(
        batch_id=batch.batch_id, identities=len(contents.identities), receipt=receipt, skipped=contents.bad
    )


def _content_name(identities: Sequence[Identity]) -> str:
    """Names a file by whom it is about, so that it is the same batch however it is stored. No secret takes part."""
    hasher = hashlib.sha256()
    for identity in identities:
        for certificate in identity:
            hasher.update(f"{certificate.name}\n".encode())
    return hasher.hexdigest()[:16]


def _bad_rows(path: Path, bad: Sequence[BadRow]) -> UsageError:
    shown = "".join(f"\n    {row}" for row in bad[:_SHOWN])
    more = f"\n    … and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
    return UsageError(
        f"{path} has {len(bad)} bad rows:{shown}{more}",
        means="nothing was imported",
        do="correct them and import again, or add --skip-bad",
        code="E122",
    )
