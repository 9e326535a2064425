# SPDX-License-Identifier: GPL-3.0-or-later
"""`station ledger …`: a line's ledger on a PostgreSQL server, made and checked."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli.asking import require_yes, yes_option
from station.cli.context import Context, json_option
from station.cli.dry import is_dry_run
from station.cli.dry_run import dry_run_option
from station.cli.output import print_json, print_line, say
from station.cli.progress_line import ProgressLine
from station.cli.spoken import SpokenGroup
from station.cli.telling import tell, tell_notice
from station.codes import Exit
from station.errors import UsageError, most_serious

_URL = click.argument("url", metavar="URL")


@click.group(cls=SpokenGroup)
def ledger() -> None:
    """A ledger on a PostgreSQL server (13 or later), for a whole line: make one, check its server, move one there.

    A bench works on it by `[ledger] url` in its station.toml, with the line's key, one for all benches.

    URL is postgresql://ROLE@HOST/DATABASE. A password never stands in it: libpq takes it from ~/.pgpass (chmod 600).
    """


@ledger.command()
@_URL
@click.option("--owner", default="station_owner", show_default=True, help="Role that owns the tables; nobody's login.")
@click.option("--bench", default="station_bench", show_default=True, help="Role that benches log in as.")
@click.option(
    "--bench-password-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="0600 file with the bench role's password; without it the role keeps the one it has, or none.",
)
@json_option
def init(url: str, owner: str, bench: str, bench_password_file: Path | None, *, as_json: bool) -> None:
    """Make roles, tables and rights in the database of URL, or bring them up to date; run again, it changes nothing.

    URL's role may make roles and owns the database. --json: steps (that were run), owner, bench.
    """
    from station.ledger.server import set_up
    from station.secrets.files import read_secret_file

    password = read_secret_file(bench_password_file) if bench_password_file else None
    steps = set_up(url, owner=owner, bench=bench, password=password)
    if as_json:
        print_json({"steps": steps, "owner": owner, "bench": bench})
        return
    print_line(f"{len(steps)} steps run; {owner} owns the ledger, benches log in as {bench}")
    say("now check it as a bench: station ledger check URL")


@ledger.command()
@click.argument("url", metavar="[URL]", default="")
@json_option
@click.pass_obj
def check(ctx: Context, url: str, *, as_json: bool) -> Exit:
    """Whether the server keeps what it commits, the tables guard themselves, and roles may no more than they should.

    By the administrator's URL it looks deepest, by a bench's it sees what a bench gets; without one it is this bench's
    own, its `[ledger] url`. Exit code 0 when all is well; else the most serious of: 2 set-up, 3 the server loses
    commits (E321), 7 the guards were changed (E702). --json: version, role, administers, steps, benches, and faults,
    each with code, what, means and do.
    """
    from station.ledger.server import check as ask
    from station.secrets.files import named_secret

    password = None
    if not url:
        if not (url := ctx.config.text("ledger.url")):
            raise UsageError("this bench's ledger is a file: no [ledger] url is set", do="station ledger check URL")
        password = named_secret(ctx.config, "ledger.password")
    found = ask(url, password)
    if as_json:
        faults = [{"code": f.code, "what": f.what, "means": f.means, "do": f.do} for f in found.faults]
        print_json(
            {
                "version": found.version,
                "role": found.role,
                "administers": found.administers,
                "steps": found.steps,
                "benches": found.benches,
                "faults": faults,
            }
        )
    else:
        for fault in found.faults:
            tell(fault, ctx)
        told = "wrong" if found.faults else "well"
        print_line(f"PostgreSQL {found.version}, {len(found.steps)} steps, as {found.role}: {told}")
    return most_serious(fault.exit for fault in found.faults)


@ledger.command("copy")
@click.argument("source", metavar="SRC")
@click.argument("to", metavar="DST")
@yes_option
@dry_run_option
@json_option
@click.pass_obj
def copy_to(ctx: Context, source: str, to: str, *, as_json: bool) -> None:
    """Move a ledger with its whole history from SRC to DST, each a file or a server's URL. SRC is locked by it.

    DST is a new file, or a database that `station ledger init` has just made, by its administrator's URL. No station
    may work on either. Killed or ended, the same command goes on: until DST is whole nobody can work there, and from
    then on SRC gives out nothing. Secrets stay sealed with the key of this bench. --json: rows, lines, head, again.
    """
    from station.intake.progress import Meter
    from station.ledger.moving import move
    from station.secrets.keys import open_vault

    text, meter = ctx.words.commands, Meter(0)
    line = ProgressLine(text.progress.rows, ctx.words)
    vault = open_vault(ctx.settled_key(), ctx.ask_passphrase)
    require_yes(f"{source} is copied to {to}, and gives out nothing any more")
    done = move(
        source,
        to,
        vault,
        ctx.surroundings(),
        actor=ctx.config.text("bench.name"),
        say=lambda notice: tell_notice(notice, ctx),
        show=None if is_dry_run() else lambda so_far, total: line.show(meter.at(so_far, total)),
    )
    line.end()
    if as_json:
        print_json({"rows": done.rows, "lines": done.head.seq, "head": done.head.hash, "again": done.again})
        return
    said = text.ledger.moved_before if done.again else text.ledger.moved
    print_line(said.format(to=to, rows=done.rows, lines=done.head.seq, head=done.head.hash[:16]))
