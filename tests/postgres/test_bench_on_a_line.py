# SPDX-License-Identifier: GPL-3.0-or-later
"""Benches that `[ledger] url` puts on one ledger of a server: commands as a user runs them, judged in the boards."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from station.codes import Code, Exit
from station.config.server_url import fault_of, title_of
from station.config.settings import load
from station.errors import ConfigError
from station.ledger.postgres import roles, sessions
from station.ledger.postgres.connection import LineConnection
from station.ledger.server import BENCH, set_up
from station.ledger.store import Ledger
from station.model import BoardUid, Secret, State
from station.secrets.keys import create_key, open_vault
from station.simulate.agent_board import Misbehaviour
from tests.cli.cli_shell import PIN, Shell
from tests.postgres.line_benches import Line, LineBench
from tests.postgres.server import Server
from tests.waiting import until


@pytest.fixture
def line(server: Server, database: str, tmp_path: Path) -> Iterator[Line]:
    one = Line(server.url(database, BENCH), tmp_path)
    yield one
    for bench in one.benches:
        bench.unplug()


def test_two_benches_work_on_one_queue(line: Line) -> None:
    line.stock_up(4)
    one, other = line.bench(), line.bench()
    for bench, uids in ((one, ("b0a1", "b0a2")), (other, ("b0b1", "b0b2"))):
        bench.plug(*uids)
        done = bench.shell("flash", "--json")
        assert (done.code, done.json[-1]["passed"]) == (Exit.OK, 2), done.err
    assert sorted(name for (name,) in line.held().values()) == [f"a1Camera/cam{n}" for n in range(4)]
    assert line.violations() == []
    with line.ledger() as ledger:
        assert ledger.stock.by_state()[State.CONSUMED] == 4
        assert ledger.visits.since(0) and ledger.visits.of_slot("1", 5) == []  # of a bench that is neither
    seen = one.shell("status", "--json")
    assert (seen.code, seen.json[0]["certificates"]["CONSUMED"]) == (Exit.OK, 4), seen.err
    assert not (one.state / "ledger.db").exists()


def test_a_board_in_doubt_is_resolved_at_any_bench(line: Line) -> None:
    line.stock_up(2)
    one, other = line.bench(1), line.bench(1)
    one.plug("b0a1", faults=Misbehaviour(ignores_reset=True, flips_stored_byte=True))
    assert one.shell("flash").code == Exit.PERSON_NEEDED
    one.unplug()
    (name,) = line.held()[BoardUid("b0a1")]
    other.plug("b0a1")
    done = other.shell("flash", "--json")
    assert (done.code, done.json[-1]["passed"]) == (Exit.OK, 1), done.err
    assert line.held() == {BoardUid("b0a1"): [name]}
    assert line.violations() == []


def test_each_bench_has_a_witness_of_its_own_and_begins_nothing_without_it(line: Line) -> None:
    line.stock_up(3)
    one, other = line.bench(1), line.bench(1)
    for bench, uid in ((one, "b0a1"), (other, "b0b1")):
        bench.plug(uid)
        assert bench.shell("flash").code == Exit.OK
        bench.unplug()
    for journal in other.folder.rglob("*.witness"):
        journal.unlink()
    other.plug("b0b2")
    assert (done := other.shell("flash")).code == Exit.STATION_FAULT and "E328" in done.err
    assert line.held()[BoardUid("b0b2")] == []
    one.plug("b0a2")
    assert one.shell("flash").code == Exit.OK


@pytest.mark.own_database
def test_what_a_server_forgot_is_noticed_by_the_bench_that_did_it(
    line: Line, server: Server, database: str, tmp_path: Path
) -> None:
    """As a standby that is promoted without the last commits: here a copy of the database, made before them."""
    line.stock_up(3)
    bench = line.bench(1)
    bench.plug("b0a1")
    assert bench.shell("flash").code == Exit.OK
    before = server.copy(database, f"{database}_before")
    try:
        bench.unplug()
        bench.plug("b0a2")
        assert bench.shell("flash").code == Exit.OK
        bench.unplug()
        server.execute(f"ALTER DATABASE {database} RENAME TO {database}_lost")
        server.execute(f"ALTER DATABASE {before} RENAME TO {database}")
        with psycopg.connect(server.url(database)) as db:
            roles.settle_in(db, BENCH)
        bench.plug("b0a3")
        done = bench.shell("flash")
        assert (done.code, "E702" in done.err) == (Exit.PERSON_NEEDED, True), done.err
        assert line.held()[BoardUid("b0a3")] == []
        pin = bench.shell.private("pin", f"{PIN}\n")
        assert bench.shell("supervisor", "set-pin", "--new-pin-file", pin).code == Exit.OK
        recovered = bench.shell("recover", "--reason", "failover", "--pin-file", pin, "--yes")
        assert recovered.code == Exit.PERSON_NEEDED, recovered.err
        bench.unplug()
        bench.plug("b0a2")
        assert bench.shell("flash").code == Exit.OK
        assert line.violations() == []
    finally:
        server.execute(f"DROP DATABASE IF EXISTS {database}_lost WITH (FORCE)")


@pytest.mark.parametrize(("waited", "believed"), [("", False), ("+", True)])
def test_a_standby_is_believed_only_where_commits_had_waited_for_it(line: Line, *, waited: str, believed: bool) -> None:
    """Before any bench's witness is heard: what another bench has done may be forgotten."""
    line.stock_up(2)
    bench = line.bench(1)
    assert bench.shell("status").code == Exit.OK
    with line.ledger() as ledger:
        system = ledger.book.connection.history.partition("/")[0]
        ledger.facts.set("history", f"{system}/00000000{waited}", event="as if")
    bench.plug("b0a1")
    done = bench.shell("flash")
    assert done.code == (Exit.OK if believed else Exit.PERSON_NEEDED), done.err
    assert bool(line.held()[BoardUid("b0a1")]) is believed
    if not believed:
        pin = bench.shell.private("pin", f"{PIN}\n")
        assert bench.shell("supervisor", "set-pin", "--new-pin-file", pin).code == Exit.OK
        recovered = bench.shell("recover", "--reason", "failover", "--pin-file", pin, "--yes")
        assert recovered.code == Exit.PERSON_NEEDED, recovered.err
    with line.ledger() as ledger:
        assert ledger.facts.get("history") == ledger.book.connection.history
        assert ledger.locks.held() == {}


