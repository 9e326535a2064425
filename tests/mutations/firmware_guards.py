# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards of the firmware templates, in C: one record in both slots, and what the agent refuses or forgets."""

from tests.mutations.guard import guards_of

_STORE = "tests/firmware/test_store.py"

SLOT = guards_of(
    "firmware_templates/agent/slot.c",
    (
        "a slot is erased however blank it looks",
        "        if (!f->erase(at) || ",
        "        if ((!area_is_blank(f, at, f->page) && !f->erase(at)) || ",
        _STORE,
    ),
    (
        "an erased slot is read back",
        "        if (!f->erase(at) || !area_is_blank(f, at, f->page))\n",
        "        if (!f->erase(at))\n",
        _STORE,
    ),
    (
        "a locked record is locked before it is valid",
        "(!locked || slot_lock(f, slot)) && is_sound",
        "is_sound",
        _STORE,
    ),
    (
        "a record is not valid before its commit",
        "&commit) && commit == COMMIT && key_is_sound",
        "&commit) && key_is_sound",
        _STORE,
    ),
    (
        "a key is what its CRC says",
        "                (is_erased(crc) || crc == crc32_add(CRC32_START, key, STORE_KEY));\n",
        "                true;\n",
        _STORE,
    ),
    (
        "a record of before, whose key has no CRC, is found",
        "(is_erased(crc) || crc == crc32_add(CRC32_START, key, STORE_KEY));\n",
        "crc == crc32_add(CRC32_START, key, STORE_KEY);\n",
        _STORE,
    ),
    (
        "one flipped bit is no lock",
        "    return !read_word(f, lock_of(f, slot), &lock) || !is_erased(lock);\n",
        "    return !read_word(f, lock_of(f, slot), &lock) || lock != ERASED;\n",
        _STORE,
    ),
    (
        "a part of a lock is one",
        "    return !read_word(f, lock_of(f, slot), &lock) || !is_erased(lock);\n",
        "    return !read_word(f, lock_of(f, slot), &lock) || lock == LOCKED;\n",
        _STORE,
    ),
    (
        "a lock that cannot be read is one",
        "    return !read_word(f, lock_of(f, slot), &lock) || !is_erased(lock);\n",
        "    return read_word(f, lock_of(f, slot), &lock) && !is_erased(lock);\n",
        _STORE,
    ),
    (
        "a record is what its CRC says",
        "           record->crc == crc;\n",
        "           true;\n",
        _STORE,
    ),
    (
        "a record ends in its slot",
        " || record->length > f->slot_size - STORE_HEADER(f->unit))\n",
        ")\n",
        f"{_STORE}::test_a_record_that_says_it_is_longer_than_its_slot_is_none",
    ),
    (
        "a build for fewer channels reads a longer record",
        "record->length > f->slot_size - STORE_HEADER(f->unit))\n",
        "record->length > IDENTITY_MAX)\n",
        _STORE,
    ),
    (
        "commit and lock have a unit to themselves, of 32 bytes too",
        "AT_COMMIT + STORE_APART(f->unit);\n",
        "AT_COMMIT + 16u;\n",
        _STORE,
    ),
    (
        "a slot that cannot be read is not blank",
        "        if (!f->read(at + done, piece, sizeof piece))\n            return false;\n",
        "        if (!f->read(at + done, piece, sizeof piece))\n            return true;\n",
        _STORE,
    ),
)

STORE = guards_of(
    "firmware_templates/agent/store.c",
    (
        "the record is in both slots",
        "(slot_holds(f, other, record, key, locked) ||\n"
        "                                          slot_write(f, other, record, key, locked, &payload));\n",
        "true;\n",
        _STORE,
    ),
    (
        "the slot that the record is read from is mended too",
        "    if (good && !slot_holds(f, one, record, key, locked)) {\n",
        "    if (false) {\n",
        _STORE,
    ),
    (
        "no slot is touched before the other one holds the record",
        "    if (good && !slot_holds(f, one, record, key, locked)) {\n",
        "    if (!slot_holds(f, one, record, key, locked)) {\n",
        _STORE,
    ),
    (
        "either good slot counts",
        "    if (!found[0] && !found[1]) {\n",
        "    if (!found[0] || !found[1]) {\n",
        _STORE,
    ),
    (
        "a record's number may go round",
        "(int32_t)(record[1].seq - record[0].seq) > 0 : found[1];\n",
        "record[1].seq > record[0].seq : found[1];\n",
        _STORE,
    ),
    (
        "a lock in either slot is one",
        " || (same && slot_is_locked(s->flash, 1u - s->slot)) ? STORE_LOCKED",
        " || (same && false) ? STORE_LOCKED",
        _STORE,
    ),
    (
        "a new record goes where the old one is not read from",
        "s->seq ? 1u - s->slot : 0u",
        "s->slot",
        _STORE,
    ),
    (
        "after a write that failed the store says what is there",
        "    return look(s) && good; /*",
        "    return good && look(s); /*",
        _STORE,
    ),
    (
        "after a lock that failed the store says what is there",
        "    return look(s) && good && s->state",
        "    return good && look(s) && s->state",
        _STORE,
    ),
    (
        "a lock erases nothing",
        "slot_lock(s->flash, s->slot) && slot_lock(s->flash, 1u - s->slot);\n",
        "slot_lock(s->flash, s->slot);\n",
        _STORE,
    ),
)

