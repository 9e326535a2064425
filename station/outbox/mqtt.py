# SPDX-License-Identifier: GPL-3.0-or-later
"""Each event as one message to an MQTT 5 broker, its id the user property `id`. Acknowledged with success: it has it.

A connection is kept from event to event, under a name that is the ledger's and the receiver's: two senders of one
ledger are never both there. What a broker says of the way, the account or the pace is no refusal of the event.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from station.cloud.post import Proving, listens
from station.codes import Code
from station.errors import ConfigError
from station.extras import install
from station.outbox.event import Event
from station.outbox.receiver import TAKES_S, EventRefused, deaf
from station.outbox.topic import topic_of
from station.secrets.files import NO_PASSWORD, NamedPassword

if TYPE_CHECKING:
    from station.outbox.mqtt_link import Answer, BrokerLink

ABOUT_THE_EVENT: Final = frozenset({0x90, 0x95, 0x99})
"""Topic name invalid, packet too large, payload format invalid."""
NOBODY: Final = 0x10
"""Taken, and given to nobody: there is no subscription to the topic."""
IDLE_S: Final = 30.0
"""After that a connection is made anew: what lies between may have forgotten it."""
_DO = "see whether that broker runs, is reached, and lets this user publish"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerUser:
    user: str = ""
    password: NamedPassword = NO_PASSWORD


@dataclass(slots=True, kw_only=True)
class MqttReceiver:
    """`proving`: None for a plain connection; `needs_readers`: what nobody subscribed to counts as not taken."""

    name: str
    host: str
    port: int
    topic: str
    account: BrokerUser = BrokerUser()
    proving: Proving | None = None
    needs_readers: bool = True
    since: float | None = None
    _link: BrokerLink | None = field(default=None, init=False)
    _used: float = field(default=0.0, init=False)  # monotonic

    def deliver(self, event: Event) -> None:
        from station.outbox.mqtt_link import LinkBroken  # noqa: PLC0415 - an extra

        until = time.monotonic() + TAKES_S
        topic = topic_of(self.topic, event.content)
        try:
            link = self._kept() or self._made(event, until)
            answer = link.send(topic, event.encoded(), event.key, until=until)
        except LinkBroken as why:
            self.close()
            raise deaf(f"{self.host}: {why}", _DO) from None
        self._used = time.monotonic()
        self._require_taken(answer, topic)

    def _require_taken(self, answer: Answer, topic: str) -> None:
        if answer.ended:
            self.close()
        if answer.code in ABOUT_THE_EVENT:
            raise EventRefused(f"{self.host}: {answer.name}")
        if answer.ended or answer.code not in (0, NOBODY):
            raise deaf(f"{self.host}: {answer.name}", _DO)
        if answer.code == NOBODY and self.needs_readers:
            do = 'have the factory\'s system subscribe, with a session that lasts; or set unheard = "taken"'
            raise deaf(f"{self.host}: nobody subscribes to {topic}", do)

    def _kept(self) -> BrokerLink | None:
        link = self._link
        if link is not None and time.monotonic() - self._used < IDLE_S and link.is_up():
            return link
        self.close()
        return None

    def _made(self, event: Event, until: float) -> BrokerLink:
        from station.outbox.mqtt_link import Broker, BrokerLink  # noqa: PLC0415 - an extra

        known = hashlib.sha256(f"{event.ledger} {self.name}".encode()).hexdigest()[:16]
        broker = Broker(
            host=self.host,
            port=self.port,
            client_id=f"station{known}",  # 23 letters and digits: what every broker must take
            user=self.account.user,
            password=self.account.password.read(),
            tls=self.proving.context() if self.proving else None,
        )
        self._link = link = BrokerLink(broker)  # before it is connected: from then on it can be closed
        link.open(until=until)
        return link

    def look(self) -> None:
        """Whether anybody answers there; it is told nothing, and who sends to it now is not put out."""
        if self.proving is not None:
            self.proving.context()
        self.account.password.read()
        if not listens(self.host, self.port, within_s=TAKES_S):
            raise deaf(f"{self.host} cannot be reached", _DO)

    def close(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()


def require_library() -> None:
    """ConfigError E118 where it is not installed."""
    if find_spec("paho") is None:
        raise ConfigError("a receiver with `mqtt` needs the extra “mqtt”", do=f"run: {install('mqtt')}", code=Code.E118)
