# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of certificates into the ledger: all of it, or nothing where a row is bad; the same again changes nothing.

A thousand identities a transaction, so that slots go on working meanwhile. Killed and run again, it goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from station.cloud.files import BadRow, Choices, FileContents, read_certificates
from station.cloud.files.sheets import EXPORT_AGAIN
from station.cloud.files.statuses import shown
from station.codes import Code
from station.errors import UsageError
from station.ledger.store import Ledger
from station.ledger.values import BatchKey, Receipt
from station.model import Provider

_SHOWN = 50
_AT_ONCE = 1000

Ask = Callable[[str, int], bool]
"""A status word and how many rows have it → whether it means that a device was never used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What came in, or would; `skipped` are the bad rows that were left out because the caller said so. `columns`:
    field → its letter, `heading`: their line, as it was understood."""

    batch_id: str
    identities: int
    receipt: Receipt
    skipped: tuple[BadRow, ...]
    notes: tuple[str, ...]
    columns: Mapping[str, str]
    sheet: str
    heading: int


def import_file(
    ledger: Ledger,
    path: Path,
    *,
    provider: Provider = Provider.LIVING,
    choices: Choices | None = None,
    skip_bad: bool = False,
    dry: bool = False,
    ask: Ask | None = None,
) -> ImportReport:
    """`read_file`, then `take_in`."""
    contents = read_file(ledger, path, provider=provider, choices=choices, skip_bad=skip_bad, ask=ask)
    return take_in(ledger, path, contents, provider=provider, dry=dry)


def read_file(
    ledger: Ledger,
    path: Path,
    *,
    provider: Provider,
    choices: Choices | None = None,
    skip_bad: bool = False,
    ask: Ask | None = None,
) -> FileContents:
    """Changes nothing. UsageError with every bad row, or with the status words that nobody explained; bad rows alone
    are left out with `skip_bad`.
    """
    contents = _explained(ledger, path, provider, choices or Choices(), ask)
    if contents.bad and not skip_bad:
        raise _bad_rows(path, contents)
    if not contents.identities:
        raise UsageError(f"{path} holds no certificate", do=EXPORT_AGAIN, code=Code.E122)
    return contents


def take_in(
    ledger: Ledger, path: Path, contents: FileContents, *, provider: Provider, dry: bool = False
) -> ImportReport:
    """With `dry` nothing is kept: the report says what it would do."""
    batch = BatchKey(
        provider=provider,
        batch_id=f"file-{ledger.batches.name_by_content(contents.identities)}",
        product_key=contents.identities[0].primary.product_key,
        source=path.name,
    )
    take = ledger.preview if dry else ledger.receive
    receipt = Receipt()
    for start in range(0, len(contents.identities), _AT_ONCE):
        receipt += take(batch, contents.identities[start : start + _AT_ONCE])
    if not dry:
        ledger.batches.note_total(batch, len(contents.identities), complete=not receipt.conflicts)
    return ImportReport(
        batch_id=batch.batch_id,
        identities=len(contents.identities),
        receipt=receipt,
        skipped=contents.bad,
        notes=contents.notes,
        columns=contents.columns,
        sheet=contents.sheet,
        heading=contents.heading,
    )


def _explained(ledger: Ledger, path: Path, provider: Provider, choices: Choices, ask: Ask | None) -> FileContents:
    known = ledger.batches.usual_length
    contents = read_certificates(path, provider, choices, known_length=known)
    if contents.unclear and ask is not None:
        said = {word: ask(word, count) for word, count in contents.unclear.items()}
        choices = replace(choices, statuses={**choices.statuses, **said})
        contents = read_certificates(path, provider, choices, known_length=known)
    if contents.unclear:
        raise _unclear(path, contents.unclear)
    return contents


def _bad_rows(path: Path, contents: FileContents) -> UsageError:
    bad = contents.bad
    listed = "".join(f"\n    {row}" for row in bad[:_SHOWN])
    more = f"\n    … and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
    sheet = f", sheet “{contents.sheet}”" if contents.sheet else ""
    return UsageError(
        f"{path}{sheet} has {len(bad)} bad rows:{listed}{more}",
        means="nothing was imported",
        do="correct them and import again, or add --skip-bad to leave them out",
        code=Code.E122,
    )


def _unclear(path: Path, words: Mapping[str, int]) -> UsageError:
    listed = ", ".join(f"{shown(word)} in {count} rows" for word, count in list(words.items())[:_SHOWN])
    return UsageError(
        f"{path} has status words that are not known here: {listed}",
        means="whether these devices are in use is for a person to say; nothing was imported",
        do="add --status 'WORD=unused' or --status 'WORD=used' for each",
        code=Code.E122,
    )