_SECOND = "tests/firmware/test_second_version.py"
_FIRST = "tests/firmware/test_provisioning.py"
_LINES = "tests/firmware/test_lines.py"

LINE = guards_of(
    "firmware_templates/agent/line.c",
    ("a value holds no 0", "        if (!first || (first >= 0x80", "        if ((first >= 0x80", _LINES),
    ("a value is UTF-8", "    return is_text((const uint8_t *)text, *n);\n", "    return *n > 0;\n", _LINES),
    (
        "a longer form of a character is not UTF-8",
        "            low = first == 0xe0 ? 0xa0 : 0x90;\n",
        "            low = 0x80;\n",
        _LINES,
    ),
    (
        "a surrogate is not UTF-8",
        "            high = first == 0xed ? 0x9f : 0x8f;\n",
        "            high = 0xbf;\n",
        _LINES,
    ),
    (
        "a value has one encoding",
        "        if (low < 0 || is_plain((uint8_t)(high << 4 | low)))\n",
        "        if (low < 0)\n",
        _LINES,
    ),
    (
        "a damaged line is not acted upon",
        "    if (crc != crc32_add(CRC32_START, in->text, n))\n        return false;\n",
        "",
        _LINES,
    ),
    ("a line that was acted upon is wiped", "    bytes_wipe(in, sizeof *in);\n", "    in->length = 0;\n", _FIRST),
)

AGENT = guards_of(
    "firmware_templates/agent/agent.c",
    ("a transaction that ends is wiped", "    identity_wipe(&a->pending);\n", "    a->pending.length = 0;\n", _FIRST),
    ("its key is wiped with it", "    bytes_wipe(a->key, sizeof a->key);\n", "", _SECOND),
)

VERSION_1 = guards_of(
    "firmware_templates/agent/agent_one.c",
    (
        "what a board carries is replaced where it is named only",
        "named && bytes_equal(named, present, sizeof present) ? AGENT_OK",
        "named ? AGENT_OK",
        _FIRST,
    ),
    (
        "a locked board begins nothing",
        "    if (a->store.state == STORE_LOCKED)\n        return AGENT_LOCKED;\n    if (!store_holds",
        "    if (!store_holds",
        _FIRST,
    ),
    (
        "COMMIT stores nothing without a secret",
        "    if (!identity_complete(&a->pending))\n        return AGENT_MISSING;\n",
        "",
        _FIRST,
    ),
    (
        "COMMIT stores what was put only",
        "    if (!identity_digest(&pending, digest) || !bytes_equal(digest, wanted, sizeof digest))\n"
        "        return AGENT_DIGEST;\n",
        "",
        _FIRST,
    ),
    (
        "a secret is never read",
        "    if (field != FIELD_PK && field != FIELD_DN)\n        return AGENT_SECRET;\n",
        "",
        _FIRST,
    ),
    (
        "the key of a proof is wiped",
        "    bytes_wipe(key, sizeof key);\n    return error;\n",
        "    return error;\n",
        _FIRST,
    ),
)

