# SPDX-License-Identifier: GPL-3.0-or-later
"""`station key …`: whatever is changed, and wherever it is killed, a key is there that opens the ledger, and what was
sealed before is sealed no more with a key that was put away.

The kills are a sample; at every step: `STATION_KILL_EVERY=1 pytest -k killed tests/cli/test_key_changes.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from station.cli.context import Context
from station.codes import Code
from station.errors import ConfigError, IntegrityAlarm
from station.ledger.resealing import reseal
from station.ledger.store import Ledger
from station.ledger.view import look_at
from station.model import BoardUid, Certificate, CertName, Identity, IdentityKind, Provider, Secret
from station.secrets.changing import one_at_a_time
from station.secrets.keys import open_vault
from station.secrets.vault import Vault, rotated
from tests.cli.cli_shell import Shell
from tests.forked import run
from tests.raw import raw, with_another_vault

KILL_EVERY = int(os.environ.get("STATION_KILL_EVERY", "4"))
IN_DOUBT = 6
"""How `status` ends where it can look: one board is in doubt."""
PASSPHRASE = "correct horse battery"
NAMES = ("cam1", "cam2", "cam3")


@pytest.fixture
def stocked(shell: Shell) -> Shell:
    shell.stock_up(*NAMES)
    with shell.open_ledger() as ledger:
        claim = ledger.reserve(["a1Cam"], IdentityKind.SINGLE, BoardUid.parse("a0b1c2000001"), "1")
        ledger.begin(claim.attempt, board_key=Secret("key-of-the-board"))
        ledger.doubt(claim.attempt, Code.E204, "readback differs")
        planned = Certificate(
            product_key="a1Cam", device_name="planned", device_secret=Secret("Secret-planned"), provider=Provider.IOTDA
        )
        ledger.registrations.plan("reg1", [Identity(primary=planned)])
    assert shell("status").code == IN_DOUBT
    return shell


def key_file(shell: Shell) -> Path:
    return shell.folder / "state" / "station.key"


def secrets_of(ledger: Ledger) -> list[str]:
    known = [ledger.named(CertName("a1Cam", name)) for name in NAMES]
    found = [ledger.identity(one.identity_id).primary.device_secret.reveal() for one in known if one]
    found += [
        device.certificate.device_secret.reveal()
        for one in ledger.registrations.planned("reg1")
        for device in one.devices
    ]
    board_key = ledger.board_key(1)
    return [*found, board_key.reveal() if board_key else ""]


EVERYTHING = ["Secret-cam1", "Secret-cam2", "Secret-cam3", "Secret-planned", "key-of-the-board"]


def sealed(shell: Shell) -> list[bytes]:
    with raw(shell.folder / "state" / "ledger.db") as db:
        found = [row[0] for row in db.execute("SELECT secret FROM certificates WHERE secret IS NOT NULL")]
        found += [row[0] for row in db.execute("SELECT secret FROM registrations WHERE secret IS NOT NULL")]
        return found + [row[0] for row in db.execute("SELECT board_key FROM identities WHERE board_key IS NOT NULL")]


def test_a_rotated_key_opens_everything_and_the_old_one_nothing(stocked: Shell, tmp_path: Path) -> None:
    old, before = key_file(stocked).read_bytes(), sealed(stocked)
    assert len(before) == 5
    done = stocked("key", "rotate")
    assert (done.code, done.err.split()[0]) == (0, "5"), done.err
    on_disk = b"".join(file.read_bytes() for file in (stocked.folder / "state").iterdir())
    assert not any(blob in on_disk for blob in before)
    assert json.loads(old)["key"].encode() not in on_disk.replace(key_file(stocked).read_bytes(), b"")
    with stocked.open_ledger() as ledger:
        assert secrets_of(ledger) == EVERYTHING
        ledger.audit.verify()
        assert ledger.audit.guards_changed() == ""
    assert stocked("audit", "verify").code == 0
    assert stocked("status").code == IN_DOUBT, "the witness and the machine are known as before"
    new = key_file(stocked).read_bytes()
    key_file(stocked).write_bytes(old)
    refused = stocked("status")
    assert (refused.code, refused.err.split()[0]) == (2, "E114")
    key_file(stocked).write_bytes(new)
    assert stocked("key", "rotate").code == 0, "and again"
    with stocked.open_ledger() as ledger:
        assert secrets_of(ledger) == EVERYTHING


def test_it_is_an_audit_line(stocked: Shell) -> None:
    stocked("key", "rotate")
    with stocked.open_ledger() as ledger, raw(ledger.path) as db:
        assert db.execute("SELECT count(*) FROM audit WHERE event = 'key rotated'").fetchone()[0] == 1


def test_nothing_is_rotated_under_a_station_that_works(stocked: Shell) -> None:
    before = key_file(stocked).read_bytes()
    with stocked.open_ledger() as ledger:
        done = stocked("key", "rotate")
        assert (done.code, done.err.split()[0]) == (3, "E320")
        assert secrets_of(ledger) == EVERYTHING
    assert key_file(stocked).read_bytes() == before
    assert stocked("key", "rotate").code == 0, "what was left of the first try is in nobody's way"


@pytest.mark.parametrize("change", [("rotate",), ("move", "--to", "keyring"), ("change-passphrase",)], ids=" ".join)
def test_while_another_program_changes_it_nothing_is_changed(shell: Shell, change: tuple[str, ...]) -> None:
    before = key_file(shell).read_bytes()
    with one_at_a_time(key_file(shell)):
        refused = shell("key", *change)
    assert (refused.code, "another program changes this key" in refused.err) == (3, True)
    assert key_file(shell).read_bytes() == before


_KILLED = """
import os, sys
at, seen = int(sys.argv.pop(1)), 0

