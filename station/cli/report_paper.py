# SPDX-License-Identifier: GPL-3.0-or-later
"""`station report batch`: what it is of, and what it is written to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from station.cli.context import Context
from station.cli.output import print_json, print_line, print_lines, print_table, say, second
from station.cli.writing import written_whole
from station.codes import Code
from station.errors import UsageError

if TYPE_CHECKING:
    from station.ledger.store import Ledger
    from station.report.batch import BatchReport
    from station.report.scope import Scope
    from station.report.sheet import ReportSheet
    from station.words.language import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportWish:
    """The command's options."""

    batch_id: str
    shift: bool
    day: str
    line: bool
    html: Path | None
    csv: Path | None
    xlsx: Path | None
    language: str | None
    whole_chain: bool
    as_json: bool

    @property
    def files(self) -> tuple[Path, ...]:
        return tuple(path for path in (self.html, self.csv, self.xlsx) if path is not None)


def scope_of(wish: ReportWish, ledger: Ledger) -> Scope:
    """UsageError unless it is of exactly one thing."""
    from station.report.scope import of_batch, of_day, of_line, of_shift

    chosen = [bool(wish.batch_id), wish.shift, bool(wish.day), wish.line]
    if sum(chosen) != 1:
        raise UsageError(
            "a report is of one thing", do="give a BATCH, or one of --shift, --day DATE, --line", code=Code.E121
        )
    if wish.batch_id:
        return of_batch(wish.batch_id)
    if wish.shift:
        return of_shift(ledger)
    return of_day(date.fromisoformat(wish.day)) if wish.day else of_line()


def write_report(ctx: Context, ledger: Ledger, scope: Scope, wish: ReportWish) -> ReportSheet:
    """To every file that was named; else to the terminal."""
    from station.model import Language
    from station.report.sheet import make_sheet
    from station.words.tongues import TONGUES

    words = TONGUES[Language(wish.language)] if wish.language else ctx.words
    sheet = make_sheet(ledger, scope, bench=ctx.config.text("bench.name"), whole_chain=wish.whole_chain)
    if wish.files:
        _write_files(ctx, ledger, sheet, wish, words)
    if wish.as_json:
        print_json(_content(sheet, words))
    elif not wish.files:
        _tell(sheet, words)
    return sheet


def _write_files(ctx: Context, ledger: Ledger, sheet: ReportSheet, wish: ReportWish, words: Words) -> None:
    from station.words.report_words import report_words

    for path, write in ((wish.html, _page), (wish.csv, _csv), (wish.xlsx, _xlsx)):
        if path is None:
            continue
        with written_whole(path) as part:
            write(ctx, ledger, sheet, words, part)
        say(report_words(ctx.words.language).written.format(path=path))


def _page(ctx: Context, ledger: Ledger, sheet: ReportSheet, words: Words, path: Path) -> None:
    """Signed, and noted in the audit with the digest of the file."""
    from station.paper.page import html_page
    from station.paper.signed import sign_page
    from station.paper.tables import certificates_of
    from station.secrets.keys import open_vault
    from station.secrets.signing import fingerprint, signing_key

    key = signing_key(ctx.config.state_dir / "report.key", open_vault(ctx.settled_key(), ctx.ask_passphrase))
    page = html_page(sheet, certificates_of(sheet.certificates, words), words, key=fingerprint(key.public))
    path.write_bytes(sign_page(ledger, page, key, sheet))


def _csv(_ctx: Context, _ledger: Ledger, sheet: ReportSheet, words: Words, path: Path) -> None:
    from station.paper.csv_lines import write_csv
    from station.paper.tables import figures_of, tables_of

    with path.open("w", encoding="utf-8", newline="") as out:
        write_csv(figures_of(sheet, words), tables_of(sheet, words), out)


def _xlsx(_ctx: Context, _ledger: Ledger, sheet: ReportSheet, words: Words, path: Path) -> None:
    from station.paper.spreadsheet import write_xlsx
    from station.paper.tables import certificates_of, figures_of, tables_of
    from station.words.report_words import report_words

    tables = [*tables_of(sheet, words), certificates_of(sheet.certificates, words)]
    heading = report_words(words.language).tables["figures"]
    write_xlsx(figures_of(sheet, words), heading, tables, path)


def _content(sheet: ReportSheet, words: Words) -> dict[str, object]:
    from station.paper.tables import figures_of, tables_of

    tables = {
        table.key: [dict(zip((c.key for c in table.columns), row, strict=True)) for row in table.rows]
        for table in tables_of(sheet, words)
    }
    content: dict[str, object] = {"of": sheet.scope.of, "name": sheet.scope.name}
    if sheet.batch:
        reasons = {reason.why: reason.certificates for reason in sheet.batch.open_reasons}
        content = content | asdict(sheet.batch) | {"open_reasons": reasons}
    figures = {figure.key: figure.value for figure in figures_of(sheet, words)}
    return content | {"audit_head": sheet.head, "checked": asdict(sheet.checked), "figures": figures, "tables": tables}


def tell_batch(found: BatchReport, words: Words) -> None:
    """For people."""
    from station.words.paper import batch_text

    if not words.native:
        print_lines(batch_text(found, words))
        return
    complete = "complete" if found.complete else "not complete"
    print_line(f"batch {found.batch_id}, product {found.product_key}: {found.received} certificates, {complete}")
    of = f" of {found.total}" if found.total is not None else ""
    aside = {"withheld": found.withheld, "conflicting": found.conflicting, "odd": found.odd}
    listed = "".join(f", {count} {word}" for word, count in aside.items() if count)
    print_line(f"{found.held}{of} identities held{listed}")
    print_table(("state", "certificates"), [(s, n) for s, n in found.states.items() if n])
    print_line(f"{found.boards} boards, {found.attempts_over_one} certificates needed more than one attempt")
    if found.proofs:
        print_line("proved by " + ", ".join(f"{method}: {count}" for method, count in found.proofs.items()))
    if found.first:
        print_line(f"consumed from {second(found.first)} to {second(found.last)}")
    for reason in found.open_reasons:
        print_line(f"  {reason.certificates} × {reason.why}")
    print_line(f"audit head {found.audit_head}")


def _tell(sheet: ReportSheet, words: Words) -> None:
    from station.paper.shown import shown
    from station.paper.tables import figures_of, tables_of

    if sheet.batch:
        tell_batch(sheet.batch, words)
        return
    for figure in figures_of(sheet, words):
        print_line(words.of(figure.title, shown(figure.value, figure.kind)))
    for table in tables_of(sheet, words):
        if table.rows:
            print_lines(f"\n{table.title}")
            rows = ([shown(v, c.kind) for v, c in zip(row, table.columns, strict=True)] for row in table.rows)
            print_table([column.title for column in table.columns], rows)
    print_lines("\n" + words.of(words.office.audit_head, sheet.head))
