# SPDX-License-Identifier: GPL-3.0-or-later
"""`station init`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from station.cli.context import Context, a_language
from station.cli.output import say_lines
from station.cli.passphrase import new_passphrase
from station.cli.spoken import Spoken
from station.codes import Code
from station.config.settings import default_state_dir
from station.errors import ConfigError

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

# Fixture positions; `station slots assign` writes them.
# [[slot]]
# name = "1"
# path = "pci-0000:00:14.0-usb-0:2:1.0"
"""


@click.command(cls=Spoken)
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), help="Where to write station.toml.")
@click.option("--state-dir", type=click.Path(file_okay=False, path_type=Path), help="Where ledger and key live.")
@click.option("--name", default="bench-1", show_default=True, help="This bench's name in the audit.")
@click.option("--language", type=a_language, default="en", show_default=True, help="The operator's.")
@click.option(
    "--key",
    "wrap",
    type=click.Choice(["file", "passphrase", "keyring"]),
    default="file",
    show_default=True,
    help="How the data key is kept.",
)
@click.pass_obj
def init(ctx: Context, file: Path | None, state_dir: Path | None, name: str, language: str, wrap: str) -> None:
    """Write a first configuration, a data key and an empty ledger; overwrites nothing."""
    from station.ledger.opening import make_ledger
    from station.secrets.keys import create_key, require_key

    path = (file or ctx.file_to_make).absolute()
    if path.exists():
        raise ConfigError(f"{path} exists already", do="edit it; `station config check` reads it back", code=Code.E110)
    state = (state_dir or default_state_dir()).absolute()
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = state / "station.key"
    require_key(key, state / "ledger.db")
    passphrase = new_passphrase() if wrap == "passphrase" else None
    create_key(key, wrap={"file": "plain", "passphrase": "scrypt", "keyring": "keyring"}[wrap], passphrase=passphrase)
    make_ledger(state / "ledger.db")
    path.parent.mkdir(parents=True, exist_ok=True)
    profiles = path.parent / "profiles"
    profiles.mkdir(exist_ok=True)
    values = {"name": name, "state": str(state), "language": language, "key": str(key), "profiles": str(profiles)}
    quoted = {k: json.dumps(v, ensure_ascii=False)[1:-1] for k, v in values.items()}  # a TOML string is escaped alike
    path.write_text(_TEMPLATE.format(**quoted), "utf-8")
    say_lines(f"""Written: {path} and the data key {key}.
Back up the key: without it the secrets of certificates not yet flashed are lost.

Next:
  1. put the cloud's AppKey, project id and secret file into {path}
  2. station doctor                      looks over this bench
  3. station profile list                boards that are known; station profile new NAME --like … makes yours
  4. station slots assign 1 2 3 4        learns which USB socket is which slot
  5. station pull BATCH                  fetches certificates
  6. station run                         opens the operator's screen (or: station flash, for scripts)""")
