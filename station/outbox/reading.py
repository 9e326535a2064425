# SPDX-License-Identifier: GPL-3.0-or-later
"""[outbox.NAME] of station.toml → receivers. One key says what kind it is; whatever is not understood is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from station.cloud.post import Proving
from station.config import server_url
from station.config.named_table import LOOPBACK, NamedTable, TableFault, made_of
from station.config.settings import Config
from station.ledger.server import require_driver
from station.outbox.command import CommandReceiver
from station.outbox.file import LARGEST_MB, FileReceiver
from station.outbox.mqtt import BrokerUser, MqttReceiver, require_library
from station.outbox.outbox import Outbox
from station.outbox.post import PostReceiver
from station.outbox.receiver import Receiver
from station.outbox.table import TableReceiver, is_name
from station.outbox.topic import fault_of
from station.secrets.files import NamedPassword

MOST = 8
_PROVING = {"ca_file", "cert_file", "key_file"}
_PASSWORD = {"password_file", "password_keyring"}
_ACCOUNT = {"user", *_PASSWORD}


def outbox_of(config: Config) -> Outbox:
    """All receivers of the configuration. ConfigError E110 with all faults, E118 without the library of a kind."""
    receivers = made_of(
        "outbox",
        config.outbox,
        lambda name, table: _Reader("outbox", name, table, config).receiver(),
        most=MOST,
        called="receivers",
    )
    return Outbox(receivers, bench=config.text("bench.name"))


class _Reader(NamedTable):
    def receiver(self) -> Receiver:
        kinds: dict[str, tuple[Callable[[], Receiver], set[str]]] = {
            "post": (self._post, {"token_file", *_PROVING}),
            "file": (self._file, {"largest_mb"}),
            "command": (self._command, set()),
            "mqtt": (self._mqtt, {"topic", "unheard", *_ACCOUNT, *_PROVING}),
            "database": (self._database, {"table", *_PASSWORD}),
        }
        make, _ = kinds[self.kind({key: {"since", *further} for key, (_, further) in kinds.items()})]
        return make()

    def _since(self) -> float | None:
        if "since" not in self:
            return None
        value = self.keys["since"]
        if isinstance(value, datetime):
            return value.timestamp()  # without an offset it is this PC's time
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day).astimezone().timestamp()
        raise TableFault("since is a date, or a date with its time: 2026-05-31, without quotes")

    def _post(self) -> Receiver:
        parts = self.address("post")
        return PostReceiver(
            name=self.name,
            url=parts.geturl(),
            token_file=self.token(parts),
            proving=self._proving(),
            since=self._since(),
        )

    def _proving(self) -> Proving | None:
        if "key_file" in self and "cert_file" not in self:
            raise TableFault("key_file is the key of cert_file: name both")
        if not any(key in self for key in _PROVING):
            return None
        return Proving(
            ca_file=self.named_file("ca_file"),
            cert_file=self.named_file("cert_file"),
            key_file=self.named_file("key_file"),
        )

    def _file(self) -> Receiver:
        largest = self.number("largest_mb", 1, 100_000, LARGEST_MB) * 1_000_000
        return FileReceiver(name=self.name, path=self.path("file"), largest=largest, since=self._since())

    def _command(self) -> Receiver:
        return CommandReceiver(name=self.name, command=self.words("command"), since=self._since())

    def _mqtt(self) -> Receiver:
        parts = self.address("mqtt", schemes=("mqtt", "mqtts"), instead="password_file names a 0600 file with it")
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise TableFault("nothing stands behind a broker's host and port; the topic has a key of its own")
        require_library()
        secured = parts.scheme == "mqtts"
        return MqttReceiver(
            name=self.name,
            host=parts.hostname or "",
            port=parts.port or (8883 if secured else 1883),
            topic=self._topic(),
            account=self._account(readable=not secured and parts.hostname not in LOOPBACK),
            proving=self._broker_proving(secured=secured),
            needs_readers=self._needs_readers(),
            since=self._since(),
        )

    def _topic(self) -> str:
        topic = self.text("topic") if "topic" in self else "station/{bench}/visits"
        if fault := fault_of(topic):
            raise TableFault(f"topic: {fault}")
        return topic

    def _needs_readers(self) -> bool:
        unheard = self.text("unheard") if "unheard" in self else "keep"
        if unheard not in ("keep", "taken"):
            raise TableFault('unheard is "keep" or "taken": what becomes of an event that nobody subscribes to')
        return unheard == "keep"

    def _broker_proving(self, *, secured: bool) -> Proving | None:
        proving = self._proving()
        if proving is not None and not secured:
            raise TableFault("certificates are for a secured connection; write the address as mqtts://")
        return (proving or Proving()) if secured else None

    def _account(self, *, readable: bool) -> BrokerUser:
        """`readable`: what goes to this broker can be read on the way."""
        password = self._password()
        if password.is_named and "user" not in self:
            raise TableFault("a password is a user's: name the user")
        if password.is_named and readable:
            raise TableFault("the password would cross the network readable; write the address as mqtts://")
        return BrokerUser(user=self.text("user") if "user" in self else "", password=password)

    def _password(self) -> NamedPassword:
        if self.keys.keys() >= _PASSWORD:
            raise TableFault("a password stands in password_file or in password_keyring, not in both")
        keyring = self.text("password_keyring") if "password_keyring" in self else ""
        return NamedPassword(file=self.named_file("password_file"), keyring=keyring)

    def _database(self) -> Receiver:
        url = self.text("database")
        in_file = url.startswith("sqlite:")
        table = self.text("table") if "table" in self else "station_visits"
        if not is_name(table, parts=1 if in_file else 2):
            raise TableFault("table is a name of letters, digits and _; on a server its schema may stand before it")
        if not in_file:
            return self._table_on_server(url, table)
        if self._password().is_named:
            raise TableFault("a file asks for no password")
        return self._table_in_file(url, table)

    def _table_in_file(self, url: str, table: str) -> Receiver:
        from station.outbox.table_in_file import WORDS, link_to  # noqa: PLC0415 - few tell a file

        if not url.startswith("sqlite:///"):
            raise TableFault("database is sqlite:///whole/path, or postgresql://ROLE@HOST/DATABASE")
        path = self.writable("database", "/" + url.removeprefix("sqlite:///").lstrip("/"))
        connect = partial(link_to, path)
        return TableReceiver(
            name=self.name, where=str(path), table=table, words=WORDS, connect=connect, since=self._since()
        )

    def _table_on_server(self, url: str, table: str) -> Receiver:
        if fault := server_url.fault_of(url, named_in=f"outbox.{self.name}.password_file"):
            raise TableFault(f"database {fault}")
        require_driver()
        from station.outbox.table_on_server import WORDS, link_to  # noqa: PLC0415 - an extra

        where = server_url.title_of(url)
        connect = partial(link_to, url, self._password().read)
        return TableReceiver(
            name=self.name, where=where, table=table, words=WORDS, connect=connect, since=self._since()
        )
