# SPDX-License-Identifier: GPL-3.0-or-later
"""`station service`: the bench starts with the PC."""

from __future__ import annotations

import os
import pwd
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.context import Context, json_option
from station.cli.dry import is_dry_run
from station.cli.dry_run import dry_run_option, would
from station.cli.output import print_json, print_line, print_lines, say
from station.cli.spoken import SpokenGroup
from station.codes import Code, Exit
from station.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.config.settings import Config
    from station.service.unit import Service

_CONSOLE = re.compile(r"tty[1-9][0-9]?")
_folder = click.option(
    "--folder",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    default=Path("/etc/systemd/system"),
    show_default=True,
    help="Where the unit is.",
)


@click.group(cls=SpokenGroup)
def service() -> None:
    """Start the bench with the PC: a systemd service of this very installation and configuration.

    It runs as the user whose the ledger is, and may write nothing but what a bench writes.
    """


@service.command()
@click.option("--screen", metavar="TTY", default="", help="A console for the operator's screen, e.g. tty1.")
@click.option("--group", default="dialout", show_default=True, help="Group that may open the ports.")
@click.option("--print", "only_print", is_flag=True, help="Only print the unit.")
@_folder
@dry_run_option
@click.pass_obj
def install(ctx: Context, screen: str, group: str, folder: Path, *, only_print: bool) -> int:
    """Write the unit and start it, now and with the PC; needs root. Without --screen it is `flash --watch --json`."""
    from station.service import systemd
    from station.service.unit import unit_text

    if not screen:
        _require_no_scans(ctx)
    console = screen.removeprefix("/dev/")
    if console and not _CONSOLE.fullmatch(console):
        raise UsageError("--screen is no console of a PC", do="e.g. --screen tty1", code=Code.E100)
    wanted = _service(ctx, console, group)
    if only_print:
        print_lines(unit_text(wanted))
        return Exit.OK
    if is_dry_run():
        for step in systemd.would_install(folder):
            would(step)
        return Exit.OK
    path = systemd.install(wanted, folder)
    say(f"wrote {path}; it runs as {wanted.user}: station service status, station service logs")
    return Exit.OK


@service.command()
@json_option
def status(*, as_json: bool) -> int:
    """Whether it runs, since when, and how it ended last. Exit code 0 when it runs, 3 when it should and does not."""
    from station.service import systemd

    found = systemd.state()
    if as_json:
        print_json({"service": dict(found)})
    else:
        for name, value in found.items():
            print_line(f"{name:22} {value}")
    runs = found.get("ActiveState") in ("active", "activating")
    return Exit.OK if runs or found.get("UnitFileState") != "enabled" else Exit.STATION_FAULT


@service.command()
@click.option("--lines", type=click.IntRange(1), default=100, show_default=True, help="How many, from the end.")
@click.option("--follow", is_flag=True, help="And what comes.")
def logs(lines: int, *, follow: bool) -> None:
    """What it said, from the journal."""
    from station.service.systemd import logs_command

    command = logs_command(lines, follow=follow)
    sys.stdout.flush()
    os.execvp(command[0], command)  # noqa: S606 - fixed words


@service.command()
@_folder
@dry_run_option
@click.pass_obj
def remove(ctx: Context, folder: Path) -> int:
    """End it after the boards in hand and take the unit away; ledger, key, configuration and journal stay."""
    from station.service import systemd

    if is_dry_run():
        for step in systemd.would_remove(folder) or (f"nothing: there is none in {folder}",):
            would(step)
        return Exit.OK
    path = systemd.remove(folder)
    say(f"removed {path}" if path else f"there is none in {folder}")
    config = ctx.config
    say(f"left: {config.state_dir} (ledger, key), {config.witness_home} (its journal), {config.path or 'no file'}")
    return Exit.OK


def _require_no_scans(ctx: Context) -> None:
    """A headless bench that waits for boards has no scanner: it would end at its start. UsageError E100."""
    from station.bench.headless import RunOrder, require_scans

    if ctx.config.text("bench.profile"):
        require_scans(ctx.profile(), RunOrder(watch=True), len(ctx.config.slots))


def _service(ctx: Context, screen: str, group: str) -> Service:
    from station.service.unit import Service

    config = ctx.config
    if config.path is None or not config.key_path.exists():
        raise ConfigError("there is no bench here yet", do="station init; or --config FILE", code=Code.E111)
    owner = pwd.getpwuid(config.state_dir.stat().st_uid)
    home = Path(owner.pw_dir)
    written = [config.state_dir, config.path.parent, config.profiles_dir, *_witnesses(ctx, home), *_told(config, home)]
    return Service(
        program=[sys.executable, "-m", "station", *ctx.arguments()],
        user=owner.pw_name,
        group=group,
        writable=sorted({path.absolute() for path in written if path.is_dir()}),
        screen=screen,
    )


def _witnesses(ctx: Context, home: Path) -> list[Path]:
    """Of the user it runs as, who may not be the one that installs it."""
    ours = ctx.config.witness_home
    theirs = home / ours.relative_to(Path.home()) if ours.is_relative_to(Path.home()) else ours
    return [theirs, *ctx.config.further_witnesses]


def _told(config: Config, home: Path) -> Iterator[Path]:
    """Folders of the files that others read: the log, the andon's, the outbox's."""
    logs = config.text("log.file")
    if "/" in logs:
        yield (home / logs[2:] if logs.startswith("~/") else config.state_dir / logs).parent
    for table in (*config.andon.values(), *config.outbox.values()):
        if isinstance(table, dict) and isinstance(named := table.get("file"), str):
            yield (home / named[2:] if named.startswith("~/") else Path(named)).parent
