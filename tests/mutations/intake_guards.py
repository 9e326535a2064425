# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards on the way in: what costs money, what a file or a cloud may bring, who may say what."""

from tests.mutations.guard import guards_of

JOURNAL = guards_of(
    "station/ledger/journal.py",
    (
        "a request that is SENT blocks the next one",
        "WHERE state IN ('SENT','UNKNOWN')",
        "WHERE state IN ('UNKNOWN')",
        "tests/intake/test_generate.py tests/intake/test_interrupted.py",
    ),
    (
        "of two stations that looked at once, one sends",
        "            if before:\n                return _request(before)\n",
        "",
        "tests/intake/test_generate.py",
    ),
    (
        "a request of a dead process becomes UNKNOWN",
        "UPDATE cloud_requests SET state = 'UNKNOWN', changed_at",
        "UPDATE cloud_requests SET state = 'SENT', changed_at",
        "tests/intake/test_generate.py",
    ),
)
_ACCOUNT = "tests/intake/test_another_account.py"
_SAME = "    require_same_account(ledger, cloud, batch_id)\n"
_OF = "    require_account_of(ledger, cloud, name)\n"
_ASKED = f"{_ACCOUNT}::test_nobody_there_is_asked_what_became_of_its_devices"
ACCOUNTS = (
    *guards_of(
        "station/intake/register.py",
        (
            "a batch is registered in its own account",
            _SAME,
            "",
            f"{_ACCOUNT}::test_what_is_left_of_a_batch_is_not_registered_in_another_account",
        ),
    ),
    *guards_of(
        "station/intake/adopting.py",
        (
            "another account's device gets no secret of ours",
            _OF,
            "",
            f"{_ACCOUNT}::test_another_accounts_device_of_that_name_gets_no_secret_of_the_batchs",
        ),
    ),
    *guards_of(
        "station/cloud/whose.py",
        (
            "an account's address is the same however it is typed",
            ".netloc.lower().removesuffix(_USUAL)",
            ".netloc",
            f"{_ACCOUNT}::test_an_account_is_the_same_one_by_whatever_address_its_instance_has",
        ),
    ),
    *guards_of("station/intake/recheck.py", ("another account is not asked about what is withheld", _SAME, "", _ASKED)),
    *guards_of("station/intake/reconcile.py", ("another account is not compared with", _SAME, "", _ASKED)),
    *guards_of("station/intake/orphans.py", ("another account has no orphans of ours", _SAME, "", _ASKED)),
    *guards_of("station/intake/scrapping.py", ("no other account's device is ended", _OF, "", _ASKED)),
)
REGISTERING = guards_of(
    "station/ledger/registering.py",
    (
        "what is given up while it is registered stays out",
        "            wanted = [item for item in items if _is_planned(db, batch.batch_id, item)]\n",
        "            wanted = list(items)\n",
        "tests/intake/test_orphans.py::test_what_is_given_up_while_it_is_registered_comes_into_no_queue",
    ),
    (
        "what came into the queue is not told as given up",
        "            if not _is_planned(db, batch_id, item):\n",
        "            if False:\n",
        "tests/intake/test_orphans.py::test_what_came_into_the_queue_is_not_given_up",
    ),
)
SEVERAL = guards_of(
    "station/intake/several.py",
    (
        "the first of many registrations is made alone",
        "    room = 1  #",
        "    room = 2 * hands  #",
        "tests/intake/test_register_several.py::test_the_first_is_done_alone_and_no_more_than_hands_together",
    ),
)
PAUSE = guards_of(
    "station/cloud/http.py",
    (
        "a throttled call holds all calls back",
        "until = self._pace.hold(wait_s)",
        "until = 0.0",
        "tests/intake/test_register_several.py",
    ),
)
PAYING = guards_of(
    "station/cli/paying.py",
    (
        "another number is no word for this one",
        "    is_confirmed = amount > 0 and confirmed == amount\n",
        "    is_confirmed = confirmed is not None\n",
        "tests/intake/test_living_commands.py",
    ),
)
PULLING = guards_of(
    "station/intake/pull.py",
    (
        "what cannot be believed may be the other side of a dispute",
        "not stopped and not set_aside:",
        "not stopped:",
        "tests/intake/test_pull_odd.py",
    ),
)
SCRAPPING = guards_of(
    "station/intake/scrapping.py",
    (
        "only a retired device is frozen or deleted",
        "known.state is not State.RETIRED",
        "False",
        "tests/intake/test_scrapping.py",
    ),
)
NAMED_TWICE = guards_of(
    "station/cli/naming.py",
    (
        "what ends in a cloud is named twice",
        "    if confirmed != name:",
        "    if False:",
        "tests/intake/test_scrapping.py",
    ),
)
SHORT_SETS = guards_of(
    "station/profiles/short_sets.py",
    (
        "a short set goes out where the profile takes it",
        "profile.short_sets and",
        "",
        "tests/cli/test_nvr_members.py",
    ),
)
IMPORTING = guards_of(
    "station/intake/importing.py",
    (
        "a file is complete once it was received",
        "    receipt = Receipt()\n    for start in",
        "    ledger.batches.note_total(batch, len(contents.identities), complete=True)\n    receipt = Receipt()\n    for start in",
        "tests/intake/test_importing.py",
    ),
)
PEOPLE = guards_of(
    "station/people/pins.py",
    (
        "a wrong PIN is refused",
        "    if not _opens(pin, pins.get(name)):\n",
        "    if False:\n",
        "tests/core/test_supervisor.py",
    ),
    ("too many tries must wait", "        _refuse_haste(stored, now)\n", "", "tests/core/test_supervisor.py"),
    ("a short PIN is refused", "    if len(pin) < _SHORTEST:\n", "    if False:\n", "tests/core/test_supervisor.py"),
    (
        "a badge is no PIN",
        "    if BADGE.fullmatch(pin.reveal()):\n",
        "    if False:\n",
        "tests/core/test_supervisor.py",
    ),
    (
        "the last supervisor stays",
        "        if len(pins) == 1:\n",
        "        if False:\n",
        "tests/core/test_supervisor.py",
    ),
)
DEADLINE = guards_of(
    "station/cloud/deadline.py",
    (
        "a connection is bounded from its first byte",
        "        _watch(made)\n",
        "",
        "tests/cloud/test_http.py::test_a_proxy_that_drips_before_the_tunnel_is_up_is_bounded",
    ),
    (
        "a kept connection is bounded too",
        "        _watch(self.sock)  # it may be one that was kept from an earlier call\n",
        "",
        "tests/cloud/test_http.py::test_a_kept_connection_is_bounded_too",
    ),
)
NAMES = guards_of(
    "station/intake/names.py",
    ("a heading is not ordered as a name", "strip() in _HEADINGS", "strip() in ()", "tests/intake/test_generate.py"),
)
