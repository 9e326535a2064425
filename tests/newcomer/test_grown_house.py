# SPDX-License-Identifier: GPL-3.0-or-later
"""What CONTRIBUTING.md says it takes to add a chip, a cloud or a language is all it takes: done in a copy of the
house, with the files of its list and no other, and seen to work.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from station.codes import Exit
from tests.newcomer.grown_house import ROOT, GrownHouse
from tests.newcomer.newcomer_home import CERTIFICATES

HARBOR = Path(__file__).parent / "harbor"
SETTINGS = ("url", "secret_file", "secret_keyring")
_FIELDS = ("product_key", "device_name", "device_secret", "product_secret", "iot_id", "device_id", "node_id")
LIMITS = [f'{name}=LimitedField(name="{name}", shortest=0, longest=64, alphabet="!-~")' for name in _FIELDS]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[GrownHouse]:
    here = GrownHouse(tmp_path)
    yield here
    here.leave()


def listed(heading: str) -> set[str]:
    """The files that CONTRIBUTING.md names for adding one of these."""
    text = (ROOT.parent / "CONTRIBUTING.md").read_text("utf-8")
    part = text.partition(f"**{heading}")[2].partition("\n**")[0]
    return set(re.findall(r"`(station/[\w./-]+?)/?`", part))


def open_for_work(house: GrownHouse) -> None:
    house.before("init", "--file", "station.toml", "--state-dir", "state")
    (house.folder / "certificates.csv").write_text(CERTIFICATES)


def test_a_chip_is_what_its_rom_is_and_its_name(house: GrownHouse) -> None:
    chip = """_modern(
            "esp32h21",
            25,
            0x600B4000,
            0x60003000,
            mac_extension=_EUI64_MIDDLE,
            major=((0x600B4000 + 0x44 + 20, 8, 2),),
            minor=((0x600B4000 + 0x44 + 20, 4, 4),),
            watchdog=0x600B1C00,
        ),"""
    house.line_behind("station/simulate/esp/chips.py", "    for chip in (", "        " + chip)
    house.line_behind("station/targets/esp/options.py", "    *STUB_CHIPS,", '    "esp32h21",')
    assert set(house.touched) <= listed("an ESP chip")

    open_for_work(house)
    house.before("import", "certificates.csv")
    house.before("profile", "new", "h21", "--like", "esp-nvs", "--product", "a1B2c3D4e5F")
    profile = house.folder / "profiles" / "h21.toml"
    profile.write_text(re.sub(r"^chips = .*$", 'chips = ["esp32h21"]', profile.read_text(), flags=re.MULTILINE))
    house.plug_in("simulate", "esp", "--chip", "esp32h21", "--mac", "5a0000000021")
    tried = house.lines("profile", "try", "h21", "--port", "ttyESP", "--json")[0]
    assert (tried["chip"], tried["uid"]) == ("esp32h21", "5a0000000021")
    assert house.lines("flash", "--profile", "h21", "--port", "ttyESP", "--json")[-2]["state"] == "PASS"
    assert b"camera0001" in (house.folder / "ttyESP.flash").read_bytes()


class _Gateway(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        allowed = self.headers["Authorization"] == "Bearer key-to-the-harbor"
        body = {"items": [{"key": "a1B2c3D4e5F", "name": "Buoy"}]} if allowed else {}
        self.send_response(200 if allowed else 401)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def gateway() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_cloud_is_its_folder_and_a_line_where_clouds_are_listed(house: GrownHouse, gateway: str) -> None:
    for file in HARBOR.glob("*.py"):
        house.add(f"station/cloud/harbor/{file.name}", file.read_text("utf-8"))
    house.line_behind("station/model.py", 'IOTDA = "iotda"', '    HARBOR = "harbor"')
    house.line_behind("station/cloud/limits.py", "LIMITS = {", f"    Provider.HARBOR: Limits({', '.join(LIMITS)}),")
    clouds = "station/cloud/clouds.py"
    house.line_behind(clouds, "is_configured as has_iotda", "from station.cloud.harbor.account import open_harbor")
    account = 'Account(section="cloud.harbor", asked=("url",))'
    line = f'        Cloud(provider=Provider.HARBOR, title="Harbor", account={account}, products=open_harbor),'
    house.line_behind(clouds, "for cloud in (", line)
    settings = "".join(f'    Setting("cloud.harbor.{name}", "", "of Harbor"),\n' for name in SETTINGS)
    house.line_behind("station/config/table.py", '"cloud.iotda.calls_per_s"', settings)
    own = {f"station/cloud/harbor/{file.name}" for file in HARBOR.glob("*.py")}
    assert set(house.touched) <= listed("a cloud") | own

    open_for_work(house)
    house.before("profile", "new", "buoy", "--like", "agent", "--product", "a1B2c3D4e5F")
    token = house.folder / "harbor.secret"
    token.write_text("key-to-the-harbor")
    token.chmod(0o600)
    told = f'[cloud]\nprovider = "harbor"\n[cloud.harbor]\nurl = "{gateway}"\nsecret_file = "{token}"\n'
    config = house.folder / "station.toml"
    config.write_text(config.read_text() + told)
    assert [p["name"] for p in house.lines("product", "list", "--json")] == ["Buoy"]
    refused = house.station(
        "batch", "generate", "--yes", "--product", "a1B2c3D4e5F", "--amount", "1", "--cloud", "harbor"
    )
    assert (refused.returncode, "Harbor does not make batches" in refused.stderr) == (Exit.USAGE, True), refused.stderr
    token.write_text("wrong")
    assert house.station("product", "list").returncode == Exit.CLOUD

    token.write_text("key-to-the-harbor")
    house.ok("import", "certificates.csv")
    profile = house.folder / "profiles" / "buoy.toml"
    profile.write_text(re.sub(r"^provider = .*\n", "", profile.read_text(), flags=re.MULTILINE))
    profile.write_text('provider = "harbor"\n' + profile.read_text())
    house.plug_in("simulate", "board", "--uid", "5a00000000000001")
    assert house.lines("flash", "--profile", "buoy", "--port", "ttyBOARD", "--json")[-1]["passed"] == 1


def test_a_language_is_its_words_and_one_line(house: GrownHouse) -> None:
    for file in sorted((ROOT / "words").glob("english*.py")):
        text = file.read_text("utf-8").replace("station.words.english", "station.words.german")
        text = text.replace("Language.ENGLISH", "Language.GERMAN")
        text = text.replace('"Failures by code"', '"Ausfälle"')
        house.add(f"station/words/{file.name.replace('english', 'german')}", text)
    for file in sorted((ROOT / "words").glob("chinese_help*.py")):
        text = file.read_text("utf-8").replace("chinese_help", "german_help").replace("用法：", "Aufruf: ")
        house.add(f"station/words/{file.name.replace('chinese', 'german')}", text)
    house.line_behind("station/model.py", 'CHINESE = "zh", "中文"', '    GERMAN = "de", "Deutsch"')
    own = {path for path in house.touched if path.startswith("station/words/german")}
    assert set(house.touched) <= listed("a language") | own

    open_for_work(house)
    config = house.folder / "station.toml"
    config.write_text(config.read_text().replace('language = "en"', 'language = "de"'))
    assert "Ausfälle" in house.ok("report", "shift")
    shown = house.station("run", "--help").stdout
    assert shown.startswith("Aufruf: ")
    assert "Mishaps, do=NAME:" in house.ok("simulate", "cloud", "--help")  # what it has no words for stays English
    assert "de" in shown
    assert house.lines("help", "operate", "--json")[0]["language"] == "en"  # there is no such page in German
    footers = "from station.words.tongues import *; print([language_key(words) for words in TONGUES.values()])"
    said = house.run(sys.executable, "-c", footers).stdout
    assert "'F2: 中文', 'F2: Deutsch', 'F2: " in said
