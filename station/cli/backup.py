# SPDX-License-Identifier: GPL-3.0-or-later
"""`station backup` and `station restore`."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli.asking import require_yes, yes_option
from station.cli.context import Context
from station.cli.dry import is_dry_run
from station.cli.dry_run import dry_run_option, would
from station.cli.output import say, second
from station.cli.passphrase import new_passphrase
from station.cli.recover import run_recovery
from station.cli.spoken import Spoken
from station.cli.supervising import supervisor_options
from station.codes import Code, Exit
from station.errors import ConfigError

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(cls=Spoken)
@click.argument("file", type=_FILE)
@click.option("--with-key", is_flag=True, help="Put the data key in, behind a passphrase.")
@click.option("--new-passphrase-file", type=_FILE, help="0600 file with that passphrase, for scripts.")
@click.pass_obj
def backup(ctx: Context, file: Path, new_passphrase_file: Path | None, *, with_key: bool) -> None:
    """Write the ledger, the configuration and the profiles to FILE, while slots go on working.

    It holds no secret in the clear. Without the key its certificates cannot be flashed: keep the key file elsewhere, or
    use --with-key.
    """
    from station.ledger.backup import back_up
    from station.ledger.where import require_own_file
    from station.secrets.keys import wrapped_copy

    require_own_file(ctx.config, "back the server up, with pg_basebackup and its WAL; keep the key file elsewhere too")
    key = None
    if with_key:
        key = wrapped_copy(ctx.settled_key(), new_passphrase(new_passphrase_file), ctx.ask_passphrase)
    elif new_passphrase_file is not None:
        raise ConfigError("a passphrase is for the key", do="add --with-key", code=Code.E126)
    made = back_up(ctx.config, file, key)
    text = ctx.words.commands.ledger
    said = text.backed_up_with_key if made.has_key else text.backed_up
    say(said.format(file=file, lines=made.head.seq, head=made.head.hash[:16]))


@click.command(cls=Spoken)
@click.argument("file", type=_FILE)
@click.option("--reason", default="", help="Why; with a supervisor's PIN the recovery follows at once.")
@supervisor_options
@yes_option
@dry_run_option
@click.pass_obj
def restore(ctx: Context, file: Path, reason: str, as_supervisor: str, pin_file: Path | None) -> int:
    """Put the backup FILE back: the ledger, and what of configuration, profiles and key this PC lacks.

    The present ledger is kept aside, once you have said so. The one that came back is locked until `station recover`,
    which runs at once when --reason is given: boards were made since that it does not know.
    """
    from station.ledger.backup import put_config_back, put_ledger_back
    from station.ledger.where import require_own_file

    if ctx.file_to_make.exists():
        require_own_file(ctx.config, "restore the server; the next command says what follows (E702)")
    if ctx.file_to_make.exists() and ctx.config.ledger_path.exists():
        require_yes(f"The ledger in {ctx.config.state_dir} is replaced by that of {file}, and is locked")
    if is_dry_run():
        return _would_restore(ctx, file)
    if not ctx.file_to_make.exists():
        put_config_back(file, ctx.file_to_make)
    made = put_ledger_back(file, ctx.config, ctx.ask_passphrase)
    text = ctx.words.commands.ledger
    say(text.restored.format(lines=made.head.seq, at=second(made.at)))
    if not reason:
        say(text.locked)
        return Exit.PERSON_NEEDED
    return run_recovery(ctx, reason, as_supervisor, pin_file, event="restored from a backup")


def _would_restore(ctx: Context, file: Path) -> int:
    from station.ledger.backup import look_into

    if not ctx.file_to_make.exists():
        would(f"put the configuration and the profiles of {file} to {ctx.file_to_make.parent}")
    made = look_into(file, ctx.config, ctx.ask_passphrase)
    would(f"put the ledger of {second(made.at)} to {ctx.config.state_dir}, {made.head.seq} lines, locked")
    return Exit.PERSON_NEEDED
