# SPDX-License-Identifier: GPL-3.0-or-later
"""A station's first files: data key, empty ledger, station.toml. The one way `station init` and the guide make them.

Each is there whole or not at all, the configuration last: whoever was killed on the way begins anew, and what is there
is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from station.codes import Code
from station.config.settings import default_witness_home
from station.errors import ConfigError
from station.ledger.opening import make_ledger
from station.model import Language, Secret
from station.secrets.keys import create_key, open_vault, require_key, wrap_of
from station.whole import put_whole

_TEMPLATE = """\
# Settings of this bench. `station config show` lists all of them with their meaning.
[bench]
name = "{name}"
state_dir = "{state}"
language = "{language}"
# profile = "camera"              # a file in {profiles}

[vault]
key_file = "{key}"

# [cloud.living]
# url = "https://api.link.aliyun.com"
# app_key = "…"
# project_id = "…"
# secret_file = "{state}/living.secret"   # 0600, one line: the AppSecret

# [cloud.iotda]
# url = "https://…"
# region = "cn-north-4"
# project_id = "…"
# access_key = "…"
# secret_file = "{state}/iotda.secret"

# [cloud.aliyun_iot]
# region = "cn-shanghai"
# instance_id = "…"                       # where the console's overview shows one
# access_key = "…"
# secret_file = "{state}/aliyun_iot.secret"

# [log]
# file = "station.log"            # in state_dir: what this bench did, and what went wrong

# Fixture positions; `station slots assign` writes them.
# [[slot]]
# name = "1"
# path = "pci-0000:00:14.0-usb-0:2:1.0"
"""


class KeptBy(StrEnum):
    """How the data key is kept."""

    FILE = "file"
    PASSPHRASE = "passphrase"  # noqa: S105 - the way, not the word
    KEYRING = "keyring"


_WRAPS = {KeptBy.FILE: "plain", KeptBy.PASSPHRASE: "scrypt", KeptBy.KEYRING: "keyring"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Where a new station's things are."""

    file: Path
    state: Path

    @property
    def key(self) -> Path:
        return self.state / "station.key"

    @property
    def ledger(self) -> Path:
        return self.state / "ledger.db"

    @property
    def profiles(self) -> Path:
        return self.file.parent / "profiles"


def require_new(begun: Begun) -> None:
    """ConfigError E110 where there is a configuration, E114 where a ledger has lost its key."""
    if begun.file.exists():
        raise ConfigError(
            f"{begun.file} exists already", do="edit it; `station config check` reads it back", code=Code.E110
        )
    require_key(begun.key, begun.ledger)


def make_station(begun: Begun, *, name: str, language: Language, kept_by: KeptBy, passphrase: Secret | None) -> None:
    """ConfigError E110 where there is a configuration, or none can be written; E114 for the key, as `make_key`."""
    require_new(begun)
    with writable(begun.file):
        begun.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        begun.file.parent.mkdir(parents=True, exist_ok=True)
        begun.profiles.mkdir(exist_ok=True)
        make_key(begun.key, begun.ledger, kept_by=kept_by, passphrase=passphrase)
        with suppress(OSError):  # a service may write where a folder was when it was installed
            default_witness_home().mkdir(parents=True, exist_ok=True, mode=0o700)
        put_whole(begun.file, _filled(begun, name, language))


def make_key(key: Path, ledger: Path, *, kept_by: KeptBy, passphrase: Secret | None) -> None:
    """And an empty ledger. A key that is there stays: ConfigError E114 when it is kept otherwise, or does not open."""
    with writable(key):
        require_key(key, ledger)
        key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if present := kept_as(key):
            if present is not kept_by:
                raise ConfigError(f"{key} is there already, kept as {present}", do="leave it so", code=Code.E114)
            open_vault(key, lambda: passphrase or Secret(""))
        else:
            create_key(key, wrap=_WRAPS[kept_by], passphrase=passphrase)
        make_ledger(ledger)


def kept_as(key: Path) -> KeptBy | None:
    """None where there is no key. ConfigError E114 for a file that is none."""
    if not key.exists():
        return None
    wrap = wrap_of(key)
    return next(kept_by for kept_by, name in _WRAPS.items() if name == wrap)


def _filled(begun: Begun, name: str, language: Language) -> str:
    places = {"state": begun.state, "key": begun.key, "profiles": begun.profiles}
    values = {"name": name, "language": language, **places}
    quoted = {k: json.dumps(str(v), ensure_ascii=False)[1:-1] for k, v in values.items()}  # TOML escapes alike
    return _TEMPLATE.format(**quoted)


@contextmanager
def writable(path: Path) -> Iterator[None]:
    """ConfigError E110 for what the system refuses; of a full disk it does not say where: at `path`."""
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"cannot write {error.filename or path}: {error.strerror}",
            do="make its folder writable for this user and free the disk, or choose another one: station --config FILE",
            code=Code.E110,
        ) from error
