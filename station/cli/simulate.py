# SPDX-License-Identifier: GPL-3.0-or-later
"""`station simulate …`: clouds and boards to try the station on, without an account and without hardware."""

from __future__ import annotations

import os
import shlex
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from station.cli.help_page import described
from station.cli.output import print_lines, print_told
from station.cli.spoken import Spoken, SpokenGroup, configured
from station.cli.telling import language_of
from station.codes import Code
from station.errors import ConfigError

_PRINTER_STATES = ("ready", "out-of-paper", "jammed", "open", "dead", "slow")


@click.group(cls=SpokenGroup)
@click.pass_context
def simulate(ctx: click.Context) -> None:
    """Simulated clouds and boards, for trying and testing."""
    ctx.with_resource(_no_thread_takes_a_signal())


class _CloudCommand(Spoken):
    """Its help ends with the fault language, which is read from the tables that run it."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from station.simulate.cloud import faults, mishaps, quirks
        from station.words.simulator_words import SimulatorWords, simulator_words

        words = simulator_words(language_of(configured(ctx), os.environ)) or SimulatorWords(
            script=(faults.__doc__ or "").partition("\n\n")[2],
            mishaps=mishaps.TABLE,
            quirks=quirks.TABLE,
            titles=("Mishaps, do=NAME:", "Oddities, quirk=NAME:"),
        )
        formatter.write(f"\n\n{words.script}")
        for title, table in zip(words.titles, (words.mishaps, words.quirks), strict=True):
            formatter.write(f"\n{title}\n")
            formatter.write("\n".join(described(table.items(), formatter.width)) + "\n")


@simulate.command(cls=_CloudCommand)
@click.option("--port", default=0, show_default="any free one", help="TCP port on 127.0.0.1.")
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), help="Remember everything in this file.")
@click.option("--faults", "scripts", multiple=True, help="Fault script, see below; may be repeated.")
@click.option("--ready-after", default=0.0, metavar="SECONDS", help="How long the cloud needs to generate a batch.")
@click.option("--calls-per-s", default=0, metavar="N", help="What IoTDA's gateway lets in. [default: all]")
@click.option("--seed", default="", help="Keys and certificates follow from it. [default: a new one each time]")
@click.option("--print-config", is_flag=True, help="Print the keys as lines for station.toml, then serve.")
@click.option(
    "--secrets",
    type=click.Path(file_okay=False, path_type=Path),
    help="Like --print-config, with the secrets written to 0600 files in this folder.",
)
def cloud(
    port: int,
    state: Path | None,
    scripts: tuple[str, ...],
    ready_after: float,
    calls_per_s: int,
    seed: str,
    secrets: Path | None,
    *,
    print_config: bool,
) -> None:
    """Serve Alibaba Living Link, Huawei IoTDA and Alibaba Cloud IoT Platform on 127.0.0.1 until interrupted.

    A new cloud has an ordinary product and an NVR product with 16 cameras. The keys printed open nothing else.
    """
    from station.simulate.cloud import CloudSimulator, settings

    try:
        simulator = CloudSimulator(state, scripts, ready_after, calls_per_s=calls_per_s, port=port, seed=seed)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--faults") from None
    with simulator:
        if not simulator.world.products:
            simulator.add_product("Fan")
            simulator.add_product("NVR", channels=16)
        if secrets:
            print_lines(settings.as_toml_with_secrets(simulator, secrets))
        elif print_config:
            print_lines(settings.as_toml(simulator))
        else:
            print_told(f"Cloud simulator on {simulator.url}   (Ctrl-C ends it)")
            for line in settings.keys_of(simulator):
                print_told(line, indent="  ")
        signal.sigwait(_ends())


def _in_a_folder(_ctx: click.Context, _param: click.Parameter, file: Path | None) -> Path | None:
    if file is not None and not file.parent.is_dir():
        raise ConfigError(
            f"there is no folder {file.parent} for {file.name}",
            do=f"run: mkdir -p {shlex.quote(str(file.parent))}",
            code=Code.E121,
        )
    return file


_MADE = click.Path(dir_okay=False, path_type=Path)


def _link(name: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    return click.option(
        "--link",
        type=_MADE,
        default=Path(name),
        show_default=True,
        callback=_in_a_folder,
        help="Where its serial port appears.",
    )


@simulate.command()
@click.option("--uid", default="5a00000000000001", show_default=True, help="Board uid, 16 hex digits.")
@_link("ttyBOARD")
@click.option(
    "--store",
    type=_MADE,
    callback=_in_a_folder,
    help="File with its flash; kept.  [default: LINK.flash]",
)
@click.option(
    "--count",
    type=click.IntRange(1, 100_000),
    help="So many, one after another, with uids from --uid on; their flashes are UID.flash beside LINK.",
)
@click.option("--ports", type=click.IntRange(1, 64), default=1, show_default=True, help="For --count: LINK1, LINK2 …")
def board(uid: str, link: Path, store: Path | None, count: int | None, ports: int) -> None:
    """Plug in a simulated agent board until interrupted; its flash file survives.

    With --count the next board is put in when one has its identity and its port is let go.
    """
    from station.simulate.agent_board import SimulatedAgentBoard

    if count is not None:
        _serve_tray(uid, link, count, ports)
        return
    flash = store or link.with_suffix(".flash")
    _claim(flash, f"agent board {uid}", "--uid")
    with SimulatedAgentBoard(uid, flash, link.absolute()):
        _serve_until_signal(f"board {uid} is at {link}, its flash in {flash}   (Ctrl-C unplugs it)")


def _serve_tray(uid: str, link: Path, count: int, ports: int) -> None:
    from station.simulate.tray import Tray

    ends = [link.with_name(f"{link.name}{number}").absolute() for number in range(1, ports + 1)]
    with Tray(uid, count, ends):
        _serve_until_signal(f"{count} boards come to {link}1 to {link}{ports}, one after another   (Ctrl-C ends it)")


@simulate.command()
@click.argument("profile")
@click.option("--uid", help="Where the console tells one.  [default: one that the profile can use]")
@_link("ttyCONSOLE")
@click.option(
    "--store",
    type=_MADE,
    callback=_in_a_folder,
    help="File with its storage; kept.  [default: LINK.json]",
)
def console(profile: str, uid: str | None, link: Path, store: Path | None) -> None:
    """Plug in a simulated board with the vendor's console that the shipped PROFILE is for, until interrupted."""
    from station.simulate.console import DIALECTS, ConsoleBoard, usual_uid

    if profile not in DIALECTS:
        raise click.BadParameter(f"choose one of {', '.join(DIALECTS)}", param_hint="PROFILE")
    file = store or link.with_suffix(".json")
    uid = uid or usual_uid(profile)
    _claim(file, f"{profile} {uid}", "--uid")
    with ConsoleBoard(profile, uid=uid, store=file, link=link.absolute()):
        _serve_until_signal(f"{profile} {uid} is at {link}, its storage in {file}   (Ctrl-C unplugs it)")


