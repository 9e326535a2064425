# SPDX-License-Identifier: GPL-3.0-or-later
"""A module whose manual asks for a password, base64, CRCs, a serial number in parts and a masked readback: from blank
to PASS by a TOML file alone, and it is said how strong the proof was.
"""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from station.errors import BoardFault, ConfigError
from station.flow.flow import flash
from station.flow.visit import Job, Visit
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import Certificate, CertName, Identity, Port, Provider, Secret, State
from station.profiles.profile import parse_profile
from station.rules import Outcome
from station.secrets.vault import Vault
from station.simulate import console
from station.simulate.console import ConsoleBoard, Quirks, read_identity
from station.simulate.console_dialect import Reboot, Reply
from station.targets import check_options
from station.targets.console.forms import FORMS
from station.targets.console.target import ConsoleTarget
from tests.console.masked_module import PASSWORD, Masked
from tests.flow.wireless import heard
from tests.raw import raw

UID = "0123abcd4567ef89"
SECRET = "fedcba9876543210fedcba987654ab12"


class Bench:
    def __init__(self, folder: Path, ledger: Ledger, password: str = PASSWORD) -> None:
        self.folder, self.ledger = folder, ledger
        file = folder / "factory.pin"
        file.write_text(password)
        file.chmod(0o600)
        text = (Path(__file__).parent / "masked.toml").read_text().replace("PASSWORD_FILE", str(file))
        self.table: dict[str, Any] = tomllib.loads(text)
        self.table["console"]["timeout_s"] = 0.5
        self.table["console"]["restart"]["boot_s"] = 1.5

    def visit(self, **quirks: Any) -> Visit:
        profile = parse_profile(self.table, check_options, source="masked")
        job = Job(ledger=self.ledger, target=ConsoleTarget(), profile=profile, tell=lambda _visit: None)
        link = self.folder / "socket"
        with ConsoleBoard("masked", uid=UID, store=self.folder / "m.json", link=link, quirks=Quirks(**quirks)) as board:
            self.board = board
            return flash(job, Port(url=str(link), slot="1"))


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Bench]]:
    monkeypatch.setitem(console.DIALECTS, "masked", Masked)
    monkeypatch.setattr("station.targets.console.target.WAKE_S", 1.0)
    with Ledger(tmp_path / "ledger.db", Vault(secrets.token_bytes(32))) as ledger:
        one = Certificate(product_key="a1B2c3D4e5F", device_name="cam,1", device_secret=Secret(SECRET))
        batch = BatchKey(provider=Provider.LIVING, batch_id="1", product_key="a1B2c3D4e5F")
        ledger.receive(batch, [Identity(primary=one)])
        yield lambda **more: Bench(tmp_path, ledger, **more)


def test_from_blank_to_pass_and_done_again_by_the_profile_alone(make: Callable[..., Bench]) -> None:
    bench = make()
    first = bench.visit()
    assert first.outcome is Outcome.PASS, first.error
    assert first.board is not None and first.board.uid == UID
    (held,) = read_identity(bench.folder / "m.json", "masked") or []
    assert held.device_secret.reveal() == SECRET and held.device_name == "cam,1"
    with raw(bench.ledger.path) as db:
        assert db.execute("SELECT method FROM identities WHERE state = 'CONSUMED'").fetchone()[0] == "partial"
    again = bench.visit()
    assert again.outcome is Outcome.ALREADY_DONE, again.error


def test_the_groups_of_a_uid_are_joined_as_the_profile_says(make: Callable[..., Bench]) -> None:
    bench = make()
    bench.table["console"]["uid"]["joined"] = "M-{2}-{1}"
    first = bench.visit()
    assert first.outcome is Outcome.PASS, first.error
    assert first.board is not None and first.board.uid == f"m-{UID[8:]}-{UID[:8]}"
    assert bench.visit().outcome is Outcome.ALREADY_DONE


def test_a_uid_of_which_a_part_is_missing_is_none(make: Callable[..., Bench]) -> None:
    bench = make()
    bench.table["console"]["uid"] |= {"pattern": r"^\+SN1:([0-9A-Fa-f]{8})\n(never)?", "joined": "{1}{2}"}
    refused = bench.visit()
    assert refused.error is not None and refused.error.code == "E208"


def test_a_secret_stored_wrong_is_no_pass(make: Callable[..., Bench]) -> None:
    spoiled = make().visit(changes="deviceSecret")
    assert spoiled.error is not None and spoiled.error.code == "E204"


def test_a_wrong_password_is_given_once_and_nothing_is_reserved(make: Callable[..., Bench]) -> None:
    bench = make(password="wrong")
    refused = bench.visit()
    assert refused.error is not None and (refused.error.code, "password is wrong" in refused.error.what) == (
        "E203",
        True,
    )
    assert bench.board.lines.count("wrong") == 1
    assert bench.board._firmware.wrong == 1  # type: ignore[attr-defined]
    known = bench.ledger.named(CertName("a1B2c3D4e5F", "cam,1"))
    assert known is not None and known.state is State.READY