@pytest.mark.own_database
def test_the_doctor_looks_at_the_server_too(line: Line, server: Server, database: str) -> None:
    bench = line.bench()
    assert bench.shell("status").code == Exit.OK
    found = {row["check"]: row for row in bench.shell("doctor", "--json").json[0]["findings"] if row["level"] != "ok"}
    assert not {"server", "ledger", "key", "witness", "machine"} & set(found), found
    server.execute(f"REVOKE INSERT ON station.audit FROM {BENCH}", database)
    server.execute(f"ALTER ROLE {BENCH} IN DATABASE {database} SET synchronous_commit = off")
    told = [row["what"] for row in bench.shell("doctor", "--json").json[0]["findings"] if row["level"] == "wrong"]
    assert any("synchronous_commit" in what for what in told), told


def test_the_doctor_tells_of_two_benches_with_one_name(line: Line) -> None:
    """As `station init` leaves them: on the line's views they were one bench."""
    one, other = line.bench(), line.bench()
    told = "another bench of this line is called bench-1 too"
    with one.open_ledger() as ledger:
        ledger.line.call("bench-1")
        assert told not in other.shell("doctor").out
        assert told not in one.shell("doctor").out, "it is no other bench"
        other.name = "bench-1"
        other.configure(line.url)
        assert told in other.shell("doctor").out
    assert told not in other.shell("doctor").out, "a PC that was exchanged has its name again"


