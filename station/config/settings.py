# SPDX-License-Identifier: GPL-3.0-or-later
"""station.toml and its overrides → typed values, each with its origin: flag > STATION_* > file > default.

The file is named by --config, by STATION_CONFIG, or is the user's, or the system's; never one in the working
directory, which on a bench may be anybody's. Secrets are never values here: a setting names the 0600 file, the keyring
entry or the 0600 environment file that holds one.
"""

from __future__ import annotations

import math
import os
import re
import shlex
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from station.codes import Code
from station.config import server_url
from station.config.table import SETTINGS, Setting
from station.errors import ConfigError
from station.meant import perhaps
from station.model import Language, Provider

APP = "certificate-station"


_NAMED = {"andon": "output", "outbox": "receiver"}
"""Tables of tables, whose names a bench chooses, and what each of them is."""
_BY_KEY = {s.key: s for s in SETTINGS}
_RANGES = {
    "bench.write_attempts": (1, 5),
    "bench.lock_slot_after": (2, 10),
    "bench.lock_station_after": (2, 10),
    "log.max_mib": (1, 1000),
    "log.keep": (1, 100),
    "mes.wait_s": (0.1, 60),
    "serve.confirm_s": (1, 86_400),
    "serve.port": (0, 65_535),
    "cloud.iotda.parallel": (0, 32),
}
_LANGUAGE = re.compile(r"""^[ \t]*(?:bench\.)?language[ \t]*=[ \t]*["'](\w+)["']""", re.MULTILINE)
_MOST = 10**300  # what a number may be, so that it is one in floating point too


