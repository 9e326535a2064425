# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger that may not be believed (locked by E702): no command changes anything in it but the few ways out of it.

Every command there is, is run on one that has something of everything, and the file is compared before and after. A
new command is missing in the table below until somebody says what it does there.
"""

from __future__ import annotations

import ast
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest

from station.cli import cli
from station.cloud.iotda.client import Iotda
from station.codes import Code, Exit
from station.ledger.believed import Although
from station.ledger.locks import STATION
from station.ledger.store import Ledger
from station.ledger.trouble import Trouble
from station.secrets.keys import open_vault
from station.simulate.cloud import CloudSimulator
from tests.intake.filled_station import WHY, fill, filled
from tests.intake.intake_contents import Station

REFUSED = {
    "pull": ("{batch}",),
    "reconcile": ("sets",),
    "batch pull": ("{batch}",),
    "import": ("{csv}",),
    "product create": ("{product_file}", "--cloud", "iotda"),
    "batch generate": ("--yes", "--product", "{product}", "--amount", "2"),
    "batch generate-nvr": ("--yes", "--product", "{product}", "--amount", "2"),
    "batch upload-names": ("{names}", "--product", "{product}"),
    "batch register": ("--yes", "--cloud", "iotda", "--product", "camera", "--names", "{names}"),
    "batch orphans": ("{registered}", "--remove", "--confirm", "{registered}", "--cloud", "iotda", "{pin}"),
    "batch freeze": ("cam4", *WHY, "--confirm", "cam4", "--cloud", "iotda", "{pin}"),
    "batch unfreeze": ("cam4", *WHY, "--confirm", "cam4", "--cloud", "iotda", "{pin}"),
    "batch delete": ("cam4", *WHY, "--confirm", "cam4", "--cloud", "iotda", "{pin}"),
    "set short": ("nvr1", *WHY, "--profile", "{profile}", "{pin}"),
    "set end": ("nvr1", "--yes", *WHY, "{pin}"),
    "batch reset-secret": ("SN0000", "--yes", "--product", "camera", "--cloud", "iotda", "{pin}"),
    "batch settle": ("{request}", "--nothing-made", "--yes"),
    "conflict keep": ("held", "cam1", "--yes", *WHY, "{pin}"),
    "stranger settle": ("5a00000000000077", "--as", "wiped", "--yes", *WHY, "{pin}"),
    "serial correct": ("5a00000000000001", "SN1", *WHY, "{pin}"),
    "label print": ("cam1",),
    "vouch": ("cam3", "--yes", *WHY, "{pin}"),
    "retire": ("cam2", "--yes", *WHY, "{pin}"),
    "release": ("held1", "--yes", *WHY, "{pin}"),
    "unlock": ("slot-9", *WHY, "{pin}"),
    "outbox retry": ("mes",),
    "outbox skip": ("mes", "1", *WHY, "{pin}"),
    "key rotate": (),
    "recover": ("--over", "--yes", *WHY, "{pin}"),
    "supervisor set-pin": ("--name", "Wang", "--new-pin-file", "{new_pin}", "{pin}"),
    "supervisor remove": ("Zhao", "--yes", "{pin}"),
}
"""Exit code 6, E614, and nothing of it is done."""

READ = {
    "batch list": (),
    "batch odd": ("{batch}",),
    "batch show": ("{request}",),
    "product list": (),
    "product show": ("{product}",),
    "status": (),
    "certs": (),
    "show": ("cam1",),
    "history": ("cam1",),
    "resolve": (),
    "conflict list": (),
    "conflict show": ("cam1",),
    "stranger list": (),
    "set list": (),
    "backup": ("{folder}/backup",),
    "audit log": (),
    "audit verify": (),
    "audit reindex": (),
    "label queue": (),
    "outbox status": (),
    "report batch": ("file", "--html", "{folder}/report.html"),
    "report export": (),
    "report handover": ("--to", "OP2"),
    "report labels": (),
    "report shift": (),
    "report verify": ("{csv}",),
    "config check": (),
    "config show": (),
    "doctor": (),
    "supervisor list": (),
    "key move": ("--to", "passphrase", "--new-passphrase-file", "{new_pin}"),  # last: the others do not know it
}
"""What they write, if anything, is in `HARMLESS`."""

APART = {
    "run": "a screen; the bench it runs begins no board, as `flash`",
    "flash": "tests/setback/test_set_back.py: nothing goes out",
    "demo": "its own ledger",
    "init": "its own ledger, and refuses where one is",
    "board": "a screen that only reads",
    "help": "no ledger",
    "docs card": "no ledger",
    "andon try": "no ledger",
    "ledger check": "a server's ledger",
    "ledger init": "a server's ledger",
    "key export": "as `key move`: the key goes on",
    "key import": "as `key move`: nothing that a ledger needs goes",
    "key change-passphrase": "as `key move`: the file of the key, not the ledger",
    "rework": "as `retire`, which it does",
    "restore": "tests/setback/test_backup.py: a way out",
    "ledger copy": "tests/postgres/test_ledger_copy.py: a ledger that is locked waits",
    "adopt": "tests/setback/test_set_back.py: a way out",
    "outbox send": "tests/outbox: moves how far a receiver is, whatever the ledger is",
    **dict.fromkeys(["serve token add", "serve token list", "serve token remove"], "no ledger"),
    "profile check": "no ledger",
    "profile keys": "no ledger",
    "profile list": "no ledger",
    "profile new": "no ledger",
    "profile show": "no ledger",
    "profile try": "no ledger",
    "label preview": "only looks; tests/cli/test_label_command.py",
    "label test": "no ledger",
    "simulate printer": "no ledger",
    "schema": "no ledger",
    "completion": "no ledger",
    "man": "no ledger",
    **dict.fromkeys(["service install", "service status", "service logs", "service remove"], "no ledger"),
    **dict.fromkeys(["templates list", "templates copy"], "no ledger"),
    "simulate board": "no ledger",
    "simulate cloud": "no ledger",
    "simulate console": "no ledger",
    "simulate esp": "no ledger",
    "slots assign": "no ledger",
    "slots wire": "no ledger",
    "udev install": "no ledger",
    "udev print": "no ledger",
}

HARMLESS = {
    "audit": {
        "supervisor", "supervisor PIN tried", "shift begins", "key moved", "indexes made anew",
        "report signed",
    },
    "meta": {"supervisor_wrong_pins", "shift"},
}  # fmt: skip
"""Events of the audit, and keys of meta, that may come."""

MAY = {
    Although.OPENING: {"require_key"},
    Although.ALARM: {"lock"},
    Although.IN_HAND: {"recover", "_give_up", "consume"},
    Although.SEEN: {"found_on_board", "carried_elsewhere", "record"},
    Although.NOTED: {"note", "remember", "_renewed"},
    Although.SENT: {"record_answer", "unanswered", "became_ours"},
    Although.TOLD: {"begin", "keep"},
    Although.PROVED: {"check_pin", "_count_try", "set_pin"},
    Although.SHIFT: {"begin_shift", "rename_operator"},
    Although.COPIED: {"work"},
    Although.MENDED: {"reindex"},
    Although.RECOVERY: {"recover", "_take_over", "_withhold", "_unlock"},
    Although.REHEARSED: {"joined"},
}
"""The functions that name a reason, and no other."""


def leaves(command: click.Command, name: str = "") -> Iterator[str]:
    if not isinstance(command, click.Group):
        yield name
        return
    for part in command.list_commands(click.Context(command)):
        inner = command.get_command(click.Context(command), part)
        assert inner is not None
        yield from leaves(inner, f"{name} {part}".strip())


def test_each_command_is_in_one_of_the_tables() -> None:
    assert sorted(leaves(cli)) == sorted([*REFUSED, *READ, *APART])


def test_who_may_write_all_the_same_is_known() -> None:
    found: dict[Although, set[str]] = {reason: set() for reason in Although}
    for file in (Path(__file__).parents[2] / "station").rglob("*.py"):
        if "Although" not in (source := file.read_text("utf-8")):
            continue
        for function in ast.walk(ast.parse(source)):
            for node in ast.walk(function) if isinstance(function, ast.FunctionDef) else ():
                assert isinstance(function, ast.FunctionDef)
                if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Although":
                    found[Although[node.attr]].add(function.name)
    assert found == MAY


@pytest.fixture
def words(cloud: CloudSimulator, iotda: Iotda, station: Station, config_file: Path, tmp_path: Path) -> dict[str, str]:
    """What the tables say in braces; the ledger has something of everything, and is locked."""
    words, state = fill(cloud, iotda, station, tmp_path), config_file.parent / "state"
    with Ledger(state / "ledger.db", open_vault(state / "station.key")) as ledger:
        ledger.locks.lock(STATION, Code.E702, f"{Trouble.WITNESS}: board x was written")
    return words


def content(state: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, but those that may come."""
    with closing(sqlite3.connect(state / "ledger.db")) as raw:
        tables = [row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {table: raw.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
        events = raw.execute("SELECT seq, event FROM audit").fetchall()
    allowed = {seq for seq, event in events if event in HARMLESS["audit"]}
    rows["audit"] = [seq for seq, _event in events if seq not in allowed]
    rows["meta"] = [row for row in rows["meta"] if row[0] not in HARMLESS["meta"]]
    return rows


def test_it_is_refused_and_nothing_is_changed(
    cloud: CloudSimulator, station: Station, words: dict[str, str], tmp_path: Path
) -> None:
    """All of them on one ledger, since they leave it as it was."""
    before, made = content(tmp_path / "state"), len(cloud.world.batches)
    for command, arguments in REFUSED.items():
        code, out, err = station(*command.split(), *filled(arguments, words))
        assert (code, "E614" in err) == (Exit.PERSON_NEEDED, True), f"{command}: exit {code}\n{out}{err}"
        assert content(tmp_path / "state") == before, command
        assert len(cloud.world.batches) == made, command


def test_who_only_looks_changes_nothing(station: Station, words: dict[str, str], tmp_path: Path) -> None:
    before = content(tmp_path / "state")
    for command, arguments in READ.items():
        code, out, err = station(*command.split(), *filled(arguments, words))
        ended_well = code in (Exit.OK, Exit.PERSON_NEEDED, Exit.INTEGRITY)
        assert command == "doctor" or ended_well, f"{command}: exit {code}\n{out}{err}"
        assert content(tmp_path / "state") == before, command