VERSION_2 = guards_of(
    "firmware_templates/agent/agent_two.c",
    (
        "OPEN is for one board",
        "    if (!text_equal(uid, a->board->uid))\n        return AGENT_OTHER;\n",
        "    (void)uid;\n",
        _SECOND,
    ),
    (
        "OPEN names what it replaces",
        "!seq || !names_number(seq, a->store.seq) : !!seq)\n",
        "!seq : !!seq)\n",
        _SECOND,
    ),
    (
        "a locked board opens nothing",
        "    if (a->store.state == STORE_LOCKED)\n        return AGENT_LOCKED;\n    if (store_holds",
        "    if (store_holds",
        _SECOND,
    ),
    ("wrong tokens are counted", "        a->wrong++;\n", "        ;\n", _SECOND),
    (
        "a right token begins the count anew",
        "    if (right)\n        a->wrong = 0;\n",
        "    if (right)\n        ;\n",
        _SECOND,
    ),
    (
        "another identity begins the count anew",
        "    a->wrong = 0; /* what was guessed at goes */\n",
        "",
        _SECOND,
    ),
    (
        "after too many wrong tokens none is looked at",
        "    bool right = may_try(a) && knows(",
        "    bool right = knows(",
        _SECOND,
    ),
    (
        "after too many wrong tokens nobody is told so by PROOF",
        "    else if (!may_try(a))\n        error = AGENT_TRIES;\n",
        "",
        _SECOND,
    ),
    (
        "no restart begins the count anew",
        "    if (!may_try(a))\n        return AGENT_TRIES; /*",
        "    if (false)\n        return AGENT_TRIES; /*",
        _SECOND,
    ),
    (
        "who asks for a proof shows that he knows",
        "    else if (!knows_stored(a, digest, word, arg[0], token))\n        error = AGENT_PROOF;\n",
        "",
        _SECOND,
    ),
    ("the digest is behind the key", "        digest[i] ^= pad[i];\n", "        digest[i] ^= 0;\n", _SECOND),
    (
        "the pad is wiped",
        "    bytes_wipe(pad, sizeof pad); /* with the answer, it would be the digest */\n",
        "",
        _SECOND,
    ),
    (
        "the token that would be right is wiped",
        "    bytes_wipe(right, sizeof right);\n",
        "",
        _SECOND,
    ),
    (
        "the digest that was compared is wiped",
        "    bytes_wipe(digest, sizeof digest);\n    bytes_wipe(token, sizeof token);\n    return error;\n",
        "    bytes_wipe(token, sizeof token);\n    return error;\n",
        _SECOND,
    ),
    (
        "what OPEN was given is wiped",
        "    bytes_wipe(key, sizeof key);\n    return error;\n",
        "    return error;\n",
        _SECOND,
    ),
    (
        "the key of an answer to SAME is wiped",
        "    bytes_wipe(key, sizeof key);\n    hmac_end(&hmac, pad);\n",
        "    hmac_end(&hmac, pad);\n",
        _SECOND,
    ),
    (
        "a SET that is wrong ends the transaction",
        "    if (error)\n        agent_drop(a); /*",
        "    if (false)\n        agent_drop(a); /*",
        _LINES,
    ),
    (
        "what BEGIN opened is kept without a key",
        "a->keyed ? a->key : 0)",
        "a->key)",
        "tests/firmware/test_two_implementations.py",
    ),
)

PTY = guards_of(
    "firmware_templates/posix/src/serial_line.c",
    (
        "the port of a trial stays over RESET",
        "take_kept_pty() ? NULL : open_pty()",
        "take_kept_pty() && false ? NULL : open_pty()",
        "tests/templates/test_posix_flow.py::test_the_trial_on_a_pc_ends_as_its_readme_says",
    ),
)

STM32 = guards_of(
    "firmware_templates/stm32-hal/src/agent_stm32.c",
    (
        "a G0 calls its power's flag PWRRST",
        "#elif defined(RCC_FLAG_PWRRST)\n#define POWER_FLAG RCC_FLAG_PWRRST\n",
        "",
        "tests/templates/test_frameworks.py",
    ),
)

COMPONENT = guards_of(
    "firmware_templates/esp-idf/CMakeLists.txt",
    (
        "ESP-IDF's drivers are named one by one",
        "  set(drivers esp_driver_uart esp_driver_usb_serial_jtag)\n",
        "",
        "tests/templates/test_frameworks.py",
    ),
)

CONSOLE = guards_of(
    "firmware_templates/vendor-console/Makefile",
    (
        "a console links its one dialect",
        " -Wl,--gc-sections",
        "",
        "tests/templates/test_console_firmware.py::test_the_makefile_builds_what_the_emulator_runs",
    ),
)

TALK = guards_of(
    "station/targets/agent/talk.py",
    (
        "a window is used",
        "        if number > start and size + length > window:\n",
        "        if number > start:\n",
        "tests/targets/test_agent_second.py",
    ),
    (
        "a window is kept to",
        "        if number > start and size + length > window:\n",
        "        if False:\n",
        "tests/targets/test_agent_second.py",
    ),
    (
        "what a window lost is asked alone",
        "            yield answers.get(number) or self.ask(*words)\n",
        '            yield answers.get(number) or Reply(tag="")\n',
        "tests/targets/test_agent_second.py",
    ),
    (
        "a long line has time to leave",
        "        return Deadline(wait_s + len(data) * _BITS / self._baud)\n",
        "        return Deadline(wait_s)\n",
        "tests/targets/test_agent_second.py",
    ),
)
