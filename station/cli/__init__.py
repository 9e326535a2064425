# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: thin commands over the same functions the screens call. stdout is data, stderr is talk.

Commands are imported when used: `station --version` pays for click alone, and `station flash` never loads textual.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

import click

from station import __version__
from station.cli.logged import end_log, log_error
from station.cli.output import say_lines
from station.cli.pager import no_pager_option
from station.cli.spoken import SpokenGroup, usage_error
from station.cli.telling import tell, tell_interrupted
from station.codes import Code, Exit
from station.errors import StationError, StationFault, UsageError, defect
from station.printable import is_whole, write_utf8

if TYPE_CHECKING:
    from station.cli.context import Context

_COMMANDS = {
    "init": ("station.cli.init:init", "Write a first configuration and a key, and say what to do next."),
    "run": ("station.cli.run:run", "Open the operator's bench on this terminal."),
    "flash": ("station.cli.flash:flash", "Flash boards without a screen; for scripts."),
    "demo": ("station.cli.demo:demo", "Try everything on simulated boards and a simulated cloud."),
    "reconcile": ("station.cli.reconcile:reconcile", "Where the cloud and this ledger differ."),
    "pull": ("station.cli.pull:pull", "Fetch a production batch's certificates into the ledger."),
    "import": ("station.cli.importing:import_file", "Take certificates from a CSV, XLSX or JSON file."),
    "product": ("station.cli.product:product", "List, show and create products in the cloud."),
    "batch": ("station.cli.batch:batch", "Make production batches in the cloud, and see what became of them."),
    "status": ("station.cli.status:status", "Stock by state, doubts, locks: where the bench stands."),
    "certs": ("station.cli.certs:certs", "List certificates; never a secret."),
    "show": ("station.cli.show:show", "The whole history of a certificate or a board."),
    "history": ("station.cli.history:history", "What became of a certificate or a board, visits and all, in order."),
    "resolve": ("station.cli.resolve:resolve", "What is in doubt and what to do; settle a board put back in."),
    "conflict": ("station.cli.conflict:conflict", "Names that two sources say differently: see, and choose."),
    "stranger": ("station.cli.stranger:stranger", "Boards that may hold a part of another's identity (supervisor)."),
    "serial": ("station.cli.serial:serial", "Correct a board's product serial number (supervisor)."),
    "vouch": ("station.cli.vouch:vouch", "Say that a blank board is the one in doubt under its label (supervisor)."),
    "retire": ("station.cli.retire:retire", "Take an identity out of use for good (supervisor)."),
    "rework": ("station.cli.rework:rework", "Let a finished board take a new identity (supervisor)."),
    "set": ("station.cli.nvr_set:nvr_set", "Sets one of whose cameras was retired (supervisor)."),
    "release": ("station.cli.release:release", "Let what is withheld back into the queue (supervisor)."),
    "unlock": ("station.cli.unlock:unlock", "Unlock a slot or the station (supervisor)."),
    "key": ("station.cli.key:key", "The ledger's data key: rotate, change-passphrase, move, export, import."),
    "backup": ("station.cli.backup:backup", "Ledger, configuration and profiles in one file."),
    "restore": ("station.cli.backup:restore", "Put a backup back; a recovery follows (supervisor)."),
    "recover": ("station.cli.recover:recover", "Go on with a ledger that was set back or copied (supervisor)."),
    "adopt": ("station.cli.recover:adopt", "Go on at this PC with a ledger that was moved here (supervisor)."),
    "ledger": ("station.cli.ledger:ledger", "A line's ledger on a PostgreSQL server: make it, check it, move there."),
    "audit": ("station.cli.audit:audit", "Prove that the audit chain is whole; print it."),
    "report": ("station.cli.report:report", "Exports, batch report, shift handover, labels."),
    "label": ("station.cli.label:label", "Labels of boards that are done: preview, print, test, queue."),
    "outbox": ("station.cli.outbox:outbox", "Events for the factory's systems: what waits, what was refused."),
    "serve": ("station.cli.serve:serve", "Certificates for line clients that write boards themselves, by HTTP."),
    "andon": ("station.cli.andon:andon", "Lights, sounds and links outside the screen: try them."),
    "board": ("station.cli.board:board", "The wall board: counters, large, read-only."),
    "slots": ("station.cli.slots:slots", "Fixture positions and what is plugged in."),
    "profile": ("station.cli.profile:profile", "Products' profiles: new, keys, check, list, show, try."),
    "templates": ("station.cli.templates:templates", "Firmware for the board's side: list and copy."),
    "config": ("station.cli.config:config", "Check and show the configuration."),
    "help": ("station.cli.code_help:code_help", "How things are done, by topic; what an error code means."),
    "docs": ("station.cli.docs:docs", "Paper for the bench: the operator's card."),
    "schema": ("station.cli.schema:schema", "JSON Schemas of events and of what commands print with --json."),
    "completion": ("station.cli.completion:completion", "Let a shell complete commands, options and names."),
    "man": ("station.cli.man:man", "The manual page of all commands."),
    "doctor": ("station.cli.doctor:doctor", "Find what is wrong with this bench, and the command that mends it."),
    "service": ("station.cli.service:service", "Start the bench with the PC: install, status, logs, remove."),
    "udev": ("station.cli.udev:udev", "Rules that give slots stable names and permissions."),
    "simulate": ("station.cli.simulate:simulate", "Run the simulated cloud or boards on their own."),
    "supervisor": ("station.cli.supervisor:supervisor", "Supervisors and their PINs: set-pin, list, remove."),
}


