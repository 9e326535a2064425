# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup in one file: one moment of the ledger, the configuration, the profiles; the key only behind a passphrase.

`packing` says what the file is. The configuration names the files that hold secrets and holds none; the ledger's
secrets are sealed. Without the key nothing of it can be flashed.

Putting one back never makes it the truth: what was done since is not in it, so the ledger comes back locked (E702).
Until it is known to be whole, and to open with the key that is here or comes with it, nothing is touched.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path, PurePosixPath

from station.codes import Code
from station.config.settings import Config
from station.errors import ConfigError, LedgerFault
from station.ledger import audit
from station.ledger.age import mark_of
from station.ledger.opening import lock_copy
from station.ledger.packing import CONFIG, KEY, LEDGER, MANIFEST, PROFILES, Backup, pack
from station.ledger.sqlite.connection import Connection
from station.ledger.sqlite.sessions import is_in_use
from station.ledger.sqlite.sweeping import beside, empty_log
from station.ledger.whose_key import key_of
from station.secrets.asked_for import next_of
from station.secrets.keys import AskPassphrase, open_vault
from station.secrets.vault import Vault

_CHUNK = 1 << 20


def back_up(config: Config, file: Path, key: tuple[str, bytes] | None) -> Backup:
    """`key`: a key's id, and a key file's content to put in. ConfigError E126 when `file` exists, E114 for a key that
    is not the ledger's; slots may go on working."""
    if file.exists():
        raise ConfigError(f"{file} exists already", do="choose another name: nothing is overwritten", code=Code.E126)
    with _room(file.parent) as room, closing(Connection(config.ledger_path, read_only=True)) as connection:
        connection.copy_to(room / LEDGER)
        with closing(Connection(room / LEDGER, read_only=True)) as copy, copy.read() as db:
            if key is not None and key_of(db) not in (None, key[0]):
                raise ConfigError(
                    f"the key {config.key_path} does not belong to the ledger {config.ledger_path}",
                    means="the backup could not be opened with it; nothing was written",
                    do="back up once more where the key was just rotated; else put the ledger's own key there",
                    code=Code.E114,
                )
            made = Backup(at=audit.now(), head=audit.whole_head(db), has_key=key is not None)
        pack(room, file, made, _beside_the_ledger(config, key and key[1]))
    return made


def _beside_the_ledger(config: Config, key: bytes | None) -> dict[str, bytes]:
    found = {} if config.path is None else {CONFIG: config.path.read_bytes()}
    for profile in sorted(config.profiles_dir.glob("*.toml")) if config.profiles_dir.is_dir() else []:
        found[f"{PROFILES}/{profile.name}"] = profile.read_bytes()
    return found if key is None else found | {KEY: key}


@contextmanager
def _room(beside: Path) -> Iterator[Path]:
    """A 0700 folder on the same disk, gone afterwards."""
    try:
        with tempfile.TemporaryDirectory(prefix=".station-", dir=beside) as name:
            yield Path(name)
    except OSError as error:
        raise ConfigError(
            f"{beside} cannot be written: {error.strerror}",
            do="free the disk, or choose another folder",
            code=Code.E126,
        ) from error


# -- putting one back --------------------------------------------------------------------------------------------------


def put_config_back(file: Path, config_file: Path) -> None:
    """station.toml and the profiles, where a PC has none; nothing is overwritten."""
    with _unpacked(file, config_file.parent) as room:
        _place(room / CONFIG, config_file)
        for profile in sorted((room / PROFILES).glob("*.toml")):
            _place(profile, config_file.parent / PROFILES / profile.name)


def put_ledger_back(file: Path, config: Config, ask: AskPassphrase) -> Backup:
    """The ledger, locked, and the key where there is none. What was there goes aside, into a folder beside it.

    LedgerFault E320 while a station works on it, ConfigError E126 for a file that is no backup, E114 without a key that
    opens it, E119 for a newer station's.
    """
    _require_free(config)
    config.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _unpacked(file, config.state_dir) as room:
        made = _checked(room, file)
        vault = _vault_for(room, file, config, ask)
        lock_copy(room / LEDGER, vault, f"it was restored from a backup of {made.at[:19]}Z")
        _place(room / KEY, config.key_path)
        _replace(config.ledger_path, room / LEDGER, made.at)
    return made


def look_into(file: Path, config: Config, ask: AskPassphrase) -> Backup:
    """What `put_ledger_back` would put back; its errors. Changes nothing."""
    _require_free(config)
    with _unpacked(file, config.state_dir if config.state_dir.is_dir() else file.parent) as room:
        made = _checked(room, file)
        _vault_for(room, file, config, ask)
    return made