@simulate.command()
@click.option("--chip", default="esp32c3", show_default=True, help="esp8266, esp32, esp32s3, esp32c6 …")
@click.option("--mac", default="5a0000000001", show_default=True, help="Base MAC in its eFuse.")
@_link("ttyESP")
@click.option("--flash", type=_MADE, callback=_in_a_folder, help="File with its flash; kept.  [default: LINK.flash]")
@click.option(
    "--partitions",
    "table",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="ESP-IDF's partitions.csv.  [default: a table with fctry, data/nvs, at 0x110000]",
)
@click.option("--paced", is_flag=True, help="Bytes and erasing take the time they take on hardware.")
def esp(chip: str, mac: str, link: Path, flash: Path | None, table: Path | None, *, paced: bool) -> None:
    """Plug in a simulated ESP board in its loader until interrupted; esptool can drive it too.

    A keys partition for encrypted NVS is a line in --partitions: `nvs_key, data, nvs_keys, 0x120000, 0x1000`.
    """
    from station.simulate.esp import CHIPS, DEFAULT_PARTITIONS, BoardSpec, EspBoard, read_partitions

    if chip not in CHIPS:
        raise click.BadParameter(f"choose one of {', '.join(CHIPS)}", param_hint="--chip")
    file = flash or link.with_suffix(".flash")
    try:
        partitions = read_partitions(table) if table else () if file.exists() else DEFAULT_PARTITIONS
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--partitions") from None
    _claim(file, f"{chip} {mac}", "--mac")
    with EspBoard(BoardSpec(chip=chip, mac=mac, flash=file, partitions=partitions, link=link.absolute(), paced=paced)):
        _serve_until_signal(f"{chip} {mac} is at {link}, its flash in {file}   (Ctrl-C unplugs it)")


@simulate.command()
@click.option("--port", default=9100, show_default=True, type=click.IntRange(0, 65535), help="TCP port on 127.0.0.1.")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    show_default=True,
    help="Each label is put there as label-N.png.",
)
@click.option("--state", type=click.Choice(_PRINTER_STATES), default="ready", show_default=True, help="How it is.")
def printer(port: int, folder: Path, state: str) -> None:
    """Serve a simulated label printer until interrupted; each label becomes a picture."""
    from station.simulate.printer import LabelPrinter

    try:
        simulated = LabelPrinter(folder, port=port, state=state)
    except OSError as error:
        raise click.BadParameter(f"port {port}: {error.strerror}", param_hint="--port") from None
    with simulated:
        _serve_until_signal(f"a label printer is at {simulated.where}, its labels in {folder}   (Ctrl-C ends it)")


def _claim(storage: Path, board: str, option: str) -> None:
    from station.simulate.whose import claim

    try:
        claim(storage, board)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from None


def _serve_until_signal(text: str) -> None:
    print_told(text)
    signal.sigwait(_ends())


def _ends() -> set[signal.Signals]:
    """What ends a simulator; not the end of a terminal under nohup."""
    hup = set() if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else {signal.SIGHUP}
    return {signal.SIGINT, signal.SIGTERM} | hup


@contextmanager
def _no_thread_takes_a_signal() -> Iterator[None]:
    """One that a thread of a simulator took would be lost to `sigwait`, which would wait for ever; so they are held
    back before there is a thread."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ends())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
