# SPDX-License-Identifier: GPL-3.0-or-later
"""A new cloud is a folder, its line and its words: no other room names a vendor, but for those listed with a reason."""

import itertools
import re

from tests.architecture import house

NAMED = {
    "station/model.py": "the names themselves",
    "station/config/settings.py": "what some of their settings may be",
    "station/config/table.py": "their settings",
    "station/guide/making.py": "their settings, in a new station.toml",
    "station/cli/importing.py": "what columns are called there, in the help",
    "station/cli/simulate.py": "the simulators' help",
    "station/demo/setting.py": "the demo's simulated account",
    "station/demo/kinds.py": "a layout that boards know",
    "station/targets/esp/options.py": "layouts that boards know",
    "station/profiles/profile.py": "a profile without a provider",
    "station/intake/importing.py": "a file without a provider",
    "station/ledger/registering.py": "the table has no column for it yet",
}
_VENDOR = re.compile(r"\bLIVING|Living ?(Link|Account)|[\"._]living\b|iotda|aliyun|alibaba|huawei", re.IGNORECASE)
_ELSEWHERE = ("station/cloud/", "station/simulate/", "station/words/")


def naming() -> set[str]:
    """Files outside those rooms that name a vendor."""
    found = {}
    for path in house.STATION.rglob("*.py"):
        name = str(path.relative_to(house.ROOT))
        if not name.startswith(_ELSEWHERE):
            found[name] = [m[0] for m in _VENDOR.finditer(path.read_text("utf-8"))]
    return {name for name, words in found.items() if any(word != "living" for word in words)}


def test_no_other_file_names_a_vendor() -> None:
    assert naming() == set(NAMED)


def test_what_clouds_share_names_none_but_in_the_registry() -> None:
    shared = {path for path in (house.STATION / "cloud").glob("*.py") if path.name != "clouds.py"}
    imports = re.compile(r"^from station\.cloud\.(living|iotda|aliyun_iot)\b", re.MULTILINE)
    assert [path.name for path in shared if imports.search(path.read_text("utf-8"))] == []


def test_no_cloud_imports_another() -> None:
    for own, other in itertools.permutations(("living", "iotda", "aliyun_iot"), 2):
        texts = [path.read_text("utf-8") for path in (house.STATION / "cloud" / own).glob("*.py")]
        assert texts
        assert not any(f"station.cloud.{other}" in text for text in texts)
