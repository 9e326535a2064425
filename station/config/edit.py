# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bench keeps in station.toml, beside the user's comments: which port is which slot, the profile in use, a
cloud's account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from station.codes import Code
from station.config.settings import SlotLine, load
from station.errors import ConfigError
from station.whole import write_new

if TYPE_CHECKING:
    import tomlkit


def kept_slots(config_file: Path | None) -> tuple[SlotLine, ...]:
    """The slots of station.toml. ConfigError E110 when there is no such file or it is unsound."""
    return load(_require(config_file), {}, {}).slots


def keep_port(
    config_file: Path | None,
    slot: str,
    port: str,
    *,
    same: Callable[[str, str], bool],
    new: bool = False,
    note: Callable[[], None] = lambda: None,
) -> None:
    """Write a slot's port into station.toml. ConfigError E110 when there is no such file, when another slot has the
    port, when a `new` slot is there already, or when the file cannot be changed; it is as it was then.

    `same`: whether two ports are one. `note` is called when nothing but the file's own change is left to be done; if it
    raises, nothing is changed.
    """

    def change(document: tomlkit.TOMLDocument) -> None:
        import tomlkit  # noqa: PLC0415 - 10 ms, and a bench seldom writes its configuration

        tables = document.setdefault("slot", tomlkit.aot())
        for table in tables:
            if table["name"] != slot and same(str(table["path"]), port):
                raise ConfigError(f"{port} is slot {table['name']} already", do="plug the board into another socket")
        mine = next((table for table in tables if table["name"] == slot), None)
        if mine is not None and new:
            raise ConfigError(f"there is a slot {slot} in {config_file} already", do="try again: take the next number")
        if mine is None:
            mine = tomlkit.table()
            mine["name"] = slot
            tables.append(mine)
        mine["path"] = port

    _change(config_file, change, note)


def drop_slot(config_file: Path | None, slot: str, *, note: Callable[[], None] = lambda: None) -> None:
    """Take it out of station.toml, if it is there. ConfigError E110 and `note` as above."""

    def change(document: tomlkit.TOMLDocument) -> None:
        tables = document.get("slot", [])
        for at in reversed([at for at, table in enumerate(tables) if table["name"] == slot]):
            del tables[at]
        if not tables:  # it would be written as what no slot can be added to
            document.pop("slot", None)

    _change(config_file, change, note)


def keep_profile(config_file: Path | None, name: str, *, note: Callable[[], None] = lambda: None) -> None:
    """Make it the bench's default. ConfigError E110 and `note` as above."""

    def change(document: tomlkit.TOMLDocument) -> None:
        import tomlkit  # noqa: PLC0415

        document.setdefault("bench", tomlkit.table())["profile"] = name

    _change(config_file, change, note)


def keep_settings(
    config_file: Path | None, values: Mapping[str, str], *, note: Callable[[], None] = lambda: None
) -> None:
    """Dotted key → text. ConfigError E110 and `note` as above."""

    def change(document: tomlkit.TOMLDocument) -> None:
        import tomlkit  # noqa: PLC0415

        for key, value in values.items():
            *tables, name = key.split(".")
            table: MutableMapping[str, Any] = document
            for inner in tables:
                table = table.setdefault(inner, tomlkit.table())
            table[name] = value

    _change(config_file, change, note)


def _change(config_file: Path | None, change: Callable[[tomlkit.TOMLDocument], None], note: Callable[[], None]) -> None:
    """The new file takes the old one's place whole, with its comments. None that is unsound is touched, or made."""
    import tomlkit  # noqa: PLC0415
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415

    config_file = _require(config_file)
    load(config_file, {}, {})
    new = config_file.with_name(config_file.name + ".new")
    try:
        document = tomlkit.parse(config_file.read_text("utf-8"))
        change(document)
        write_new(new, tomlkit.dumps(document), mode=config_file.stat().st_mode & 0o777)
        load(new, {}, {})
        note()
        new.replace(config_file)
    except BaseException as error:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        if not isinstance(error, (OSError, TOMLKitError)):
            raise
        why = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(
            f"{config_file} cannot be changed: {why}",
            do="make it and its folder writable, and free the disk",
            code=Code.E110,
        ) from error


def _require(config_file: Path | None) -> Path:
    if config_file is None:
        raise ConfigError("there is no station.toml to write to", do="run: station init", code=Code.E110)
    return config_file
