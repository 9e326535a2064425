# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards of what line clients get and report, and of the outbox's table."""

from tests.mutations.guard import guards_of

_COUNTER = "tests/distribution/test_counter.py"
_CHAIN = "tests/distribution/test_broken_chain.py"
_COMMAND = "tests/distribution/test_serve_command.py"
_BOUNDS = "tests/distribution/test_bounds.py"
_ANSWERED = f"{_BOUNDS}::test_whoever_is_answered_is_not_silent_and_is_again_afterwards"
_REQUEST = "tests/distribution/test_request.py"
_TABLE = "tests/outbox/test_table.py"
_TABLE_THERE = "tests/postgres/test_outbox_table.py"

CLIENTS = guards_of(
    "station/distribution/clients.py",
    (
        "line clients: there is a bound to them",
        "            if len(clients) >= MOST:\n",
        "            if False:\n",
        "tests/distribution/test_clients.py",
    ),
)
COUNTER = guards_of(
    "station/distribution/counter.py",
    (
        "line clients: a broken chain locks the station before the first one",
        "        with suppress(StationError):\n            self._lock_on_broken_chain()\n",
        "",
        _CHAIN,
    ),
    (
        "line clients: another client gets nothing of a board in hand",
        "        if hand is not None and hand.slot != slot:\n",
        "        if False:\n",
        _COUNTER,
    ),
    (
        "line clients: a board in hand is of one product",
        "        if hand is not None and hand.product != request.product:\n",
        "        if False:\n",
        _COUNTER,
    ),
    (
        "line clients: what is of one board goes one after the other",
        "        with self._stripes[hash(uid) % _STRIPES]:\n",
        "        if True:\n",
        _COUNTER,
    ),
    (
        "line clients: only the profile's products are given out",
        "        if request.product not in self.profile.products:\n",
        "        if False:\n",
        _COUNTER,
    ),
    (
        "line clients: a locked station or client gets nothing",
        "        self._endings.require_open(slot)\n",
        "",
        _COUNTER,
    ),
    (
        "line clients: a report takes no new certificate",
        "Reporting(request, self._accept), take_new=False)",
        "Reporting(request, self._accept))",
        _COUNTER,
    ),
    (
        "line clients: what was said before is no other stay",
        "        if visit.outcome is not Outcome.ALREADY_DONE:  # said before: no other stay of the board\n",
        "        if True:\n",
        _COUNTER,
    ),
    (
        "line clients: a failure that was said before counts once",
        "        if request.action is Action.FAILED and self._is_doubted(request):\n",
        "        if False:\n",
        _COUNTER,
    ),
    (
        "line clients: nothing is begun while the station ends",
        "            if self._closing:\n                raise _interrupted()\n            for working",
        "            for working",
        _COUNTER,
    ),
    (
        "line clients: nothing goes out while the station ends",
        "            if self._closing:\n                raise _interrupted()\n            hand.identity",
        "            hand.identity",
        f"{_COUNTER}::test_what_is_married_while_the_station_ends_goes_out_no_more",
    ),
)
EXCHANGE = guards_of(
    "station/distribution/exchange.py",
    (
        "line clients: a proof counts where the station takes it",
        "        if self._accept not in _COUNTS[method]:\n",
        "        if False:\n",
        _COUNTER,
    ),
    (
        "line clients: a digest that differs is no proof",
        "crc_fits and request.sha256 == identity.digest()",
        "crc_fits",
        _COUNTER,
    ),
    (
        "line clients: a checksum that differs is no proof",
        '    crc_fits = request.crc32 in ("", crc32_of(identity))\n',
        "    crc_fits = True\n",
        _COUNTER,
    ),
    (
        "line clients: a late report writes nothing",
        "            if found.verdict is not Verdict.EQUAL:  # otherwise the flow would write it again\n",
        "            if False:\n",
        _COUNTER,
    ),
    (
        "line clients: the first word counts",
        "            if self._what is not None:\n                return False\n",
        "",
        _COUNTER,
    ),
)
ENDING = guards_of(
    "station/distribution/ending.py",
    (
        "line clients: an alarm locks the station",
        "            self._ledger.locks.lock(STATION, alarm.code, alarm.what)\n",
        "            pass\n",
        _COUNTER,
    ),
    (
        "line clients: an alarm whose lock is not kept ends it all the same",
        "            self._alarmed = alarm\n",
        "            pass\n",
        _CHAIN,
    ),
    (
        "line clients: three failures lock a client out",
        "            if due is not None:\n",
        "            if False:\n",
        _COUNTER,
    ),
    (
        "line clients: a stay that is not kept is told and counts",
        "            self._notice(trouble, serious=True)\n            with self._guard:\n"
        "                self._tally.note(trouble.exit)\n",
        "            pass\n",
        f"{_COUNTER}::test_a_stay_that_is_not_kept_is_told_and_counts_against_the_station",
    ),
)
SERVER = guards_of(
    "station/distribution/server.py",
    (
        "line clients: no page in a browser asks",
        '        if "Origin" in request.headers:\n',
        "        if False:\n",
        _COMMAND,
    ),
    (
        "line clients: what is no request takes nothing",
        '        if request.method != "POST" or request.path != "/":\n',
        "        if False:\n",
        _BOUNDS,
    ),
    (
        "line clients: one that asks without end is slowed down",
        "        if not self._rates.setdefault(client.name, Rate(at_once=64, per_s=32)).allows():\n",
        "        if False:\n",
        _BOUNDS,
    ),
    (
        "line clients: strangers are slowed down",
        "            known = self._strangers.allows()\n",
        "            known = True\n",
        _BOUNDS,
    ),
    (
        "line clients: one with a token keeps its place",
        "            self._door.knows(request.protocol)\n",
        "",
        _BOUNDS,
    ),
)
DOOR = guards_of(
    "station/door.py",
    (
        "connections: silent ones are dropped",
        "                    guest.transport.abort()\n",
        "                    pass\n",
        _BOUNDS,
    ),
    (
        "connections: they are bounded",
        "        if len(self._guests) < MOST_CONNECTIONS:\n",
        "        if True:\n",
        _BOUNDS,
    ),
    (
        "connections: one whose handshake is not done has a place too",
        "        if len(self._guests) < MOST_CONNECTIONS:\n",
        "        if sum(guest.transport is not None for guest in self._guests.values()) < MOST_CONNECTIONS:\n",
        _BOUNDS,
    ),
    (
        "connections: a handshake has an end",
        "limit = SLOW_S if context else None",
        "limit = None",
        _BOUNDS,
    ),
    (
        "connections: a silent one gives way also behind its handshake",
        "if not guest.is_known]",
        "if guest.transport is None]",
        _BOUNDS,
    ),
    (
        "connections: whoever is answered is not silent",
        "            guest.silent_since = _ANSWERED\n",
        "            pass\n",
        _ANSWERED,
    ),
    (
        "connections: a handshake in hand is no silent connection",
        "                if guest.transport is not None and time",
        "                if time",
        f"{_BOUNDS}::test_a_handshake_that_is_not_done_when_silent_ones_are_looked_for_ends_nobody_elses_connection",
    ),
    (
        "connections: whoever is being answered gives way last",
        " = min(strangers, key=lambda one: one[1].silent_since == _ANSWERED)\n",
        " = strangers[0]\n",
        f"{_BOUNDS}::test_whoever_is_being_answered_gives_way_after_those_who_say_nothing",
    ),
    (
        "connections: whoever was answered may be silent again",
        "                guest.silent_since = time.monotonic()\n",
        "                pass\n",
        _ANSWERED,
    ),
    (
        "connections: nobody is silent at once",
        " and time.monotonic() - guest.silent_since > SLOW_S:",
        " and guest.silent_since != _ANSWERED:",
        _ANSWERED,
    ),
    (
        "connections: a PC without a free handle lets in whoever comes later",
        "            except OSError:\n                await asyncio.sleep(_AFTER",
        "            except ZeroDivisionError:\n                await asyncio.sleep(_AFTER",
        f"{_BOUNDS}::test_a_pc_without_a_free_handle_lets_in_whoever_comes_later",
    ),
)
RUN = guards_of(
    "station/distribution/run.py",
    (
        "line clients: secrets cross no network readable",
        '    if context is None and host not in LOOPBACK and not config.flag("serve.unsecured"):\n',
        "    if False:\n",
        _COMMAND,
    ),
)
REQUEST = guards_of(
    "station/distribution/request.py",
    (
        "line clients: no identity for a board without a uid",
        '    if said is None or said == "":\n',
        "    if False:\n",
        _REQUEST,
    ),
)
FILE = guards_of(
    "station/outbox/file.py",
    (
        "a line is on the disk when it is called taken",
        "append(self.path, line, mode=0o640, synced=True)",
        "append(self.path, line, mode=0o640)",
        "tests/outbox/test_receivers.py",
    ),
    (
        "a full file has its new name on the disk",
        "        sync_names(self.path.parent)\n",
        "        pass\n",
        "tests/outbox/test_receivers.py",
    ),
)
BROKER = (
    *guards_of(
        "station/outbox/mqtt_link.py",
        (
            "what is closed while its broker is connected to ends",
            "            if self._closed:\n",
            "            if False:\n",
            "tests/outbox/test_mqtt.py::test_one_that_is_closed_while_its_broker_is_connected_to_ends",
        ),
    ),
    *guards_of(
        "station/outbox/mqtt.py",
        (
            "a connection can be closed before it is let in",
            "        self._link = link = BrokerLink(broker)  # before it is connected: from then on it can be closed\n        link.open(until=until)\n",
            "        link = BrokerLink(broker)\n        link.open(until=until)\n        self._link = link\n",
            "tests/outbox/test_mqtt.py::test_one_that_waits_to_be_let_in_ends_when_another_thread_closes_it",
        ),
    ),
)
TABLE = guards_of(
    "station/outbox/table.py",
    (
        "outbox table: told again is there already",
        '        " ON CONFLICT (id) DO NOTHING"\n',
        '        ""\n',
        _TABLE,
    ),
    (
        "outbox table: a table that is missing is made",
        "                self._make(link)\n",
        "                pass\n",
        _TABLE,
    ),
)
TABLE_ON_SERVER = guards_of(
    "station/outbox/table_on_server.py",
    (
        "outbox table: a server that hangs is given up",
        "                deadline.watch(self._socket)\n",
        "",
        f"{_TABLE_THERE}::test_a_server_that_hangs_is_given_up",
    ),
)
