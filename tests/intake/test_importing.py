# SPDX-License-Identifier: GPL-3.0-or-later
"""Importing a console's file through the command line: all or nothing, and twice is once."""

from __future__ import annotations

import json

from station.errors import Exit

SECRET = "0123456789abcdef0123456789abcdef"
GOOD = "ProductKey,DeviceName,DeviceSecret\na1Key,fan-0001," + SECRET + "\na1Key,fan-0002," + SECRET + "\n"


def test_the_same_file_twice_changes_nothing(station, tmp_path):
    file = tmp_path / "devices.csv"
    file.write_text(GOOD)
    assert json.loads(station("import", file, "--json")[1])["new"] == 2
    before = station("certs", "--json")[1]
    code, out, _ = station("import", file, "--json")
    assert (code, json.loads(out)["new"], station("certs", "--json")[1]) == (Exit.OK, 0, before)
    assert before.count("READY") == 2


def test_one_bad_row_and_nothing_comes_in(station, tmp_path):
    file = tmp_path / "devices.csv"
    file.write_text(GOOD + "a1Key,x," + SECRET + "\na1Key,fan-0001," + SECRET + "\n")
    code, _, err = station("import", file)
    assert code == Exit.USAGE
    assert "row 4" in err
    assert "row 5" in err
    assert SECRET not in err
    assert "READY" not in station("certs")[1]


def test_bad_rows_are_skipped_when_asked(station, tmp_path):
    file = tmp_path / "devices.csv"
    file.write_text(GOOD + "a1Key,x," + SECRET + "\n")
    code, out, err = station("import", file, "--skip-bad", "--json")
    assert (code, json.loads(out)["new"], json.loads(out)["skipped"]) == (Exit.OK, 2, 1)
    assert "row 4" in err


def test_another_secret_for_a_known_name_is_left_out_and_needs_a_person(station, tmp_path):
    file = tmp_path / "devices.csv"
    file.write_text(GOOD)
    station("import", file)
    file.write_text(GOOD.replace(SECRET, SECRET[::-1]))
    code, out, err = station("import", file, "--json")
    assert (code, json.loads(out)["new"]) == (Exit.PERSON_NEEDED, 0)
    assert json.loads(out)["conflicts"] == ["a1Key/fan-0001", "a1Key/fan-0002"]
    assert "station conflict list" in err
    assert station("certs")[1].count("WITHHELD") == 2