def killing(event, args):
    global seen
    step = event in ("os.rename", "os.remove") or event == "open" and isinstance(args[2], int) and args[2] & 3
    if step or event == "sqlite3.connect":
        seen += 1
        if seen == at:
            os.kill(os.getpid(), 9)

sys.addaudithook(killing)
from station.cli import _run
code = _run()
print(seen)
sys.exit(code)
"""


def killed_at(shell: Shell, step: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run([sys.executable, "-c", _KILLED, str(step), *arguments], env=shell.environment)


def opens(shell: Shell, passphrase_file: str) -> bool:
    """As the next command would: what was interrupted is brought to its end, and the key is the ledger's."""
    context = Context(str(shell.config), (f"vault.passphrase_file={passphrase_file}",))
    try:
        key = context.settled_key()
        with Ledger(shell.folder / "state" / "ledger.db", open_vault(key, context.ask_passphrase)) as ledger:
            return secrets_of(ledger) == EVERYTHING
    except ConfigError:
        return False


@pytest.mark.timeout(600)
@pytest.mark.parametrize("command", ["rotate", "move", "change-passphrase"])
def test_killed_at_any_step_it_still_opens(stocked: Shell, command: str) -> None:
    files = [stocked.private("one", PASSPHRASE), stocked.private("two", f"another {PASSPHRASE}")]
    if command == "change-passphrase":
        assert stocked("key", "move", "--to", "passphrase", "--new-passphrase-file", files[0]).code == 0
    more = {
        "rotate": [],
        "move": ["--to", "passphrase", "--new-passphrase-file", files[0]],
        "change-passphrase": ["--new-passphrase-file", files[1]],
    }
    plain = key_file(stocked).read_bytes()
    step, done = 0, None
    while done is None or done.returncode == -9:
        step += KILL_EVERY
        given = ["--set", f"vault.passphrase_file={files[0]}"]
        done = killed_at(stocked, step, *given, "key", command, *more[command])
        assert opens(stocked, files[0]) or opens(stocked, files[1]), f"step {step}: no key opens the ledger"
        for left in (stocked.folder / "state").glob(".ledger.db.session-*"):
            left.unlink()  # each of the killed leaves one, which is a step more for the next
        if command != "rotate" and done.returncode == -9:
            key_file(stocked).write_bytes(plain)  # from the beginning again
    assert done.returncode == 0, done.stderr
    assert step > 5
    print(f"{command}: killed up to step {step - KILL_EVERY}")
    assert not list((stocked.folder / "state").glob("station.key.n*"))
    with look_at(stocked.folder / "state" / "ledger.db") as ledger:
        ledger.audit.verify()