@pytest.mark.own_database
def test_the_doctor_tells_of_a_copy_of_this_bench_on_another_pc(
    line: Line, server: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bench was set up, and its disk copied for the others: their slots had each other's locks."""
    bench, told = line.bench(), "another PC is at work as this very bench"
    number = bench.open_ledger()
    set_up(server.url(database), password=Secret("tr0mbone"))
    by_network = server.tcp_url(database, BENCH)

    def doctor(*, behind_a_router: bool = False) -> str:
        with monkeypatch.context() as patched:
            if behind_a_router:  # or on another PC
                patched.setattr(sessions, "_is_here", lambda _address: False)
            return bench.shell("doctor").out

    with number, closing(LineConnection(line.url, number.path)) as second:
        second.be_seen()
        assert told not in doctor(behind_a_router=True), "two programs of one PC"
    with closing(LineConnection(by_network, number.path, password=Secret("tr0mbone"))) as copy:
        copy.be_seen()
        assert told not in doctor(), "two addresses of one PC"
        assert told in doctor(behind_a_router=True)
    until(lambda: told not in doctor(behind_a_router=True))


@pytest.mark.parametrize(
    ("address", "is_here"), [("127.0.0.1", True), ("127.0.0.2", True), ("192.0.2.1", False), ("2001:db8::1", False)]
)
def test_an_address_is_this_pc_s_where_it_can_be_spoken_from(address: str, *, is_here: bool) -> None:
    """What a PC has, one beside the other: cards, and for IPv6 a new one each day."""
    assert sessions._is_here(address) is is_here


@pytest.mark.parametrize(("ahead_s", "told"), [(7200, True), (-7200, True), (5, False)])
def test_the_doctor_holds_the_clock_against_the_server_s(
    line: Line, monkeypatch: pytest.MonkeyPatch, ahead_s: int, told: bool
) -> None:
    """What a bench has made stands at its own times: two hours off, it seemed to have made nothing in the last one."""
    bench = line.bench()
    right = time.time
    monkeypatch.setattr("station.ledger.postgres.checking.time.time", lambda: right() + ahead_s)
    found = bench.shell("doctor", "--json").json[0]["findings"]
    assert any("this PC's clock and the server's differ by" in row["what"] for row in found) == told


@pytest.mark.own_database
def test_a_server_that_loses_commits_gives_no_identity_out(line: Line, server: Server, database: str) -> None:
    line.stock_up(1)
    bench = line.bench()
    server.execute(f"ALTER ROLE {BENCH} IN DATABASE {database} SET synchronous_commit = off")
    bench.plug("b0a1")
    done = bench.shell("flash")
    assert (done.code, "E321" in done.err) == (Exit.STATION_FAULT, True), done.err
    assert line.held() == {BoardUid("b0a1"): []}


def test_a_key_of_another_line_s_opens_nothing(line: Line) -> None:
    line.stock_up(1)
    bench = line.bench()
    (bench.state / "station.key").unlink()
    create_key(bench.state / "station.key")
    done = bench.shell("flash")
    assert (done.code, "E114" in done.err) == (Exit.USAGE, True), done.err


def test_a_bench_that_was_refused_for_its_key_says_how_to_get_the_line_s_and_takes_it(line: Line) -> None:
    line.stock_up(1)
    one, new = line.bench(), line.bench()
    (new.state / "station.key").unlink()
    create_key(new.state / "station.key")
    Ledger(new.state / "ledger.db", open_vault(new.state / "station.key")).close()  # from before, and empty
    refused = new.shell("status")
    assert (refused.code, "station key import" in refused.err) == (Exit.USAGE, True), refused.err
    file, phrase = str(one.shell.folder / "line.key"), one.shell.private("phrase", "a passphrase of mine")
    assert one.shell("key", "export", file, "--new-passphrase-file", phrase).code == Exit.OK
    done = new.shell("key", "import", file, "--file-passphrase-file", phrase)
    assert done.code == Exit.OK, done.err
    assert new.shell("status").code == Exit.OK


def test_the_key_of_the_line_is_not_exchanged_for_another(line: Line, tmp_path: Path) -> None:
    line.stock_up(1)
    bench, other = line.bench(), Shell(tmp_path / "other")
    other.folder.mkdir()
    assert other("init", "--file", str(other.config), "--state-dir", str(other.folder / "state")).code == Exit.OK
    file, phrase = str(tmp_path / "other.key"), other.private("phrase", "a passphrase of mine")
    assert other("key", "export", file, "--new-passphrase-file", phrase).code == Exit.OK
    done = bench.shell("key", "import", file, "--file-passphrase-file", phrase)
    assert (done.code, "needs the key that is here" in done.err) == (Exit.USAGE, True), done.err
    assert bench.shell("status").code == Exit.OK


@pytest.mark.parametrize(
    "arguments", [("backup", "b.tgz"), ("restore", "b.tgz"), ("adopt", "--reason", "moved", "--yes")]
)
def test_what_is_the_server_s_to_keep_says_what_to_do(line: Line, arguments: tuple[str, ...]) -> None:
    bench = line.bench()
    done = bench.shell(*arguments)
    assert (done.code, "on its server" in done.err) == (Exit.USAGE, True), done.err


def test_a_bench_s_own_server_is_checked_as_an_outage_names_it(line: Line, tmp_path: Path) -> None:
    """`station ledger check` as it stands there; a PC without a line is told what to give it."""
    checked = line.bench().shell("ledger", "check")
    assert (checked.code, checked.out.endswith(f"as {BENCH}: well\n")) == (Exit.OK, True), checked.err
    alone = Shell(tmp_path)
    alone.begin()
    refused = alone("ledger", "check")
    assert (refused.code, "station ledger check URL" in refused.err) == (Exit.USAGE, True), refused.err


@pytest.mark.own_database
def test_a_password_comes_from_a_private_file(line: Line, server: Server, database: str) -> None:
    bench = line.bench()
    server.execute(f"ALTER ROLE {BENCH} PASSWORD 'tr0mbone'")
    url = server.tcp_url(database, BENCH)
    try:
        bench.configure(url)
        refused = bench.shell("status")
        assert (refused.code, "E329" in refused.err) == (Exit.STATION_FAULT, True), refused.err
        word = bench.shell.private("word", "tr0mbone\n")
        bench.configure(url, f'password_file = "{word}"\n')
        done = bench.shell("status")
        assert (done.code, "tr0mbone" in done.out + done.err) == (Exit.OK, False), done.err
        assert bench.shell("ledger", "check").out.endswith(f"as {BENCH}: well\n")
        shown = bench.shell("config", "show", "--json")
        assert shown.json[0]["settings"]["ledger.url"]["value"] == url and "tr0mbone" not in shown.out
        Path(word).chmod(0o644)
        assert bench.shell("status").code == Exit.USAGE
        passfile = bench.shell.private("passes", f"127.0.0.1:{server.port}:{database}:{BENCH}:tr0mbone\n")
        bench.configure(f"{url}&passfile={passfile}")
        assert bench.shell("status").code == Exit.OK
    finally:
        server.execute(f"ALTER ROLE {BENCH} PASSWORD NULL")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://bench:tr0mbone@db/line",
        "postgresql://bench@db/line?password=tr0mbone",
        "postgresql://bench@db/line?sslpassword=tr0mbone",
        "postgresql://bench:tr0mbone@[db/line",
        "mysql://bench:tr0mbone@db/line",
        "tr0mbone",
    ],
)
def test_a_url_with_a_password_is_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    file = tmp_path / "station.toml"
    file.write_text(f'[ledger]\nurl = "{url}"\n')
    with pytest.raises(ConfigError) as refused:
        load(file, {}, {})
    assert "ledger.url" in refused.value.what and "tr0mbone" not in str(refused.value) + refused.value.do


