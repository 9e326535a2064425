# SPDX-License-Identifier: GPL-3.0-or-later
"""`station profile …`: one TOML file for each product."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.completing import profiles, shipped_profiles
from station.cli.context import Context, json_option
from station.cli.output import print_json, print_line, print_lines, print_table, print_told, say, spoken
from station.cli.pager import paged
from station.cli.spoken import SpokenGroup
from station.cli.tracing import trace_option, traced
from station.codes import Code, Exit
from station.errors import ConfigError, UsageError
from station.words.width import padded

if TYPE_CHECKING:
    from station.model import BoardInfo
    from station.profiles.profile import Profile


@click.group(cls=SpokenGroup)
def profile() -> None:
    """How a product's boards are talked to and what is written on them.

    Another vendor's console: `station profile keys console`, write the file from their manual, `check` it, `try` it.
    """


@profile.command("list")
@json_option
@click.pass_obj
@paged
def list_profiles(ctx: Context, *, as_json: bool) -> int:
    """Your profiles, then the shipped ones that can be copied."""
    from station.profiles.shipped import boards_of, shipped_names
    from station.words.profile_words import boards_for

    folder = ctx.config.profiles_dir
    rows = [(path.stem, "yours", path) for path in sorted(folder.glob("*.toml"))]
    found = []
    for name, whose, path in [*rows, *((name, "shipped", None) for name in shipped_names())]:
        try:
            read = _find(ctx, str(path or name))
            about = {"boards": boards_of(name)} if path is None else {"products": list(read.products)}
            found.append({"name": name, "whose": whose, "target": read.target, **about})
        except ConfigError as error:
            found.append({"name": name, "whose": whose, "fault": error.what})
    if as_json:
        print_json({"folder": str(folder), "profiles": found})
    else:
        print_table(
            ("profile", "whose", "target", "for"),
            [
                (
                    p["name"],
                    spoken(str(p["whose"])),
                    spoken(str(p.get("target", "cannot be read"))),
                    boards_for(str(p["name"]), ctx.words) if "boards" in p else _list(p.get("products")),
                )
                for p in found
            ],
        )
        say("start your own: station profile new NAME --like SHIPPED --product PRODUCTKEY")
    return Exit.OK


@profile.command()
@click.argument("name", shell_complete=profiles)
@json_option
@click.pass_obj
def show(ctx: Context, name: str, *, as_json: bool) -> int:
    """Print a profile: yours, or a shipped one."""
    from station.profiles.shipped import text_of

    file = _known_file(ctx, name)
    text = file.read_text("utf-8") if file else text_of(name)
    if as_json:
        print_json({"name": name, "file": str(file) if file else None, "toml": text})
    else:
        print_lines(text)
    return Exit.OK


@profile.command()
@click.argument("target")
@json_option
@paged
def keys(target: str, *, as_json: bool) -> int:
    """All keys of a profile, with their meaning.

    TARGET is agent, console or esp-nvs: what to write for a board that no shipped profile fits.
    """
    from station.targets.tables import keys_of

    if as_json:
        print_json({"target": target, "toml": keys_of(target)})
    else:
        print_lines(keys_of(target))
    return Exit.OK


@profile.command()
@click.argument("name")
@click.option(
    "--like", required=True, shell_complete=shipped_profiles, help="A shipped profile; see `station profile list`."
)
@click.option("--product", "products", multiple=True, help="productKey it may flash; may be repeated.")
@json_option
@click.pass_obj
def new(ctx: Context, name: str, like: str, products: tuple[str, ...], *, as_json: bool) -> int:
    """Copy a shipped profile under a new NAME into your folder; overwrites nothing."""
    from station.profiles.making import make_profile

    path = make_profile(ctx.config.profiles_dir, name, like=like, products=products)
    if as_json:
        print_json({"name": name, "file": str(path), "products": list(products)})
    else:
        print_told(f"wrote {path}")
        say(f"next: edit it, station profile check {name}, station profile try {name} --port …")
    return Exit.OK


@profile.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME|FILE...", shell_complete=profiles)
@json_option
@click.pass_obj
def check(ctx: Context, names: tuple[str, ...], *, as_json: bool) -> int:
    """Say everything that is wrong with profiles; opens no port. Exit code 2 when something is."""
    from station.targets.tables import contradictions
    from station.words.details import said

    faults: dict[str, list[str]] = {}
    for name in names:
        try:
            faults[name] = contradictions(_find(ctx, name))
        except ConfigError as error:
            faults[name] = error.what.split("; ")
    if as_json:
        print_json({"profiles": [{"name": name, "faults": found} for name, found in faults.items()]})
    else:
        for name, found in faults.items():
            print_line(ctx.words.of(name, spoken("ok") if not found else "").rstrip())
            for fault in found:
                print_line(f"  {said(fault, ctx.words)}")
    return Exit.USAGE if any(faults.values()) else Exit.OK


@profile.command("try")
@click.argument("name", shell_complete=profiles)
@click.option("--port", required=True, metavar="URL", help="Device or pyserial URL of one board.")
@click.option("--label", help="The board's label, where the profile asks for a scan.")
@trace_option
@json_option
@click.pass_obj
def try_profile(ctx: Context, name: str, port: str, label: str | None, trace: Path | None, *, as_json: bool) -> int:
    """Talk to the board at a port as the profile says, and tell what it answers. Writes nothing, takes nothing.

    Each line that was sent (→) and heard (←), and which pattern was found or was not (·), is told meanwhile on stderr.
    A console whose uid is a marker, and only that one, is restarted.
    """
    from contextlib import closing

    from station.model import Port
    from station.targets import get_target
    from station.targets.wire import listen

    wanted = _find(ctx, name)
    if wanted.scan_label and label is None:
        raise UsageError(f"profile {wanted.name} asks for the board's label", do="add --label TEXT")
    at = Port(url=port, slot="try")
    end = listen(lambda _slot, line: say(line))
    try:
        with traced(trace), closing(get_target(wanted.target).open(at, wanted, label=label)) as session:
            board = session.identify()
    finally:
        end()
    if as_json:
        print_json(_as_dict(board) | {"details": dict(board.details)})
    else:
        told = {key: ", ".join(value) if isinstance(value, list) else value for key, value in _as_dict(board).items()}
        for key, value in (told | dict(board.details)).items():
            print_line(f"{padded(spoken(key.replace('_', ' ')), 9)} {spoken(str(value))}")
    return Exit.OK


def _as_dict(board: BoardInfo) -> dict[str, object]:
    """What may be shown of a board: names, never a secret."""
    return {
        "uid": board.uid,
        "chip": board.chip,
        "holds": board.holding,
        "names": [str(name) for name in board.names],
        "digest": board.digest or "",
        "firmware": board.firmware,
        "locked": board.locked,
    }


def _find(ctx: Context, wanted: str) -> Profile:
    """By file, by name in the user's folder, or a shipped one. ConfigError when it is none of these, or is wrong."""
    from station.profiles.finding import find_profile
    from station.profiles.profile import parse_profile
    from station.profiles.shipped import table_of
    from station.targets import check_options

    file = _known_file(ctx, wanted)
    if file is None:
        return parse_profile(table_of(wanted), check_options, source=wanted)
    return find_profile(str(file), ctx.config.profiles_dir, check_options)


def _known_file(ctx: Context, wanted: str) -> Path | None:
    """None for a shipped one. ConfigError E111 for what is none."""
    from station.meant import perhaps
    from station.profiles.shipped import shipped_names

    folder = ctx.config.profiles_dir
    for path in (Path(wanted).expanduser(), folder / f"{wanted}.toml"):
        if path.suffix == ".toml" and path.is_file():
            return path
    if wanted in shipped_names():
        return None
    known = [*sorted(path.stem for path in folder.glob("*.toml")), *shipped_names()]
    raise ConfigError(
        f"there is no profile “{wanted}”{perhaps(wanted, known)}", do="see: station profile list", code=Code.E111
    )


def _list(products: object) -> str:
    return ", ".join(products) if isinstance(products, list) else ""
