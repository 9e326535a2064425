# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards of what rests on the disk: the key and its changes, destroyed secrets, who may write where."""

from tests.mutations.guard import guards_of

_GONE = "tests/ledger/test_gone_from_the_disk.py"
_SETTLING = "tests/core/test_key_settling.py"
_KEY = "tests/cli/test_key_changes.py"
_SECRETS = "tests/core/test_secrets.py"
_PRIVATE = "tests/cli/test_kept_private.py"
_DAMAGED = "tests/ledger/test_damaged_file.py"
_DEAD = "tests/ledger/test_requests_of_the_dead.py"

CONNECTION = guards_of(
    "station/ledger/sqlite/connection.py",
    ("the log is emptied while a bench works", "                self._sweeper.soon()\n", "", _GONE),
    ("the log is emptied at the end", "                self._sweeper.end()\n", "                pass\n", _GONE),
    (
        "what a killed station left is emptied",
        "        if not read_only and (not is_left_over(path) or self._sweeper.now()):\n",
        "        if False:\n",
        _GONE,
    ),
)
FILES = guards_of(
    "station/ledger/sqlite/files.py",
    (
        "a folder others may write in is refused",
        "    if path.parent.stat().st_mode & 0o022:\n",
        "    if False:\n",
        f"{_PRIVATE}::test_a_state_folder_that_others_may_write_in_is_refused",
    ),
)
FAULTS = guards_of(
    "station/ledger/sqlite/faults.py",
    (
        "a row that no station wrote is damage",
        "    if isinstance(error, ValueError | TypeError",
        "    if isinstance(error, TypeError",
        f"{_DAMAGED}::test_a_word_that_no_station_wrote_is_damage",
    ),
)
SWEEPING = guards_of(
    "station/ledger/sqlite/sweeping.py",
    (
        "a reader only puts the emptying off",
        "            if not self._ended and not self.now():\n                self.soon()\n",
        "            self.now()\n",
        _GONE,
    ),
)
RESEALING = guards_of(
    "station/ledger/resealing.py",
    (
        "no key is exchanged under a station that works",
        "        if ledger.book.connection.others_work():\n",
        "        if False:\n",
        f"{_KEY}::test_nothing_is_rotated_under_a_station_that_works",
    ),
)
TAKEN_OFF = guards_of(
    "station/ledger/sqlite/guards.py",
    (
        "the guards come back after the exchange of a key",
        '        db.execute(row["sql"])\n',
        "        pass\n",
        f"{_KEY}::test_a_rotated_key_opens_everything_and_the_old_one_nothing",
    ),
)
KEYS = guards_of(
    "station/secrets/keys.py",
    (
        "of a key whose making was killed no second copy stays",
        "    part.unlink(missing_ok=True)  # of one that was killed\n",
        "",
        f"{_SECRETS}::test_of_a_key_whose_making_was_killed_no_second_copy_stays",
    ),
    (
        "a key has its name once it is whole",
        "        write_new(part, json.dumps(content))\n        path.hardlink_to(part)\n",
        "        write_new(path, json.dumps(content))\n",
        f"{_SECRETS}::test_a_key_that_is_half_written_has_no_name",
    ),
    (
        "a short passphrase is refused",
        "    if len(passphrase) < SHORTEST_PASSPHRASE:\n",
        "    if False:\n",
        f"{_KEY}::test_a_short_passphrase_is_refused_and_nothing_is_changed",
    ),
    ("a key that others may read is refused", "    if mode & 0o077:\n", "    if False:\n", _SECRETS),
    (
        "nor is it looked at",
        '    """How the key in a file is wrapped; nothing is opened. ConfigError E114 when it is no key file."""\n    require_private(path)\n',
        "",
        _SECRETS,
    ),
    (
        "a ledger that lost its key gets no new one",
        "    if ledger.exists() and not path.exists():\n",
        "    if False:\n",
        f"{_PRIVATE}::test_init_makes_no_new_key_for_a_ledger_that_has_lost_its_own",
    ),
    (
        "who opens the vault leaves no core",
        '    keep_out_of_dumps()\n    require_private(path, missing="run: station init")\n',
        '    require_private(path, missing="run: station init")\n',
        f"{_PRIVATE}::test_who_opens_the_vault_leaves_no_core",
    ),
)
KEPT = guards_of(
    "station/secrets/files.py",
    (
        "an empty file holds no secret",
        "    if not text or ",
        "    if ",
        f"{_SECRETS}::test_a_secret_file_is_one_private_line",
    ),
    (
        "who reads a secret's file leaves no core",
        "    keep_out_of_dumps()\n",
        "",
        f"{_PRIVATE}::test_who_reads_an_accounts_secret_or_a_password_leaves_no_core",
    ),
    (
        "a secret's file that is no text is said as it is",
        "    except UnicodeDecodeError:\n",
        "    except NotImplementedError:\n",
        f"{_SECRETS}::test_a_secret_file_that_is_none_is_said_and_nothing_of_it_is_in_the_error",
    ),
)
KEYRING = guards_of(
    "station/secrets/system_keyring.py",
    (
        "a keyring that gives back another key gets none",
        "    if read(name).reveal() != value:\n",
        "    if False:\n",
        "tests/core/test_system_keyring.py",
    ),
    (
        "an entry that is gone already is forgotten none the less",
        "        if keyring.get_password(_SERVICE, name) is not None:\n",
        "        if True:\n",
        "tests/core/test_system_keyring.py",
    ),
    (
        "an entry that is gone opens nothing",
        "    if stored is None:\n",
        "    if False:\n",
        "tests/core/test_system_keyring.py",
    ),
)
CHANGING = guards_of(
    "station/secrets/changing.py",
    (
        "two programs never change one key at once",
        "            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)\n",
        "            pass\n",
        f"{_KEY}::test_while_another_program_changes_it_nothing_is_changed",
    ),
    (
        "what a killed change left beside the key goes",
        "    _clear_up(path, drop=drop)\n",
        "",
        f"{_KEY}::test_a_plain_key_that_a_killed_move_left_beside_goes_at_the_next_start",
    ),
    (
        "a key that waits goes at the word of who may change keys",
        "elif drop and open_vault",
        "elif open_vault",
        _SETTLING,
    ),
    (
        "a key that waits goes where the ledger names the other one",
        "elif drop and open_vault(path, ask).key_id() == belongs:",
        "elif drop:",
        _SETTLING,
    ),
    (
        "what a key file held is overwritten",
        "            _overwrite(old)\n",
        "            pass\n",
        _SETTLING,
    ),
    (
        "a key file that has another name is not overwritten",
        "        if os.fstat(old.fileno()).st_nlink == 0:\n",
        "        if True:\n",
        _SETTLING,
    ),
    (
        "a rotated key waits for its ledger",
        "            if open_vault(waiting, ask).key_id() == belongs:\n                _replace(waiting, path)\n",
        "            if False:\n                _replace(waiting, path)\n",
        f"{_KEY}::test_a_rotated_key_opens_everything_and_the_old_one_nothing",
    ),
)
JOURNAL = guards_of(
    "station/ledger/journal.py",
    (
        "a paid call of a dead process is unknown",
        'dead_sessions([row["session"] for row in sent.fetchall()])',
        "dead_sessions([])",
        _DEAD,
    ),
)