def test_a_line_is_called_by_its_server_and_database_whoever_logs_in() -> None:
    names = {
        title_of(url)
        for url in (
            "postgresql://bench@db.factory/line3?sslmode=verify-full",
            "postgres://other@db.factory/line3",
        )
    }
    assert names == {"db.factory_line3"}
    assert title_of("postgresql://b@/line3?host=/var/run/postgresql") == "var_run_postgresql_line3"
    assert fault_of("postgresql://bench@db/line") == ""


def test_a_line_s_key_is_exchanged_in_a_file(line: Line, server: Server, copied: str) -> None:
    """As `station help line` has it: where the ledger is, no bench may."""
    line.stock_up(4)
    one, other = line.bench(), line.bench()
    refused = one.shell("key", "rotate")
    assert (refused.code, "station help line" in refused.err) == (Exit.STATION_FAULT, True), refused.err
    file, again = one.state / "ledger.db", server.url(copied)
    phrase, exported = one.folder / "phrase", one.folder / "key"
    phrase.write_text("a long enough one")
    phrase.chmod(0o600)

    def done(bench: LineBench, *command: object) -> None:
        told = bench.shell(*map(str, command))
        assert told.code == Exit.OK, told.err

    done(one, "ledger", "copy", line.url, file, "--yes")
    one.configure("")
    done(one, "key", "rotate")
    done(one, "ledger", "copy", file, again, "--yes")
    for bench in (one, other):
        bench.configure(server.url(copied, BENCH))
    done(one, "key", "export", exported, "--new-passphrase-file", phrase)
    assert other.shell("status").code == Exit.USAGE
    done(other, "key", "import", exported, "--file-passphrase-file", phrase)
    for bench, uids in ((one, ("b0a1", "b0a2")), (other, ("b0b1", "b0b2"))):
        bench.plug(*uids)
        done(bench, "flash")
    assert sorted(name for (name,) in line.held().values()) == [f"a1Camera/cam{n}" for n in range(4)]
    done(other, "audit", "verify")


def test_a_bench_is_the_same_one_when_its_server_is_called_otherwise(line: Line, server: Server, database: str) -> None:
    """Where a standby took the place, or a name was written out: its locked slot was free again."""
    bench = line.bench()
    with bench.open_ledger() as ledger:
        number = ledger.bench
        ledger.locks.lock("1", Code.E602, "3 failures in a row")
    other = f"postgresql://{BENCH}@:{server.port}/{database}?host={server.folder}"
    assert title_of(other) != title_of(line.url)
    bench.configure(other)
    assert bench.shell("status").code == Exit.PERSON_NEEDED
    with bench.open_ledger() as ledger:
        assert (ledger.bench, list(ledger.locks.held())) == (number, ["1"])
    assert len(list(bench.state.glob("*.line"))) == 2
    with line.bench().open_ledger() as ledger:
        assert ledger.bench != number, "another bench's folder"