@pytest.mark.parametrize("line", ["AT+SN?", "AT+KEY?DN", "AT+KEY=DN", "AT+KEY=DS", "AT+SAVE"])
def test_a_module_that_restarts_by_itself_is_logged_in_again(
    make: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    """It lost its power for a moment: it is no bad board, and keeps no half of what it was given."""
    restarts = [Reboot()]

    class Shaky(Masked):
        def obey(self, said: str) -> Reply:
            return restarts.pop() if said.startswith(line) and restarts else super().obey(said)

    monkeypatch.setitem(console.DIALECTS, "masked", Shaky)
    bench = make()
    visit = bench.visit()
    assert visit.outcome is Outcome.PASS, visit.error
    assert restarts == [] and bench.board.lines.count(PASSWORD) <= 4
    (held,) = read_identity(bench.folder / "m.json", "masked") or []
    assert held.device_secret.reveal() == SECRET


def test_a_module_that_forgot_its_login_is_not_given_guesses(
    make: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it makes of the password then: it is deaf after a few wrong ones."""

    class Forgets(Masked):
        def obey(self, said: str) -> Reply:
            if said.startswith("AT+KEY=DN"):
                self._open = False
            return super().obey(said) if said != PASSWORD or not self.cells.get("PK") else "+ERR=9\r\n"

    monkeypatch.setitem(console.DIALECTS, "masked", Forgets)
    bench = make()
    visit = bench.visit()
    assert visit.error is not None and visit.error.code == "E203"
    assert bench.board.lines.count(PASSWORD) <= 4


def test_a_password_file_that_others_may_read_is_refused(make: Callable[..., Bench]) -> None:
    bench = make()
    (bench.folder / "factory.pin").chmod(0o644)
    refused = bench.visit()
    assert refused.error is not None and refused.error.code == "E114"


def test_a_prompt_that_was_left_open_is_not_answered_with_probes(make: Callable[..., Bench]) -> None:
    bench = make()
    bench.table["console"]["probe"] = {"line": "AT", "success": "^never$"}
    bench.table["console"]["setup"][0]["ready"] = r"^\+ERR=1$"  # what it says to the first probe is a prompt
    refused = bench.visit()
    assert refused.error is not None and (refused.error.code, "guesses" in refused.error.what) == ("E203", True)
    assert bench.board.lines.count("AT") == 1


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("accept", "digest", "proves a part only"),
        ("accept", "full", "proves a part only"),
        ("setup", [{"line": "C", "success": "OK", "ready": "P:", "password_file": "pin"}], "must be a full path"),
        ("setup", [{"line": "CFG", "success": "OK", "password_file": "x"}], "belong together"),
        ("read", [{"line": "R", "done": "^OK$", "partial": "^(.)$"}], "belong together"),
        *(
            ("read", [{"line": "R", "done": "^OK$", by: "^(.)$", "of": f"{{deviceSecret:{form}}}"}], "hash of less")
            for by, form in (("sha256", "last4"), ("md5", "length"))
        ),
        ("uid", {"line": "U", "pattern": "^UID$"}, "must have a (group)"),
        ("uid", {"line": "U", "pattern": "^(U)(ID)$", "joined": "{1}{1}"}, "must name each (group)"),
        ("uid", {"line": "U", "pattern": "^(U)(ID)$", "joined": "{1}{2}{3}"}, "must name each (group)"),
        ("uid", {"line": "U", "pattern": "^(U)(ID)$", "joined": "{1}-{x}{2}"}, "must name each (group)"),
        ("uid", {"label": True, "joined": "{1}"}, "must name each (group)"),
        ("write", [{"line": "W {deviceSecret:crc99}", "success": "OK"}], ":crc16_kermit"),
    ],
)
def test_what_is_wrong_is_said(make: Callable[..., Bench], key: str, value: object, says: str) -> None:
    table = make().table
    table["console"][key] = value
    with pytest.raises(ConfigError) as fault:
        parse_profile(table, check_options, source="masked")
    assert says in fault.value.what


@pytest.mark.parametrize(
    ("form", "check"),
    [
        ("crc16", "29B1"),
        ("crc16_xmodem", "31C3"),
        ("crc16_kermit", "2189"),
        ("crc16_modbus", "4B37"),
        ("crc32", "CBF43926"),
        ("sum8", "DD"),
        ("xor8", "31"),
        ("length", "9"),
        ("last4", "6789"),
        ("base64", "MTIzNDU2Nzg5"),
        ("md5", "25f9e794323b453885f5181f1b624d0b"),
        ("sha1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
        ("quoted", '"123456789"'),
    ],
)
def test_checks_have_the_values_of_the_catalogue(form: str, check: str) -> None:
    assert FORMS[form](b"123456789") == check


def test_a_comma_a_quote_and_a_backslash_are_escaped_as_manuals_ask() -> None:
    assert FORMS["escaped"](b'a,b"c\\d') == 'a\\,b\\"c\\\\d'
    assert FORMS["quoted"](b'a,b"c') == '"a,b""c"'


def test_a_damaged_echo_of_the_password_is_kept_nowhere(make: Callable[..., Bench]) -> None:
    """Too little of it stands in a row to be known by; the module goes on or not, as it may."""
    password = "zq7xk2vw9jy4mB8hGt5R"
    with heard() as lines:
        make(password=password).visit(wrong_echo=0.3, seed=4)
    shown = [
        line for line in lines if "←" in line and any(password[at : at + 3] in line for at in range(len(password) - 2))
    ]
    assert (bool(lines), shown) == (True, [])


def test_no_fault_and_no_trace_shows_the_password(make: Callable[..., Bench]) -> None:
    with heard() as lines:
        refused = make(password="s3cr3t-word").visit()
    assert isinstance(refused.error, BoardFault) and "s3cr3t" not in refused.error.lines()
    assert (bool(lines), [line for line in lines if "s3cr3t" in line]) == (True, [])
