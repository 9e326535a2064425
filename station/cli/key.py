# SPDX-License-Identifier: GPL-3.0-or-later
"""`station key …`: where the ledger's data key rests, and another one in its place."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path

import click

from station.cli.account import account
from station.cli.asking import ask_secret
from station.cli.context import Context
from station.cli.dry import is_dry_run
from station.cli.dry_run import dry_run_option, would
from station.cli.output import say
from station.cli.passphrase import new_passphrase, new_passphrase_option
from station.cli.spoken import SpokenGroup
from station.codes import Code
from station.errors import ConfigError
from station.model import Secret

WRAPS = {"file": "plain", "passphrase": "scrypt", "keyring": "keyring"}
_KEEPS = {
    "file": "keep the key {} in a plain 0600 file",
    "passphrase": "keep the key {} behind a passphrase",
    "keyring": "keep the key {} in the system’s keyring",
}


@click.group(cls=SpokenGroup)
def key() -> None:
    """The ledger's data key. Each change is an audit line, and may be interrupted at any moment.

    Whether a keyring or a disk takes the key is known by doing it alone: until one has taken it, it stays where it was.
    """


@key.command()
@click.pass_obj
def rotate(ctx: Context) -> None:
    """Seal every secret in the ledger with a new key; the old key file opens nothing of it any more.

    No station may work on the ledger meanwhile. Make a new backup afterwards: an older one opens with the older key
    alone. Fingerprints and witnesses keep theirs.
    """
    from station.ledger.resealing import reseal
    from station.secrets.changing import one_at_a_time, prepare_next

    with one_at_a_time(ctx.config.key_path):
        path = ctx.settled_key(drop=True)
        with ctx.open_ledger() as ledger:
            count = reseal(ledger, prepare_next(path, ctx.ask_passphrase))
        ctx.settled_key()
    say(f"{count} secrets are sealed with a new key; now back up {path} and the ledger")


@key.command("change-passphrase")
@new_passphrase_option
@click.pass_obj
def change_passphrase(ctx: Context, new_passphrase_file: Path | None) -> None:
    """Put the key behind another passphrase, of 12 or more characters."""
    from station.secrets.changing import move, wrap_of

    with _changing(ctx, "key passphrase changed") as path:
        if wrap_of(path) != "scrypt":
            raise ConfigError(
                "the key is behind no passphrase", do="put it there: station key move --to passphrase", code=Code.E114
            )
        move(path, ctx.ask_passphrase, wrap="scrypt", passphrase=new_passphrase(new_passphrase_file))
    _remind(ctx)


@key.command("move")
@click.option("--to", "to", type=click.Choice(list(WRAPS)), required=True, help="Where the key is to rest.")
@new_passphrase_option
@dry_run_option
@click.pass_obj
def move_key(ctx: Context, to: str, new_passphrase_file: Path | None) -> None:
    """Keep the key in a plain 0600 file, behind a passphrase, or in the system's keyring. The old place is emptied."""
    from station.secrets.changing import is_left_in_keyring, move

    passphrase = _passphrase_for(to, new_passphrase_file)
    with _changing(ctx, "key moved", to=to) as path:
        if would(_KEEPS[to].format(path)):
            return
        move(path, ctx.ask_passphrase, wrap=WRAPS[to], passphrase=passphrase)
    if is_left_in_keyring(path):
        say("the keyring cannot be reached: its old entry is removed by the next command that can")
    if to == "passphrase":
        _remind(ctx)


@key.command("export")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@new_passphrase_option
@dry_run_option
@click.pass_obj
def export_key(ctx: Context, file: Path, new_passphrase_file: Path | None) -> None:
    """Write the key to FILE behind a passphrase, for the other benches of a line: all of them have one key.

    Bring the passphrase another way than the file, and delete the file when the last bench has it.
    """
    from station.secrets.changing import export, one_at_a_time, require_free

    require_free(file)
    passphrase = _passphrase_for("passphrase", new_passphrase_file)
    with one_at_a_time(ctx.config.key_path):
        path = ctx.settled_key()
        with ctx.open_ledger() as ledger:
            ledger.audit.note("key exported", by=account())
        if would(f"write the key to {file}, behind a passphrase") or passphrase is None:
            return
        export(path, file, passphrase, ctx.ask_passphrase)
    say(ctx.words.commands.ledger.key_exported.format(file=file))


