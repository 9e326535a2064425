# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the vault's data key rests: a 0600 key file, the system keyring, or a file wrapped by a passphrase (scrypt,
RFC 7914, N=2^17 r=8 p=1: 128 MiB and about 0.3 s a try).

The key file is JSON: {"schema": 1, "wrap": "plain" | "scrypt" | "keyring", …}. Losing it loses every secret not yet
flashed; `station init` says so.
"""

from __future__ import annotations

import base64
import json
import secrets
import shlex
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from station.codes import Code
from station.errors import ConfigError
from station.model import Secret
from station.secrets import system_keyring
from station.secrets.memory import keep_out_of_dumps
from station.secrets.vault import KEY_BYTES, Vault
from station.whole import sync_names, write_new

_SCRYPT = {"n": 2**17, "r": 8, "p": 1}
_AAD = b"station data key"
SHORTEST_PASSPHRASE = 12

AskPassphrase = Callable[[], Secret]


def create_key(path: Path, *, wrap: str = "plain", passphrase: Secret | None = None) -> None:
    """Make a new data key at `path` (0600, never over an existing file), whole or not at all. ConfigError when it
    exists."""
    part = _part(path)
    part.unlink(missing_ok=True)  # of one that was killed
    if path.exists():
        raise _exists(path)
    content = wrapped(secrets.token_bytes(KEY_BYTES), wrap, passphrase)
    try:
        write_new(part, json.dumps(content))
        path.hardlink_to(part)
    except FileExistsError as error:  # another one made it meanwhile
        raise _exists(path) from error
    finally:
        part.unlink(missing_ok=True)
    sync_names(path.parent)  # before anything is sealed with it


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def _exists(path: Path) -> ConfigError:
    return ConfigError(f"{path} exists already", do="keep it: it opens the ledger’s secrets")


def wrapped(data_key: bytes, wrap: str, passphrase: Secret | None = None) -> dict[str, object]:
    """A key file's content. The keyring gets a new entry, read back; ConfigError E128 for a short one, or none."""
    if wrap == "plain":
        return {"schema": 1, "wrap": wrap, "key": _b64(data_key)}
    if wrap == "scrypt":
        return {"schema": 1, "wrap": wrap} | _wrapped(data_key, passphrase or Secret(""))
    if wrap == "keyring":
        name = secrets.token_hex(8)
        system_keyring.keep(name, _b64(data_key))
        return {"schema": 1, "wrap": wrap, "name": name}
    raise ConfigError(f"there is no key wrap “{wrap}”", do="use plain, scrypt or keyring")


def open_vault(path: Path, ask: AskPassphrase | None = None) -> Vault:
    """The vault behind a key file. ConfigError E114 when it is missing, readable by others, or does not open."""
    try:
        return Vault(read_data_key(path, ask))
    except ValueError as error:
        raise ConfigError(f"{path} is not a key file", do="restore it from its backup", code=Code.E114) from error


def wrapped_copy(path: Path, passphrase: Secret, ask: AskPassphrase | None = None) -> tuple[str, bytes]:
    """The key's id, and a key file that opens the same vault by this passphrase, wherever it lies. ConfigError E114 as
    `open_vault`, E128 for a passphrase of less than 12 characters."""
    data_key = read_data_key(path, ask)
    content = {"schema": 1, "wrap": "scrypt"} | _wrapped(data_key, passphrase)
    return Vault(data_key).key_id(), json.dumps(content).encode()


def read_exported(path: Path, ask: AskPassphrase) -> bytes:
    """The data key in a file that `wrapped_copy` made; wherever it lies, its passphrase keeps it. ConfigError E114 for
    another file, or another passphrase."""
    keep_out_of_dumps()
    try:
        content = json.loads(path.read_bytes())
        is_one = content["wrap"] == "scrypt" and {k: content[k] for k in _SCRYPT} == _SCRYPT
        data_key = _unwrapped(content, ask()) if is_one else b""
        Vault(data_key)
    except OSError as error:
        raise _unreadable(path, error) from error
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"{path} is no exported key", do="choose a file that `station key export` made", code=Code.E114
        ) from error
    return data_key