def test_a_key_moves_behind_a_passphrase_and_leaves_no_plain_one(stocked: Shell) -> None:
    plain = json.loads(key_file(stocked).read_bytes())["key"].encode()
    given = stocked.private("given", PASSPHRASE)
    moved = stocked("key", "move", "--to", "passphrase", "--new-passphrase-file", given)
    assert moved.code == 0, moved.err
    assert not any(plain in file.read_bytes() for file in (stocked.folder / "state").iterdir())
    assert stocked("status").code == 2
    assert stocked("--set", f"vault.passphrase_file={given}", "status").code == IN_DOUBT


def test_a_plain_key_that_a_killed_move_left_beside_goes_at_the_next_start(stocked: Shell, tmp_path: Path) -> None:
    """On its way back into a file: who stopped it believes the key to be behind its passphrase still."""
    plain = key_file(stocked).read_bytes()
    given = stocked.private("given", PASSPHRASE)
    assert stocked("key", "move", "--to", "passphrase", "--new-passphrase-file", given).code == 0
    for name in ("station.key.new", "station.key.next.new"):
        left = key_file(stocked).with_name(name)
        left.write_bytes(plain)
        left.chmod(0o600)
        (tmp_path / name).hardlink_to(left)
    assert stocked("--set", f"vault.passphrase_file={given}", "status").code == IN_DOUBT
    assert not list(key_file(stocked).parent.glob("station.key.n*"))
    assert not [name for name in tmp_path.glob("station.key.*") if name.read_bytes().strip(b"\0")]


def test_what_cannot_be_cleared_up_keeps_no_station_from_starting(stocked: Shell) -> None:
    key_file(stocked).with_name("station.key.new").mkdir()
    assert stocked("status").code == IN_DOUBT


@pytest.mark.parametrize("command", [("change-passphrase",), ("move", "--to", "passphrase")])
def test_a_short_passphrase_is_refused_and_nothing_is_changed(stocked: Shell, command: tuple[str, ...]) -> None:
    given, short = stocked.private("given", PASSPHRASE), stocked.private("short", "elevenchars")
    by = ["--set", f"vault.passphrase_file={given}"]
    if command[0] == "change-passphrase":
        assert stocked("key", "move", "--to", "passphrase", "--new-passphrase-file", given).code == 0
    before = key_file(stocked).read_bytes()
    done = stocked(*by, "key", *command, "--new-passphrase-file", short)
    assert (done.code, done.err.split()[0]) == (2, "E128")
    assert key_file(stocked).read_bytes() == before


def test_a_key_behind_no_passphrase_has_none_to_change(stocked: Shell) -> None:
    done = stocked("key", "change-passphrase", "--new-passphrase-file", stocked.private("given", PASSPHRASE))
    assert (done.code, "key move --to passphrase" in done.err) == (2, True)


def test_what_is_resealed_is_all_or_nothing(stocked: Shell) -> None:
    """The first secret that does not open undoes it all."""
    with stocked.open_ledger() as ledger:
        with (
            with_another_vault(ledger, Vault(bytes(32))),
            pytest.raises(IntegrityAlarm, match="does not open"),
        ):
            reseal(ledger, Vault(rotated(bytes(32))))
        assert secrets_of(ledger) == EVERYTHING
        assert ledger.audit.guards_changed() == ""