def _require_free(config: Config) -> None:
    if is_in_use(config.ledger_path):
        raise LedgerFault(f"a station works on {config.ledger_path}", do="end it, then restore")


def _checked(room: Path, file: Path) -> Backup:
    try:
        told = json.loads((room / MANIFEST).read_bytes())
        made = Backup(at=told["at"], head=audit.Head(seq=told["lines"], hash=told["head"]), has_key=told["key"])
        with closing(Connection(room / LEDGER, read_only=True)) as connection, connection.read() as db:
            found = audit.read_head(db), audit.whole_head(db)  # the first one: as earlier versions told it
    except (OSError, ValueError, KeyError, TypeError, ConfigError, LedgerFault) as error:
        if isinstance(error, ConfigError) and error.code is Code.E119:
            raise
        raise _no_backup(file, str(error)) from error
    if made.head not in found:
        raise _no_backup(file, "its ledger is another one than it says")
    return made


def _vault_for(room: Path, file: Path, config: Config, ask: AskPassphrase) -> Vault:
    """Of the key that is here, or else of the one in the backup; E114 unless it opens this ledger's secrets."""
    with closing(Connection(room / LEDGER, read_only=True)) as connection, connection.read() as db:
        belongs = key_of(db)
    path = config.key_path
    here = [one for one in (path, next_of(path)) if one.exists()]
    brought = [room / KEY] if (room / KEY).exists() else []
    for one in here or brought:
        vault = open_vault(one, ask)
        if belongs in (None, vault.key_id()):
            return vault
    if not here and not brought:
        raise ConfigError(
            f"{file} holds no key, and there is none at {path}",
            do="put the key file back first: without it the ledger's secrets are lost",
            code=Code.E114,
        )
    raise ConfigError(
        f"{file} was made with another key than {here[0] if here else 'the one in it'}",
        means="an older backup opens with the older key alone; nothing was changed",
        do=f"put the present key aside, and at {path} the key of that time{', or none: one is in it' * bool(brought)}",
        code=Code.E114,
    )


@contextmanager
def _unpacked(file: Path, beside: Path) -> Iterator[Path]:
    """Only what a backup has, as plain files: nothing in it can name a place of its own."""
    beside.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _room(beside) as room:
        (room / PROFILES).mkdir()
        try:
            with gzip.open(file) as whole, tarfile.open(fileobj=whole, mode="r:") as tar:
                for member in tar:
                    _unpack(tar, member, room)
                while whole.read(_CHUNK):  # its checksum is behind its last byte
                    pass
        except (OSError, EOFError, ValueError, zlib.error, tarfile.TarError) as error:
            raise _no_backup(file, getattr(error, "strerror", None) or str(error)) from error
        yield room


def _unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, room: Path) -> None:
    path = PurePosixPath(member.name)
    known = member.name in (LEDGER, KEY, CONFIG, MANIFEST)
    profile = len(path.parts) == 2 and path.parts[0] == PROFILES and path.suffix == ".toml"
    content = tar.extractfile(member) if member.isreg() and (known or profile) and ".." not in path.parts else None
    if content is None:
        raise tarfile.TarError(f"{member.name} is none of a backup's files")
    target = room / path
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        shutil.copyfileobj(content, out)


def _place(source: Path, target: Path) -> None:
    """Never over a file that is there."""
    if source.exists():
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except FileExistsError:
            return
        except OSError:  # a disk that knows no second name of a file, as FAT
            if not target.exists():
                source.rename(target)


def _replace(ledger: Path, new: Path, at: str) -> None:
    """By one rename, over a file that lacks nothing: its log is moved into it first. Where this is interrupted, the
    present ledger is there, whole, or the locked one. Only of a damaged one, whose log cannot be moved, that goes aside
    before."""
    if ledger.exists():
        empty_log(ledger)
    aside = Path(tempfile.mkdtemp(prefix=f"before-restore-{at[:10]}-", dir=ledger.parent))
    if ledger.exists():
        _keep(ledger, aside / ledger.name)
    for left in (*beside(ledger), mark_of(ledger)):
        with suppress(FileNotFoundError):
            left.rename(aside / left.name)
    with suppress(OSError):  # nothing was there
        aside.rmdir()
    new.rename(ledger)


def _keep(ledger: Path, copy: Path) -> None:
    try:
        os.link(ledger, copy)
    except OSError:  # as above
        shutil.copy(ledger, copy)
        with copy.open("rb") as file:
            os.fsync(file.fileno())


def _no_backup(file: Path, why: str) -> ConfigError:
    return ConfigError(f"{file} is no backup: {why}", do="choose a file that `station backup` made", code=Code.E126)
