# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards of the ESP target: the bytes reach the board that was looked at, where they belong, and nothing else."""

from tests.mutations.guard import guards_of

_SWAP = "tests/targets/test_esp_swap.py"
_BESIDE = "tests/targets/test_esp_neighbours.py"
_SIZE = "tests/targets/test_esp_size.py"
_GARBLED = "tests/targets/test_esp_garbled_order.py"
_SECURE = "tests/targets/test_esp_secure.py"
_LOOK = "tests/targets/test_esp_look.py"

_WEAK = "tests/targets/test_esp_weak_flash.py"

BOARD = guards_of(
    "station/targets/esp/board.py",
    (
        "the MAC is asked before the erase",
        "            self.link.confine(end)\n            self._require_same()\n",
        "            self.link.confine(end)\n",
        _SWAP,
    ),
    (
        "the MAC is asked between the erase and the first block",
        "        self._require_same()\n        self._sent = True\n",
        "        self._sent = True\n",
        _SWAP,
    ),
    (
        "a stranger that came after the first block is asked who it is",
        "        self._require_same()\n        self._sent = True\n",
        "        self._require_same()\n",
        _SWAP,
    ),
    ("the loader is told where the partition ends", "            self.link.confine(end)\n", "", _GARBLED),
    (
        "a swapped board's flash is not searched for the write",
        "        self._require_same()\n        self.link.confine(None)\n",
        "        self.link.confine(None)\n",
        _GARBLED,
    ),
    (
        "a ROM that spoilt a board writes no second one",
        "        if not link.can_run_stub and esp_rom_trust.verdict(kind) is False:\n",
        "        if False:\n",
        _BESIDE,
    ),
)

LINK = guards_of(
    "station/targets/esp/link.py",
    ("an ESP32's ROM gets plain blocks", '_PLAIN_BY_ROM = ("esp32",)', "_PLAIN_BY_ROM = ()", _BESIDE),
    (
        "an ESP32-C3's ROM gets compressed ones",
        '_PLAIN_BY_ROM = ("esp32",)',
        '_PLAIN_BY_ROM = ("esp32", "esp32c3")',
        _SWAP,
    ),
    (
        "secure download mode gets plain blocks",
        "self.security.secure_download or self.chip in _PLAIN_BY_ROM",
        "self.chip in _PLAIN_BY_ROM",
        _SECURE,
    ),
    (
        "a garbled flash id is asked for again",
        "self._size_by_id() or self._size_by_id()",
        "self._size_by_id()",
        _SIZE,
    ),
)

PLACE = guards_of(
    "station/targets/esp/size.py",
    (
        "the whole table lies on the flash",
        "        if partition.offset + partition.size > size:\n",
        "        if False:\n",
        _SIZE,
    ),
    ("our place lies on the flash", "    if end > size:\n", "    if False:\n", _SIZE),
)

_ASKED_AGAIN = (
    "tests/targets/test_esp_session.py::test_after_a_fault_nothing_is_written_before_the_board_was_asked_who_it_is"
)
ARRIVAL = guards_of(
    "station/targets/esp/target.py",
    (
        "after a fault an ESP is asked who it is",
        "        if self._failed or self._place is None",
        "        if self._place is None",
        _ASKED_AGAIN,
    ),
    (
        "whatever stops a conversation with an ESP is a fault",
        "            self._failed = True\n",
        "            pass\n",
        _ASKED_AGAIN,
    ),
    (
        "an ESP that was asked again is written again",
        "        self._failed = False\n\n\n",
        "\n\n",
        _ASKED_AGAIN,
    ),
    (
        "nothing is merged with what nobody can read",
        "        if look.holding is Holding.UNREADABLE or look.damage:\n",
        "        if look.damage:\n",
        "tests/targets/test_esp_secure.py::test_in_secure_download_nothing_is_merged_with_what_nobody_can_read",
    ),
    (
        "an identity under another key than the ledger's is not proved",
        "        if not wrong and self._keys and not self._keys.in_place:\n",
        "        if False:\n",
        "tests/targets/test_esp_key_flow.py"
        "::test_a_board_that_holds_its_identity_under_another_key_than_the_ledgers_is_not_proved",
    ),
    (
        "what was acknowledged is where it belongs",
        "                self._require_arrived()\n",
        "                pass\n",
        _GARBLED,
    ),
    (
        "all of the partition is as it was written",
        "        self._all_there = self._flash.is_as_written()\n",
        "        self._all_there = True\n",
        _WEAK,
    ),
    (
        "a partition that is damaged beside the identity is not equal",
        '        return "" if look.others else look.damage\n',
        '        return ""\n',
        _WEAK,
    ),
    (
        "what firmware left beside the identity is its own to repair",
        '        return "" if look.others else look.damage\n',
        "        return look.damage\n",
        _WEAK,
    ),
)

TRIAL = guards_of(
    "station/targets/esp/trial.py",
    ("a trial looks at the neighbours", "    if after != before:\n", "    if False:\n", _BESIDE),
    ("64 KB behind", "BEHIND = 0x10000\n", "BEHIND = 0x8000\n", _BESIDE),
    ("4 KB ahead", "AHEAD = 0x1000\n", "AHEAD = 0\n", _BESIDE),
)
LOOK = guards_of(
    "station/targets/esp/look.py",
    (
        "an identity in the clear is seen where encryption is demanded",
        "    if encrypted and not in_the_clear and found.identity is None and contents.damage:\n",
        "    if False:\n",
        _LOOK,
    ),
    (
        "what neither way makes out is damage",
        "        if found_plain.identity is not None or not plain.damage:\n",
        "        if True:\n",
        _LOOK,
    ),
    (
        "more than the identity is not the identity",
        "    if not wrong and look.digest != identity.digest():\n",
        "    if False:\n",
        _LOOK,
    ),
)
LAYOUT = guards_of(
    "station/targets/esp/layout.py",
    (
        "a channels blob that ends too early is incomplete",
        "        if at >= len(packed) or at + 1 + packed[at] > len(packed):\n",
        "        if at >= len(packed):\n",
        _LOOK,
    ),
    (
        "a key that nobody can make out is there",
        "        return name in self.values or name in self.unclear\n",
        "        return name in self.values\n",
        _LOOK,
    ),
    (
        "a name stored in another way is incomplete",
        "self.options.encoding is EntryKind.BLOB and isinstance(value, bytes)",
        "isinstance(value, bytes)",
        _LOOK,
    ),
    (
        "a channels blob that goes on is incomplete",
        "    if at != len(packed):\n",
        "    if False:\n",
        _LOOK,
    ),
    (
        "channels that are no blob are incomplete",
        "    if not isinstance(packed, bytes) or not packed:\n",
        "    if False:\n",
        _LOOK,
    ),
)
UID = guards_of(
    "station/targets/esp/uid.py",
    (
        "a MAC has six bytes",
        "len(mac) == _MAC_BYTES and not",
        "mac and not",
        _LOOK,
    ),
    (
        "a MAC of a group is no board's",
        "not mac[0] & _GROUP_BIT and ",
        "",
        _LOOK,
    ),
    (
        "a MAC of zeroes is no board's",
        " and any(mac):",
        ":",
        _LOOK,
    ),
)