@dataclass(frozen=True, slots=True)
class Value:
    """A setting's value and where it came from: "flag", an environment variable's name, a file, or "default"."""

    value: str | int | float | bool | tuple[str, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class SlotLine:
    """One [[slot]]: the fixture position's name and its port (USB topology, device or URL)."""

    name: str
    path: str


class Config:
    """All settings resolved. Frozen after construction."""

    def __init__(
        self,
        values: Mapping[str, Value],
        slots: tuple[SlotLine, ...],
        path: Path | None,
        named: Mapping[str, Mapping[str, object]] | None = None,
    ) -> None:
        self.values = dict(values)
        self.slots = slots
        self.path = path
        self._named = dict(named or {})

    def text(self, key: str) -> str:
        return str(self.values[key].value)

    def number(self, key: str) -> float:
        return float(str(self.values[key].value))

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values[key].value
        return value if isinstance(value, tuple) else (str(value),)

    def flag(self, key: str) -> bool:
        return bool(self.values[key].value)

    @property
    def andon(self) -> Mapping[str, object]:
        """Each [andon.NAME] as it stands; `station.andon` reads it."""
        return self._named.get("andon", {})

    @property
    def outbox(self) -> Mapping[str, object]:
        """Likewise each [outbox.NAME]."""
        return self._named.get("outbox", {})

    @property
    def state_dir(self) -> Path:
        given = self.text("bench.state_dir")
        return Path(given).expanduser() if given else default_state_dir()

    @property
    def ledger_path(self) -> Path:
        """The ledger's file; of a line's, which is on a server, the file by which this bench is known there."""
        url = self.text("ledger.url")
        return self.state_dir / f"{server_url.title_of(url)}{server_url.MARK}" if url else self.own_ledger_path

    @property
    def own_ledger_path(self) -> Path:
        """The file that is the ledger where no line's is, and stays where it is when one comes."""
        return self.state_dir / "ledger.db"

    @property
    def witness_home(self) -> Path:
        """Where the ledger's journal of written boards is by default: neither beside the ledger nor this file."""
        return default_witness_home()

    @property
    def further_witnesses(self) -> tuple[Path, ...]:
        return tuple(Path(text).expanduser().absolute() for text in self.texts("ledger.witnesses"))

    @property
    def key_path(self) -> Path:
        given = self.text("vault.key_file")
        return Path(given).expanduser() if given else self.state_dir / "station.key"

    @property
    def profiles_dir(self) -> Path:
        given = self.text("bench.profiles_dir")
        if given:
            return Path(given).expanduser()
        return (self.path.parent if self.path else default_path().parent) / "profiles"


def default_path() -> Path:
    """The user's station.toml."""
    from platformdirs import user_config_path  # noqa: PLC0415 - `station --version` does without

    return user_config_path(APP) / "station.toml"


def default_state_dir() -> Path:
    """The user's data directory for this application."""
    from platformdirs import user_data_path  # noqa: PLC0415 - as above

    return user_data_path(APP)


def default_witness_home() -> Path:
    """Where this user's ledgers have their journals, unless more places are named."""
    from platformdirs import user_state_path  # noqa: PLC0415 - as above

    return user_state_path(APP) / "witness"


def named_file(given: Path | None, environment: Mapping[str, str]) -> Path | None:
    """The file that --config or STATION_CONFIG names, whether it exists or not."""
    return given or (Path(environment["STATION_CONFIG"]) if environment.get("STATION_CONFIG") else None)


def find_file(given: Path | None, environment: Mapping[str, str]) -> Path | None:
    """--config, then STATION_CONFIG, then the user's, then the system's file; None when there is none."""
    named = named_file(given, environment)
    if named is not None:
        if not named.is_file():
            raise ConfigError(
                f"there is no config file {named}",
                do=f"correct the path, or make it: station init --file {named}",
                code=Code.E110,
            )
        return named
    from platformdirs import site_config_path  # noqa: PLC0415 - as above

    return next((p for p in (default_path(), site_config_path(APP) / "station.toml") if p.is_file()), None)


def language_of_unsound(given: Path | None, environment: Mapping[str, str]) -> Language | None:
    """What a file that `load` refuses names, so that it is refused in the reader's language. None where the file is
    sound, and a flag or a variable is what is wrong. Raises nothing."""
    path = None
    try:
        path = find_file(given, environment)
        load(path, environment={})
    except ConfigError:
        with suppress(OSError, ValueError):
            found = _LANGUAGE.search(path.read_text("utf-8", "replace")) if path else None
            return Language(found[1]) if found else None
    return None


def defaults() -> Config:
    """What holds where nobody has set anything."""
    return Config({setting.key: Value(setting.default, "default") for setting in SETTINGS}, (), None)


def load(
    given: Path | None = None, flags: Mapping[str, str] | None = None, environment: Mapping[str, str] | None = None
) -> Config:
    """Resolve every setting. ConfigError E110 reports all faults of the file at once."""
    environment = os.environ if environment is None else environment
    path = find_file(given, environment)
    table, slots, named = _read(path) if path else ({}, (), {})
    values = {}
    faults: list[str] = []
    for setting in SETTINGS:
        raw, origin = _raw(setting, flags or {}, environment, table, str(path))
        try:
            values[setting.key] = Value(_typed(setting, raw), origin)
        except ConfigError as error:
            faults.append(f"{setting.key} ({origin}): {error.what}")
    faults += [
        f"{key} is not a setting{perhaps(key, _BY_KEY)}" for key in {**table, **(flags or {})} if key not in _BY_KEY
    ]
    faults += _semantic_faults(values)
    if faults:
        raise ConfigError("; ".join(faults), do="correct it; `station config show` lists all settings", code=Code.E110)
    return Config(values, slots, path, named)


def _raw(
    setting: Setting, flags: Mapping[str, str], environment: Mapping[str, str], table: Mapping[str, object], path: str
) -> tuple[object, str]:
    if setting.key in flags:
        return flags[setting.key], "flag"
    if setting.variable in environment:
        return environment[setting.variable], setting.variable
    if setting.key in table:
        return table[setting.key], path
    return setting.default, "default"


def _typed(setting: Setting, raw: object) -> str | int | float | bool | tuple[str, ...]:
    wanted = type(setting.default)
    if wanted is tuple:
        return _list(raw)
    if isinstance(raw, str) and wanted is bool:
        if raw.lower() not in ("true", "false", "1", "0", "yes", "no"):
            raise ConfigError("must be true or false")
        return raw.lower() in ("true", "1", "yes")
    if isinstance(raw, str) and wanted in (int, float):
        try:
            raw = wanted(raw)
        except ValueError:
            raise ConfigError(f"must be a number, not “{raw}”") from None
    if wanted is float and type(raw) is int:
        raw = float(raw) if abs(raw) < _MOST else math.inf
    if type(raw) is not wanted:
        raise ConfigError(f"must be a {wanted.__name__}")
    if isinstance(raw, float) and not math.isfinite(raw):
        raise ConfigError("must be a number, not NaN or one beyond all numbers")
    return raw


def _list(raw: object) -> tuple[str, ...]:
    items = [item for item in raw.split(os.pathsep) if item] if isinstance(raw, str) else raw
    if not isinstance(items, list | tuple) or not all(map(_is_text, items)):
        raise ConfigError("must be a list of texts")
    return tuple(items)


def _semantic_faults(values: Mapping[str, Value]) -> list[str]:
    faults = []
    choices = {
        "bench.language": tuple(Language),
        "bench.ended_by": ("supervisor", "anyone"),
        "log.level": ("debug", "info", "warning", "error"),
        "mes.silence": ("refuse", "allow"),
        "serve.accept": ("digest", "partial", "reported"),
        "cloud.provider": tuple(Provider),
        "cloud.living.no_status": ("ready", "withheld"),
        "cloud.aliyun_iot.no_status": ("ready", "withheld"),
        "cloud.iotda.auth": ("auto", "plain", "derived", "token"),
    }
    for chosen, allowed in choices.items():
        if chosen in values and values[chosen].value not in allowed:
            faults.append(f"{chosen} must be one of {', '.join(allowed)}")
    url = values.get("ledger.url")
    if url is not None and url.value and (fault := server_url.fault_of(str(url.value))):
        faults.append(f"ledger.url ({url.origin}) {fault}")
    faults += [
        f"{ranged} must be {least:g} to {most:g}"
        for ranged, (least, most) in _RANGES.items()
        if ranged in values and not least <= float(str(values[ranged].value)) <= most
    ]
    faults += [
        f"{key} must not be negative"
        for key in ("bench.plan", "line.plan", "mes.quantity")
        if key in values and int(str(values[key].value)) < 0
    ]
    return faults


def _read(path: Path) -> tuple[dict[str, object], tuple[SlotLine, ...], dict[str, dict[str, object]]]:
    try:
        if path.stat().st_mode & 0o022:
            raise ConfigError(
                f"others may write {path}: it says where keys and clouds are",
                do=f"run: chmod go-w {shlex.quote(str(path))}",
                code=Code.E110,
            )
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}", do="check its permissions") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}", do="correct that line") from error
    slots = _slots(table.pop("slot", []), path)
    named = {kind: table.pop(kind, {}) for kind in _NAMED}
    for kind, tables in named.items():
        if not isinstance(tables, dict):
            do = f"write [{kind}.NAME] for each {_NAMED[kind]}"
            raise ConfigError(f"{path}: “{kind}” is no table", do=do, code=Code.E110)
    return dict(_flat(table, "")), slots, named


def _flat(table: Mapping[str, Any], prefix: str) -> list[tuple[str, object]]:
    pairs: list[tuple[str, object]] = []
    for key, value in table.items():
        pairs += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, value)]
    return pairs


def _slots(entries: object, path: Path) -> tuple[SlotLine, ...]:
    def fault(text: str) -> ConfigError:
        return ConfigError(f"{path}: {text}", do='write [[slot]] with name = "1" and path = "…"', code=Code.E110)

    if not isinstance(entries, list):
        raise fault("“slot” must be a list of [[slot]] tables")
    slots = []
    for entry in entries:
        if not isinstance(entry, dict) or set(entry) != {"name", "path"} or not all(map(_is_text, entry.values())):
            raise fault("each [[slot]] has a name and a path, both texts")
        if entry["name"] == "*":
            raise fault("no slot is called *: that is all of them")
        slots.append(SlotLine(entry["name"], entry["path"]))
    if len({s.name for s in slots}) != len(slots) or len({s.path for s in slots}) != len(slots):
        raise fault("two slots share a name or a path")
    return tuple(slots)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)
