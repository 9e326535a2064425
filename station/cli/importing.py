# SPDX-License-Identifier: GPL-3.0-or-later
"""`station import`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.asking import ask_whether
from station.cli.context import Context, json_option
from station.cli.disputed import tell_disputes
from station.cli.options import chosen_as
from station.cli.output import print_json, print_line, say, spoken
from station.cli.spoken import Spoken
from station.codes import Code, Exit
from station.errors import UsageError
from station.model import Provider

if TYPE_CHECKING:
    from station.cloud.files import Choices
    from station.intake.importing import ImportReport
    from station.words.language import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """The command's options."""

    file: Path | None
    cloud: str | None
    columns: tuple[str, ...]
    sheet: str
    statuses: tuple[str, ...]
    template: Path | None
    any_length: bool
    dry_run: bool
    skip_bad: bool
    as_json: bool

    def choices(self, provider: Provider) -> Choices:
        from station.cloud.files import Choices
        from station.cloud.files.headings import field_named

        mapped = dict(_pair(text, "--map", "DeviceName=B") for text in self.columns)
        meanings = dict(_pair(text, "--status", "ready=unused") for text in self.statuses)
        for word, meaning in meanings.items():
            if meaning not in ("unused", "used"):
                raise UsageError(
                    f"--status {word}={meaning} is neither unused nor used", do=f"--status '{word}=unused'"
                )
        return Choices(
            columns={field_named(provider, name): column for name, column in mapped.items()},
            sheet=self.sheet,
            statuses={word: meaning == "unused" for word, meaning in meanings.items()},
            any_length=self.any_length,
        )


@click.command("import", cls=Spoken)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option(
    "--cloud",
    type=click.Choice([provider.value for provider in Provider]),
    help="Whose certificates they are. [default: cloud.provider of the configuration]",
)
@click.option("--dry-run", is_flag=True, help="Say what it would do; change nothing, ask nobody.")
@click.option(
    "--map", "columns", multiple=True, metavar="FIELD=COLUMN", help="Which column is which, by letter or heading."
)
@click.option("--sheet", default="", metavar="NAME", help="The sheet to read, of several or hidden ones.")
@click.option("--status", "statuses", multiple=True, metavar="WORD=unused|used", help="What a status word means.")
@click.option("--any-length", is_flag=True, help="The secrets differ in length, and each is whole.")
@click.option("--skip-bad", is_flag=True, help="Import the good rows of a file that has bad ones.")
@click.option(
    "--template",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.xlsx",
    help="Write an empty file with the right headings instead.",
)
@json_option
@click.pass_obj
@chosen_as(_Wish)
def import_file(ctx: Context, wish: _Wish) -> int:
    """Take certificates from FILE: CSV, XLSX or JSON as the cloud's console exports it, an API's answer saved as JSON,
    a web page's table, or a zip with one of them.

    \b
    Columns, found by name in any order, English or Chinese; others are ignored:
      ProductKey, DeviceName, DeviceSecret   needed (IoTDA: product_id, device_id, secret)
      ProductSecret, IotId, DeviceId, Status if there (IoTDA: node_id)
      NVR, Channel                           sets: the NVR's deviceName on each of its rows; 0 = the NVR itself

    Every bad row is reported with its number and nothing is imported while there is one. The same file again changes
    nothing. A known name with another secret is exit code 6: no board gets either until a supervisor has chosen.
    """
    from station.intake.importing import import_file as import_certificates

    provider = Provider(wish.cloud or ctx.config.text("cloud.provider"))
    if wish.template is not None:
        from station.cloud.files.template import write_template

        write_template(wish.template, provider)
        say(ctx.words.commands.importing.template.format(file=wish.template))
        return Exit.OK
    if wish.file is None:
        raise UsageError(
            "which file?", do="station import FILE, or --template FILE.xlsx for an empty one", code=Code.E122
        )
    with ctx.open_ledger() as ledger:
        report = import_certificates(
            ledger,
            wish.file,
            provider=provider,
            choices=wish.choices(provider),
            skip_bad=wish.skip_bad,
            dry=wish.dry_run,
            ask=partial(_ask, ctx.words) if sys.stdin.isatty() and not wish.as_json else None,
        )
    _tell(report, ctx.words, as_json=wish.as_json, dry=wish.dry_run)
    return Exit.PERSON_NEEDED if report.receipt.conflicts else Exit.OK


def _pair(text: str, flag: str, example: str) -> tuple[str, str]:
    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not name or not value:
        raise UsageError(f"{flag} {text} says nothing", do=f"e.g. {flag} {example}")
    return name, value


def _ask(words: Words, word: str, count: int) -> bool:
    from station.cloud.files.statuses import shown

    return ask_whether(words.commands.importing.never_used.format(word=shown(word), number=count))


def _tell(report: ImportReport, words: Words, *, as_json: bool, dry: bool) -> None:
    receipt, text = report.receipt, words.commands.importing
    for row in report.skipped:
        say(text.skipped.format(row=spoken(str(row))))
    for note in report.notes:
        say(note)
    if receipt.withheld or receipt.turned_active:
        say(text.used.format(number=receipt.withheld + receipt.turned_active))
    tell_disputes(receipt, words)
    if as_json:
        print_json(
            {
                "event": "would import" if dry else "imported",
                "batch": report.batch_id,
                "identities": report.identities,
                "new": receipt.new,
                "known": receipt.unchanged,
                "withheld": receipt.withheld,
                "conflicts": [str(name) for name in receipt.conflicts],
                "skipped": len(report.skipped),
                "sheet": report.sheet,
                "heading": report.heading,
                "columns": dict(report.columns),
                "notes": list(report.notes),
            }
        )
        return
    if dry:
        columns = words.commands.pull.between.join(
            text.column.format(name=name, letter=letter) for name, letter in report.columns.items()
        )
        found = text.headings if report.heading else text.no_headings
        where = text.sheet.format(sheet=report.sheet) if report.sheet and report.heading else ""
        print_line(where + found.format(row=report.heading, columns=columns))
    came = text.would_come if dry else text.came
    print_line(came.format(batch=report.batch_id, number=report.identities, new=receipt.new))
