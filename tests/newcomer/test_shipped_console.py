# SPDX-License-Identifier: GPL-3.0-or-later
"""A shipped console profile whose boards have no uid: the label is scanned, also where no screen is."""

from __future__ import annotations

import json

from station.codes import Exit
from tests.newcomer.newcomer_home import Home

STOCK = """ProductKey,DeviceName,DeviceSecret,ProductSecret
a1Cam,cam1,0123456789abcdef0123456789abcdef,OKps1234567890ab
"""


def test_a_board_is_known_by_the_label_that_was_given(home: Home) -> None:
    (home.folder / "more.csv").write_text(STOCK)
    home.ok("import", "more.csv")
    home.ok("profile", "new", "wifi", "--like", "at-idmau", "--product", "a1Cam")
    profile = home.folder / "profiles" / "wifi.toml"
    profile.write_text(profile.read_text().replace("boot_s = 5.0", "boot_s = 0.2"))
    home.start(str(home.bin / "station"), "simulate", "console", "at-idmau")
    flash = ("flash", "--profile", "wifi", "--port", "ttyCONSOLE")

    unlabelled = home.station(*flash)
    assert (unlabelled.returncode, "--label" in unlabelled.stderr) == (Exit.USAGE, True)
    first, again = (home.lines(*flash, "--label", "A1B2C3D4", "--json") for _ in range(2))
    assert [first[-2]["state"], again[-2]["state"]] == ["PASS", "ALREADY_DONE"]
    assert home.lines("show", "A1B2C3D4", "--json")[0]["device_name"] == "cam1"
    stored = json.dumps(json.loads((home.folder / "ttyCONSOLE.json").read_text()))
    assert "0123456789abcdef0123456789abcdef" in stored

    spelt = home.lines(*flash, "--label", "SN:A1-B2-C3-D4", "--json")
    assert spelt[-2]["state"] == "ALREADY_DONE"
    assert home.lines("show", "A1:B2:C3:D4", "--json")[0]["device_name"] == "cam1"
    nothing = home.station(*flash, "--label", "]C1A1B2C3D4")
    assert (nothing.returncode, "E125" in nothing.stderr) == (Exit.USAGE, True)
    profile.write_text(profile.read_text().replace("scan_label", "label = '^\\]C1(.+)$'\nscan_label"))
    assert home.lines(*flash, "--label", "]C1A1B2C3D4", "--json")[-2]["state"] == "ALREADY_DONE"
    profile.write_text(profile.read_text().replace("label = '^\\]C1(.+)$'\n", ""))

    other = home.station(*flash, "--label", "A1B2C3D5")
    assert other.returncode == Exit.INTEGRITY, other.stderr
