# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds an account's secret where the configuration says: a 0600 file, the keyring, or a 0600 file of NAME=VALUE lines.

Never from a flag or the process environment: both are visible to others on the PC.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from station.codes import Code
from station.config.settings import Config
from station.errors import ConfigError
from station.model import Secret
from station.secrets import system_keyring
from station.secrets.keys import require_private, typed_unseen
from station.secrets.memory import keep_out_of_dumps
from station.whole import put_whole


def read_secret_file(path: Path, *, named_by: str = "") -> Secret:
    """The file's one line. ConfigError E114 when it is missing, empty, or readable by others. `named_by`: the setting
    that says where it is."""
    text = _private_text(path, named_by=named_by).strip()
    if not text or "\n" in text:
        raise ConfigError(f"{path} must hold one line: the secret", do=typed_unseen(path, named_by), code=Code.E114)
    return Secret(text)


def _private_text(path: Path, *, missing: str = "", named_by: str = "") -> str:
    """As `require_private`, which says it of a file that cannot be read, too. Its bytes are in no error."""
    keep_out_of_dumps()
    require_private(path, missing=missing, named_by=named_by)
    do = missing or typed_unseen(path, named_by)
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}", do=do, code=Code.E114) from error
    except UnicodeDecodeError:
        pass  # it holds them, as whatever is raised here would
    raise ConfigError(f"{path} is not UTF-8 text", do=do, code=Code.E114)


def write_secret_file(path: Path, secret: Secret) -> None:
    """Whole or not at all, 0600 from its first byte on, in the place of one that is there."""
    put_whole(path, secret.reveal() + "\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPassword:
    """Where one rests: a 0600 file, or an entry of the system's keyring; nowhere where neither is named."""

    file: Path | None = None
    keyring: str = ""
    named_by: str = ""  # the setting that says where the file is

    @property
    def is_named(self) -> bool:
        return bool(self.file or self.keyring)

    def read(self) -> Secret | None:
        """As it is now. ConfigError E114."""
        if self.file is not None:
            return read_secret_file(self.file, named_by=self.named_by)
        return system_keyring.read(self.keyring) if self.keyring else None


NO_PASSWORD = NamedPassword()


def named_secret(config: Config, key: str) -> Secret | None:
    """From what `KEY_file` or `KEY_keyring` names; None where neither is set. ConfigError E114."""
    file = config.text(f"{key}_file")
    entry = config.text(f"{key}_keyring")
    named = NamedPassword(file=Path(file).expanduser() if file else None, keyring=entry, named_by=f"{key}_file")
    return named.read()


def account_secret(config: Config, section: str, name: str) -> Secret:
    """`section`: e.g. "cloud.NAME"; `name`: its line in the environment file, e.g. NAME_SECRET."""
    named = named_secret(config, f"{section}.secret")
    if named is not None:
        return named
    environment = config.text("cloud.env_file")
    if environment:
        return _from_lines(Path(environment).expanduser(), name)
    raise ConfigError(
        f"[{section}] names no secret", do=f"write it to a 0600 file and set {section}.secret_file", code=Code.E114
    )


def _from_lines(path: Path, name: str) -> Secret:
    for line in _private_text(path, missing=typed_unseen(path, "cloud.env_file", line=name)).splitlines():
        key, equals, value = line.partition("=")
        if equals and key.strip() == name and value.strip():
            return Secret(value.strip())
    raise ConfigError(f"{path} has no line {name}=…", do=typed_unseen(path, line=name), code=Code.E114)