def read_data_key(path: Path, ask: AskPassphrase | None = None) -> bytes:
    """For whoever wraps it anew; everybody else opens a vault. ConfigError E114 as `open_vault`."""
    keep_out_of_dumps()
    require_private(path, missing="run: station init")
    with suppress(OSError):
        _part(path).unlink()  # the same key once more: whoever made it was killed when it had its name
    try:
        content = json.loads(path.read_bytes())
        wrap = content["wrap"]
        if wrap == "plain":
            return base64.b64decode(content["key"])
        if wrap == "keyring":
            return base64.b64decode(system_keyring.read(content["name"]).reveal())
        if wrap == "scrypt":
            if ask is None:
                advice = "set [vault] passphrase_file, or run on a terminal"
                raise ConfigError("the key needs its passphrase", do=advice, code=Code.E114)
            return _unwrapped(content, ask())
    except OSError as error:
        raise _unreadable(path, error) from error
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{path} is not a key file", do="restore it from its backup", code=Code.E114) from error
    raise ConfigError(f"{path}: unknown key wrap", do="use the version of the station that made it", code=Code.E114)


def wrap_of(path: Path) -> str:
    """How the key in a file is wrapped; nothing is opened. ConfigError E114 when it is no key file."""
    require_private(path)
    with suppress(OSError, KeyError, TypeError, ValueError):
        wrap = json.loads(path.read_bytes())["wrap"]
        if wrap in ("plain", "scrypt", "keyring"):
            return str(wrap)
    raise ConfigError(f"{path} is not a key file", do="restore it from its backup", code=Code.E114)


def _unreadable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"cannot read {path}: {error.strerror}", do="look for the file", code=Code.E114)


def require_key(path: Path, ledger: Path) -> None:
    """ConfigError E114 when the key of a ledger that is there is missing: a new one would open nothing of it."""
    if ledger.exists() and not path.exists():
        raise ConfigError(
            f"the key {path} is missing, and the ledger {ledger} was made with it",
            means="without it no secret in the ledger can be opened; nothing was changed",
            do=_where_it_was(path, ledger),
            code=Code.E114,
        )


def _where_it_was(path: Path, ledger: Path) -> str:
    beside = ledger.with_name("station.key")
    if beside != path and beside.exists():
        return f'set vault.key_file = "{beside}" in station.toml: there is a key beside the ledger'
    return "put the key file back from where it is backed up; without any: move the ledger's folder aside"


def require_private(path: Path, *, missing: str = "", named_by: str = "") -> None:
    """ConfigError E114 when a file with secrets is missing or may be read by others. `missing`: what to do then, else
    it is typed anew, unseen; `named_by`: the setting that says where it is.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        which = f", which {named_by} names" if named_by else ""
        do = missing or typed_unseen(path, named_by)
        raise ConfigError(f"cannot read {path}{which}: {error.strerror}", do=do, code=Code.E114) from error
    if mode & 0o077:
        raise ConfigError(
            f"{path} may be read by others", do=f"run: chmod 600 {shlex.quote(str(path))}", code=Code.E114
        )


def typed_unseen(path: Path, named_by: str = "", *, line: str = "") -> str:
    """How a secret comes into a file, its own, or as a further `line` NAME=…: in no history of a shell, in no argument,
    on no screen."""
    correct = f"correct {named_by} in station.toml, or " if named_by else ""
    file = shlex.quote(str(path))
    what, into = (f"{line}=$s", ">>") if line else ("$s", ">")
    return f'{correct}type the secret there, unseen: (umask 077; read -rs s; echo "{what}" {into} {file})'


def require_long(passphrase: Secret) -> None:
    """ConfigError E128."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise ConfigError(
            f"a passphrase has {SHORTEST_PASSPHRASE} or more characters", do="choose a longer one", code=Code.E128
        )


def _wrapped(data_key: bytes, passphrase: Secret) -> dict[str, object]:
    require_long(passphrase)
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    key = Scrypt(salt=salt, length=KEY_BYTES, **_SCRYPT).derive(passphrase.reveal().encode())
    sealed = AESGCM(key).encrypt(nonce, data_key, _AAD)
    return {"salt": _b64(salt), "nonce": _b64(nonce), "sealed": _b64(sealed), **_SCRYPT}


def _unwrapped(content: dict[str, object], passphrase: Secret) -> bytes:
    salt, nonce, sealed = (base64.b64decode(str(content[k])) for k in ("salt", "nonce", "sealed"))
    cost = {k: int(str(content[k])) for k in _SCRYPT}
    key = Scrypt(salt=salt, length=KEY_BYTES, **cost).derive(passphrase.reveal().encode())
    try:
        return AESGCM(key).decrypt(nonce, sealed, _AAD)
    except InvalidTag as error:
        raise ConfigError("the passphrase does not open the key", do="type it again", code=Code.E114) from error


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
