# SPDX-License-Identifier: GPL-3.0-or-later
"""What commands print on a Chinese bench is Chinese: names, codes, paths and what is typed stay, no English is left."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import station.cli
import station.doctor
from station.cli.past_lines import past_text
from station.desk.searching import moved
from station.ledger.store import Ledger
from station.ledger.values import AuditLine
from station.model import Language
from station.secrets.keys import open_vault
from station.simulate.agent_board import SimulatedAgentBoard
from station.simulate.cloud import mishaps, quirks
from station.words.chinese_cells import CELLS
from station.words.chinese_past import PAST
from station.words.chinese_simulate import SIMULATOR
from station.words.tongues import TONGUES
from tests.cli.chinese_bench import ChineseBench, chinese_bench
from tests.cli.cli_shell import Done

READING = (
    "status",
    "status --line",
    "certs",
    "certs --limit 2",
    "show cam0",
    "show cam1",
    "show nvr",
    "history cam0",
    "history a0b1c2000014",
    "resolve",
    "conflict list",
    "conflict show cam1",
    "stranger list",
    "set list",
    "batch list",
    "batch show 4711",
    "batch show register-1",
    "batch show request-1",
    "batch odd 77",
    "audit verify",
    "audit log",
    "report batch 4711",
    "report batch --day 2025-11-24",
    "report shift",
    "label queue",
    "outbox status",
    "outbox send",
    "slots",
    "profile list",
    "profile check cam",
    "config show --origin",
    "config check",
    "doctor",
    "product list",
    "slots wire 1",
    "unlock 9 --reason 更换探针",
    "report batch nosuch",
    "retire nosuch --reason 报废",
    "supervisor list",
    "demo --headless --boards 1 --count 1",
    "demo --headless --target nosuch",
    "simulate cloud --help",
    "simulate cloud --faults nonsense",
    "simulate cloud --faults do=x",
    "simulate console nosuch",
    "simulate esp --chip nosuch",
    "import --map x",
    "import",
)
FILES = {
    "two": ("a1Camera,new1,0123456789abcdef,\na1Camera,new2,0123456789abcdee,在线", "--dry-run"),
    "one in use": ("a1Camera,new3,0123456789abcded,在线", "--any-length"),
    "another secret": ("a1Camera,cam0,0123456789abcdec,", "--any-length"),
    "a bad row": ("a1Camera,,0123456789abcdeb,", ""),
    "a bad row left out": ("a1Camera,,0123456789abcdea,\na1Camera,new4,0123456789abcde9,", "--skip-bad"),
    "lengths that differ": ("a1Camera,new5,0123456789abcde8,\na1Camera,new6,0123,", ""),
    "one secret twice": ("a1Camera,new8,0123456789abcde6,\na1Camera,new9,0123456789abcde6,", ""),
    "a shortened number": ("a1Camera,8.61235E+15,0123456789abcde5,", ""),
    "a character that nobody sees": (
        "a1Camera,ne\u200bw,0123456789abcde4,\na1Camera,\u200bnew10,0123456789abcde4,",
        "",
    ),
    "names of digits": ("a1Camera,100,0123456789abcde3,\na1Camera,20,0123456789abcde2,", "--dry-run"),
    "an open quotation mark": ('a1Camera,"new11,0123456789abcde1,', ""),
    "a total that is another": ("a1Camera,new12,0123456789abcde0,\n合计,5,,", ""),
    "a status that nobody knows": ("a1Camera,new7,0123456789abcde7,maybe", ""),
}
_TYPED = re.compile(r"station [a-z][^；，。：（）]*|\S*[/\\=.:_@]\S*|\bsudo [^；，。]*|`[^`]*`|\[[^\]]*\]")
"""What is typed, a path, a name with its product, a moment."""
_ENGLISH = re.compile(r"\b[A-Za-z][a-z']+(?: [A-Za-z][a-z']+)+\b|\b(?:the|is|of|and|or|no|board|batch|slot)\b")
_SAMPLES = "three in a row|unplugged|nobody knows whose it is|no secret|scrap|request-1|slot-1|register-1"
"""What the samples say; no text of the house."""
_TERMS = re.compile(
    _SAMPLES + r"|Living Link|Alibaba Cloud IoT Platform|AliOS Things|Zephyr shell|Nordic nRF|ESP AT|Li Wei"
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChineseBench]:
    with chinese_bench(tmp_path_factory.mktemp("chinese")) as made:
        yield made


@pytest.mark.parametrize("command", READING)
def test_a_reading_command_prints_no_english(bench: ChineseBench, command: str) -> None:
    done = bench(*command.split())
    assert done.out or done.err
    assert english_in(done) == []


@pytest.mark.parametrize("name", FILES)
def test_an_import_prints_no_english(bench: ChineseBench, name: str) -> None:
    rows, flag = FILES[name]
    file = bench.private(f"{name.replace(' ', '-')}.csv", f"ProductKey,DeviceName,DeviceSecret,Status\n{rows}\n")
    done = bench("import", file, *flag.split())
    assert done.out or done.err
    assert english_in(done) == []


def test_what_a_product_is_and_what_a_board_answers(bench: ChineseBench) -> None:
    done = bench("product", "show", bench.cloud.add_product("Fan").product_key)
    assert (english_in(done), done.out.splitlines()[1].split("：")[0]) == ([], "名称")
    with SimulatedAgentBoard("ab00000000000001", bench.folder / "1.bin") as board:
        done = bench("profile", "try", "cam", "--port", board.url)
    assert done.out.splitlines()[:3] == ["板卡号    ab00000000000001", "芯片      模拟", "板上内容  空白"]


def english_in(done: Done) -> list[str]:
    rest = _TERMS.sub("", _TYPED.sub("", done.out + done.err))
    return [line for line in rest.splitlines() if _ENGLISH.search(line)]


def test_the_fault_language_has_all_its_words() -> None:
    assert set(SIMULATOR.mishaps) == set(mishaps.TABLE)
    assert set(SIMULATOR.quirks) == set(quirks.TABLE)


def test_the_log_the_ledger_and_json_stay_english(bench: ChineseBench) -> None:
    (told,) = bench("audit", "verify", "--json").json
    assert told["intact"] is True
    assert [line["event"] for line in bench("audit", "log", "--json").json][:2] == ["received", "reserved"]


def test_each_event_of_the_audit_here_has_its_chinese(bench: ChineseBench) -> None:
    vault = open_vault(bench.folder / "state" / "station.key")
    with Ledger(bench.folder / "state" / "ledger.db", vault) as ledger:
        events = {line.event for line in ledger.audit.log()}
    assert len(events) > 10
    assert events - set(PAST.events) == set()


def headings() -> Iterator[str]:
    """Those of every table that a command prints, as they are written."""
    for path in Path(station.cli.__file__).parent.glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print_table":
                texts = [one.value for one in ast.walk(call.args[0]) if isinstance(one, ast.Constant)]
                yield from (text for text in texts if isinstance(text, str))


def test_each_heading_of_a_table_has_its_chinese() -> None:
    found = set(headings())
    assert {"setting", "device name", "receiver"} <= found
    assert found - set(CELLS) == set()


def checks() -> Iterator[str]:
    """What `station doctor` names its findings, as it is written."""
    for path in Path(station.doctor.__file__).parent.glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                named = [one.value for one in call.keywords if one.arg == "check"]
                named += call.args[:1] if call.func.id == "_missing" else []
                yield from (str(one.value) for one in named if isinstance(one, ast.Constant))
            match call:
                case ast.Tuple(elts=[ast.Constant(value=str(name)), ast.Call() | ast.Attribute()]):
                    yield name


def test_each_check_of_the_doctor_has_its_chinese() -> None:
    found = set(checks())
    assert {"clock", "source", "log"} <= found
    assert found - set(CELLS) == set()


def test_a_list_in_a_line_of_the_audit_is_read_as_one() -> None:
    detail = '{"slots": ["1", "2"], "stays": 3}'
    at, nowhere = "2026-11-28T06:26:53+00:00", {"from_state": "", "to_state": "", "board_uid": "", "slot": ""}
    line = AuditLine(
        seq=1, at=at, actor="b", event="what stays say", identity_id=None, attempt=None, detail=detail, **nowhere
    )
    assert past_text(moved(line), TONGUES[Language.CHINESE]).endswith("过站记录补记  烧录位：1, 2  过站次数：3  b")
