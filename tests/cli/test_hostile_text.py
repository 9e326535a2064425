# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger whose every text is an attack on the terminal: no command that shows one lets any of it through."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

import station.cli
from station.codes import Code
from station.ledger.odd import OddItem
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import BoardUid, Certificate, CertName, Identity, IdentityKind, Provider, Secret
from tests.cli.cli_shell import Shell
from tests.ledger.open_matters import withheld_by_a_recovery

HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31mPASS\u202e\u2066\u200b\r\n\x7f\ufeff"
COMMANDS = (
    "status", "certs", "resolve", "show cam1", "show 5a00000000000001", "conflict list", "conflict show cam1",
    "stranger list", "batch list", f"batch odd {HOSTILE}", f"batch show {HOSTILE}", f"report batch {HOSTILE}",
    "history cam1", f"history none{HOSTILE}", "audit log", "label queue", "report export", "report export --visits",
    "report shift", "report labels", "audit verify", "config show", "config check", "slots",
    "profile list", "profile check hostile", "profile show hostile", "doctor", "supervisor list", f"show none{HOSTILE}",
    f"certs --product {HOSTILE}", f"batch show none{HOSTILE}", f"report batch none{HOSTILE}", f"none{HOSTILE}",
    f"profile show none{HOSTILE}",
)  # fmt: skip
"""Words are separated by one blank; each is run as it is, and with --json where there is one."""

UNMARKED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(?![\d:.Z+])")


def page(*names: str, secret: str = "s") -> list[Identity]:
    return [
        Identity(primary=Certificate(product_key="a1Cam", device_name=name, device_secret=Secret(f"{secret}-{name}")))
        for name in names
    ]


def fill(ledger: Ledger) -> None:
    batch = BatchKey(provider=Provider.LIVING, batch_id=HOSTILE, product_key="a1Cam")
    ledger.receive(batch, page("gone"))
    ledger.retire(CertName("a1Cam", "gone"), HOSTILE, by=HOSTILE)
    ledger.receive(batch, page("cam1", "cam2", f"cam3{HOSTILE}", f"cam4{HOSTILE}"))
    claim = ledger.reserve(["a1Cam"], IdentityKind.SINGLE, BoardUid.parse("5a00000000000001"), HOSTILE)
    ledger.begin(claim.attempt)
    ledger.doubt(claim.attempt, Code.E203, f"the board says {HOSTILE}", stranger="5a00000000000002")
    other = BatchKey(provider=Provider.LIVING, batch_id=f"other{HOSTILE}", product_key="a1Cam")
    ledger.receive(other, page("cam1", "cam2", f"cam3{HOSTILE}", secret="t"))
    known = ledger.named(CertName("a1Cam", f"cam4{HOSTILE}"))
    assert known is not None
    ledger.found_on_board(known, BoardUid.parse("5a00000000000003"))
    ledger.receive(batch, page(f"cam5{HOSTILE}"))
    withheld_by_a_recovery(ledger)
    item = OddItem(item=HOSTILE, place=HOSTILE, why=HOSTILE, raw=HOSTILE, seen_at="")
    ledger.odd.record(Provider.LIVING, HOSTILE, [item])
    ledger.requests.record_sending(
        f"request{HOSTILE}",
        provider=Provider.LIVING,
        operation=HOSTILE,
        product_key=HOSTILE,
        detail={"amount": HOSTILE},
    )
    ledger.requests.record_answer(f"request{HOSTILE}", state="UNKNOWN", batch_id=HOSTILE, answer=HOSTILE, raw=HOSTILE)
    camera = Certificate(
        provider=Provider.IOTDA, product_key=HOSTILE, device_name=HOSTILE, device_secret=Secret("s"), node_id="n"
    )
    ledger.registrations.plan(HOSTILE, [Identity(primary=camera)])
    ledger.registrations.doubt(HOSTILE, ledger.registrations.planned(HOSTILE)[0], camera.name, HOSTILE)
    ledger.facts.set("shift", json.dumps({"operator": HOSTILE, "started": 1.0}), event=HOSTILE, operator=HOSTILE)
    ledger.locks.lock(HOSTILE, Code.E602, HOSTILE)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """For commands that only look."""
    shell = Shell(tmp_path_factory.mktemp("hostile"))
    shell.begin()
    with shell.open_ledger() as ledger:
        fill(ledger)
    shell.write_profile(name=HOSTILE)
    folder = shell.folder / "profiles"
    (folder / "cam.toml").rename(folder / "hostile.toml")
    (folder / f"{HOSTILE.replace('/', '')}.toml").write_text("target = 1\n")
    with shell.config.open("a") as config:
        config.write(f"\n[[slot]]\nname = {json.dumps('s' + HOSTILE)}\npath = {json.dumps('/dev/' + HOSTILE)}\n")
    return shell


def unseen(text: str) -> list[str]:
    """What a terminal would do something with; the mark that a CSV begins with is meant."""
    return [c for c in text.removeprefix("\ufeff") if c not in "\n\t\r" and not c.isprintable()]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.replace(HOSTILE, "HOSTILE"))
def test_nothing_of_it_reaches_the_terminal(hostile: Shell, command: str) -> None:
    words = [word.replace("HOSTILE", HOSTILE) for word in command.replace(HOSTILE, "HOSTILE").split(" ")]
    for form in ([], ["--json"]):
        done = hostile(*words, *form)
        assert unseen(done.out + done.err) == [], done
        assert "E110" not in done.err, done  # a configuration that is refused would prove nothing
        assert "Traceback" not in done.err
        assert UNMARKED.search(done.out + done.err) is None, (
            done
        )  # the ledger's times are UTC, which no clock on a wall is
        assert not any(line.startswith("\r") for line in done.out.splitlines(keepends=True))
        if form and "No such option" not in done.err:
            assert all(json.loads(line) is not None for line in done.out.splitlines()), done


def test_a_line_end_is_given_to_nothing_that_prints_one_line_and_would_mask_it() -> None:
    one_line = {"say", "say_over", "print_line"}
    for file in Path(station.cli.__path__[0]).glob("*.py"):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in one_line:
                written = [part.value for part in ast.walk(call) if isinstance(part, ast.Constant)]
                assert not any("\n" in text for text in written if isinstance(text, str)), f"{file.name}:{call.lineno}"