class _Lazy(SpokenGroup):
    """Knows every command's name and summary without importing it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="station")
@click.option("--config", "config_file", type=click.Path(dir_okay=False), is_eager=True, help="Use this station.toml.")
@click.option(
    "--set",
    "overrides",
    multiple=True,
    is_eager=True,
    metavar="KEY=VALUE",
    help="Override one setting, e.g. bench.name=b2.",
)
@no_pager_option
@click.option("--no-color", is_flag=True, help="Screens and pages without colours, as NO_COLOR=1 has them.")
@click.pass_context
def cli(ctx: click.Context, config_file: str | None, overrides: tuple[str, ...], *, no_color: bool) -> None:
    """Certificate flashing station: exactly one cloud identity on each board, proved by readback.

    Exit codes: 0 ok, 1 a board failed, 2 usage or configuration, 3 station fault, 4 cloud, 5 no certificates left,
    6 a person is needed, 7 integrity alarm, 130 interrupted.
    """
    from station.cli.context import Context

    if no_color:
        os.environ["NO_COLOR"] = "1"  # textual's own way, and that of programs that are started
    context = Context(config_file, overrides)
    context.asked = ctx.invoked_subcommand or ""
    if isinstance(ctx.obj, list):
        ctx.obj.append(context)
    ctx.obj = context


def main() -> None:
    """Console entry: the one place where errors become exit codes. Whatever the umask, nothing is made for others."""
    os.umask(os.umask(0o077) | 0o077)
    _end_as_by_ctrl_c()
    _open_what_is_closed()
    write_utf8()
    sys.exit(_run())


def _end_as_by_ctrl_c() -> None:
    """SIGTERM and the end of a terminal, until a command has a way of its own; what nohup ignores stays ignored."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


def _open_what_is_closed() -> None:
    """`>&-`: what is printed there goes nowhere, and no file of ours takes its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))


def _require_text(arguments: Sequence[str]) -> None:
    """Bytes that are no UTF-8 come as half characters, which no file and no ledger of ours holds."""
    if any(not is_whole(argument) for argument in arguments):
        raise UsageError(
            "an argument is not UTF-8",
            do="give the file a name in UTF-8; check the terminal’s encoding",
            code=Code.E121,
        )


def _foreseen(error: BaseException) -> StationError | None:
    """What any command may meet that writes or prints: `station certs --json > FILE`, too."""
    if not isinstance(error, OSError) or error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return None
    return StationFault(
        "a disk is full, or a quota is used up",
        means="what was being written or printed is not whole",
        do="make room (df -h), then run the command again",
    )


def _run() -> int:
    made: list[Context] = []
    code = _ran(made)
    end_log(code, made)
    return code


def _ran(made: list[Context]) -> int:
    try:
        _require_text(sys.argv[1:])
        result = cli(standalone_mode=False, obj=made)
        return result if isinstance(result, int) else Exit.OK
    except click.Abort:
        tell_interrupted(next(iter(made), None))
        return Exit.INTERRUPTED
    except click.ClickException as error:
        say_lines(usage_error(error, next(iter(made), None)))
        return Exit.USAGE
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except SystemExit:
        # How click ends when the reader of our output went away (`station certs | head`): not our failure, and nothing
        # more to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except BaseException as error:
        # Also what nobody foresaw: a traceback would end in 1, which says that a board failed.
        fault = error if isinstance(error, StationError) else _foreseen(error) or defect(error)
        tell(fault, next(iter(made), None))
        log_error(fault, error, made)
        return fault.exit
