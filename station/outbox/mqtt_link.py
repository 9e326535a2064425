# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection to an MQTT 5 broker, with one message at a time on it.

Driven by whoever sends, in its thread: nothing is sent again, and nothing is reconnected, behind its back. LinkBroken
for whatever comes that is no answer, in words of our own: no text of the other side's is in any.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from station.model import Secret

TOO_LARGE: Final = 0x95
_STEP_S = 1.0
"""As long as it may take until a link that another thread closed is seen to be."""
_OVERHEAD = 16
"""Bytes of a message, at most, beside topic, properties and content."""


class LinkBroken(Exception):
    """Nobody knows whether the message was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where, and as whom. `tls`: None for a plain connection."""

    host: str
    port: int
    client_id: str
    user: str
    password: Secret | None
    tls: ssl.SSLContext | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A reason code of MQTT 5 and its name in the standard. `ended`: the broker ended the connection with it."""

    code: int
    name: str
    ended: bool = False


class BrokerLink:
    """Nothing is connected before `open`; who closes it meanwhile ends that."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._heard: deque[Answer] = deque()
        self._largest: int | None = None
        self._closed = False
        self._client = _client_of(broker)
        self._client.on_connect = self._connected
        self._client.on_publish = self._published
        self._client.on_disconnect = self._disconnected

    def open(self, *, until: float) -> None:
        """Or LinkBroken. `until`: monotonic, as everywhere here."""
        self._client.connect_timeout = max(0.1, (until - time.monotonic()) / 2)  # the network's share, and that of TLS
        try:
            self._client.connect(self._broker.host, self._broker.port, clean_start=False)
            answer = self._answer(until)
        except (OSError, ValueError) as error:
            self.close()
            raise LinkBroken(_in_words(error)) from None
        except LinkBroken:
            self.close()
            raise
        if answer.ended or answer.code:
            self.close()
            raise LinkBroken(answer.name if answer.ended else f"it lets nobody in: {answer.name}")

    def is_up(self) -> bool:
        """Whether, as far as it can be known, the broker has not ended it."""
        try:
            return bool(self._client.loop(0) == 0 and not self._heard)
        except Exception:  # as below
            return False

    def send(self, topic: str, content: bytes, key: str, *, until: float) -> Answer:
        """What the broker says to one message, QoS 1: never forgotten by time, kept for nobody who comes later."""
        about = Properties(PacketTypes.PUBLISH)
        about.PayloadFormatIndicator = 1
        about.ContentType = "application/json"
        about.UserProperty = ("id", key)
        size = len(topic.encode()) + len(about.pack()) + len(content) + _OVERHEAD
        if self._largest is not None and size > self._largest:  # it would end the connection, and so each time
            return Answer(TOO_LARGE, f"more than the {self._largest} bytes that it takes")
        try:
            self._client.publish(topic, content, qos=1, properties=about)
        except (OSError, ValueError) as error:
            raise LinkBroken(_in_words(error)) from None
        return self._answer(until)

    def close(self) -> None:
        """By any thread, more than once; never raises."""
        self._closed = True
        with suppress(Exception):
            self._client.disconnect()
        with suppress(Exception):
            if (left := self._client.socket()) is not None:
                left.close()

    def _answer(self, until: float) -> Answer:
        while not self._heard:
            if self._closed:
                raise LinkBroken("the connection broke")
            rest_s = until - time.monotonic()
            if rest_s <= 0:
                raise LinkBroken("no answer within the time limit")
            try:
                failed = self._client.loop(min(rest_s, _STEP_S))
            except Exception:  # the library's, for bytes that are no such answer: of any kind
                raise LinkBroken("what it answers is not MQTT 5") from None
            if failed and not self._heard:
                raise LinkBroken("the connection broke")
        return self._heard.popleft()

    def _connected(
        self, _client: Client, _data: object, _flags: ConnectFlags, reason: ReasonCode, more: Properties | None
    ) -> None:
        self._largest = getattr(more, "MaximumPacketSize", None)
        self._heard.append(Answer(reason.value, reason.getName()))

    def _published(
        self, _client: Client, _data: object, _mid: int, reason: ReasonCode, _more: Properties | None
    ) -> None:
        self._heard.append(Answer(reason.value, reason.getName()))

    def _disconnected(
        self, _client: Client, _data: object, flags: DisconnectFlags, reason: ReasonCode, _more: Properties | None
    ) -> None:
        said = flags.is_disconnect_packet_from_server
        self._heard.append(Answer(reason.value, reason.getName() if said else "the connection broke", ended=True))


def _client_of(broker: Broker) -> Client:
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=broker.client_id,
        protocol=MQTTProtocolVersion.MQTTv5,
        reconnect_on_failure=False,
    )
    if broker.user:
        client.username_pw_set(broker.user, broker.password.reveal() if broker.password else None)
    if broker.tls is not None:
        client.tls_set_context(broker.tls)
    return client


def _in_words(error: Exception) -> str:
    kinds: dict[Any, str] = {
        socket.gaierror: "this name is not known to the network",
        ssl.SSLCertVerificationError: "its certificate is none that is believed here",
        ssl.SSLError: "no secured connection comes about",
        TimeoutError: "no connection within the time limit",
        OSError: "connection refused or no route",
    }
    return next((words for kind, words in kinds.items() if isinstance(error, kind)), "the connection broke")