@key.command("import")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--to", "to", type=click.Choice(list(WRAPS)), default="file", show_default=True, help="Where it rests.")
@click.option(
    "--file-passphrase-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="0600 file with the passphrase of FILE, for scripts.",
)
@new_passphrase_option
@dry_run_option
@click.pass_obj
def import_key(
    ctx: Context, file: Path, to: str, file_passphrase_file: Path | None, new_passphrase_file: Path | None
) -> None:
    """Take the key that another bench has exported to FILE. The key that is here goes, unless a ledger needs it."""
    from station.secrets.changing import one_at_a_time, take_over
    from station.secrets.files import read_secret_file
    from station.secrets.keys import open_vault, read_exported
    from station.secrets.vault import Vault

    text, path = ctx.words.commands.ledger, ctx.config.key_path
    ask = partial(read_secret_file, file_passphrase_file) if file_passphrase_file else _passphrase_of_file
    if not is_dry_run():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with one_at_a_time(path) if path.parent.is_dir() else nullcontext():
        data_key = read_exported(file, ask)
        brought = Vault(data_key).key_id()
        if path.exists() and open_vault(path, ctx.ask_passphrase).key_id() == brought:
            say(text.key_known.format(key=path))
            return
        _require_not_needed(ctx, brought)
        passphrase = _passphrase_for(to, new_passphrase_file)
        if would(_KEEPS[to].format(path)):
            return
        take_over(path, data_key, wrap=WRAPS[to], passphrase=passphrase)
    say(text.key_imported.format(key=path))


def _passphrase_for(to: str, file: Path | None) -> Secret | None:
    """The new one, where there is to be one. In a dry run nobody is asked, and what a file holds is looked at."""
    from station.secrets.keys import require_long

    if to != "passphrase" or (is_dry_run() and file is None):
        return None
    passphrase = new_passphrase(file)
    require_long(passphrase)
    return passphrase


def _passphrase_of_file() -> Secret:
    if not sys.stdin.isatty():
        raise ConfigError(
            "the exported key needs its passphrase",
            do="give --file-passphrase-file, or run on a terminal",
            code=Code.E114,
        )
    return ask_secret("Passphrase")


def _require_not_needed(ctx: Context, brought: str) -> None:
    """ConfigError E114 where the line's ledger, or the file of this bench's own, is sealed with another key; E329 where
    the line's cannot be asked."""
    from station.ledger.view import look_at
    from station.ledger.where import where

    own, of_a_line = ctx.config.own_ledger_path, bool(ctx.config.text("ledger.url"))
    for place in [*([own] if own.exists() else []), *([where(ctx.config)] if of_a_line else [])]:
        with look_at(place) as view:
            belongs, is_empty = view.facts.get("key_id"), place == own and of_a_line and not any(view.stock.tallies())
        if belongs not in (None, brought) and not is_empty:
            raise ConfigError(
                f"the ledger {view.path if place == own else view.path.stem} needs the key that is here",
                means="with another one nothing of it opens; nothing was changed",
                do="go on with this key; or move the ledger and its key aside together",
                code=Code.E114,
            )


@contextmanager
def _changing(ctx: Context, event: str, **detail: str) -> Iterator[Path]:
    """Written down before it is done: no change of a key goes without its line."""
    from station.secrets.changing import one_at_a_time

    with one_at_a_time(ctx.config.key_path):
        path = ctx.settled_key(drop=not is_dry_run())
        with ctx.open_ledger() as ledger:
            ledger.audit.note(event, **detail)
            try:
                yield path
            except BaseException:
                ledger.audit.note(f"not done: {event}", **detail)
                raise
    if not is_dry_run():
        say(f"{event}; back up {path}")


def _remind(ctx: Context) -> None:
    if named := ctx.config.text("vault.passphrase_file"):
        say(f"write the new passphrase to {named}, or no command opens the key")
