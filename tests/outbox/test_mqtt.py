# SPDX-License-Identifier: GPL-3.0-or-later
"""Events to a real MQTT broker: each once and in order with its id, through its death and a wrong password; and what
each answer of a broker's means, also of one that breaks the rules.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client

from station.cloud.post import Proving
from station.errors import ConfigError, StationError
from station.ledger.store import Ledger
from station.outbox import mqtt
from station.outbox.courier import Courier
from station.outbox.mqtt import BrokerUser, MqttReceiver
from station.outbox.receiver import TAKES_S, EventRefused
from station.secrets.files import NamedPassword
from tests.outbox.broker import PASSWORD, USER, Broker, mosquitto, scripted
from tests.outbox.stays import stayed
from tests.outbox.test_outbox_config import configured
from tests.outbox.test_receivers import event, fault_of
from tests.waiting import PATIENCE_S, until

OK = bytes((0x40, 2, 0, 1))
TOPIC = "station/{bench}/visits"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    if mosquitto() is None:
        pytest.skip("mosquitto and mosquitto-clients are not installed: bash .ci/system-packages")
    made = Broker(tmp_path_factory.mktemp("broker"), "max_packet_size 4000").start()
    yield made
    made.kill()


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(PASSWORD)
    file.chmod(0o600)
    return file


@pytest.fixture
def receiver(broker: Broker, password: Path) -> Iterator[MqttReceiver]:
    made = MqttReceiver(
        name="mes",
        host="127.0.0.1",
        port=broker.port,
        topic=TOPIC,
        account=BrokerUser(user=USER, password=NamedPassword(file=password)),
    )
    yield made
    made.close()


def plain(port: int, *, needs_readers: bool = True) -> MqttReceiver:
    return MqttReceiver(name="mes", host="127.0.0.1", port=port, topic="t", needs_readers=needs_readers)


def puback(code: int) -> bytes:
    return bytes((0x40, 4, 0, 1, code, 0))


def ended(code: int) -> bytes:
    return bytes((0xE0, 2, code, 0))


def test_each_comes_once_and_in_order_with_its_id(broker: Broker, receiver: MqttReceiver, ledger: Ledger) -> None:
    said: list[str] = []
    courier = Courier(receiver, ledger, "LINE/3", lambda *what: said.append(str(what)))
    courier.send()
    for board in (1, 1, 2, 1):
        stayed(ledger, board)
    receiver.look()
    with broker.read() as reader:
        courier.send()
        courier.send()
        told = reader.next(4)
        connected = broker.log().count("New client connected") - 1  # the reader's
        stayed(ledger, 3)
        courier.send()
        told += reader.next(1)
        assert broker.log().count("New client connected") - 1 == connected, "the connection is kept"
    assert [one["payload"]["number"] for one in told] == [1, 2, 3, 4, 5]
    assert {(one["topic"], one["qos"], one["retain"]) for one in told} == {("station/LINE%2F3/visits", 1, 0)}
    for one in told:
        about = one["properties"]
        assert about["user-properties"] == {"id": one["payload"]["id"]}
        assert (about["content-type"], about["payload-format-indicator"]) == ("application/json", 1)
        assert "message-expiry-interval" not in about
    assert said == []


def test_a_broker_that_died_has_all_of_it_later_and_what_nobody_read_is_kept(
    broker: Broker, receiver: MqttReceiver, ledger: Ledger
) -> None:
    courier = Courier(receiver, ledger, "b", lambda *_: None)
    courier.send()
    stayed(ledger, 1)
    with broker.read() as reader:
        courier.send()
        assert reader.next(1)[0]["payload"]["number"] == 1
        broker.kill()
        stayed(ledger, 1)
        stayed(ledger, 2)
        with pytest.raises(StationError, match="refused or no route"):
            courier.send()
        with pytest.raises(StationError, match="cannot be reached"):
            receiver.look()
    broker.start()
    with pytest.raises(StationError, match="nobody subscribes to station/b/visits"):
        courier.send()
    with broker.read() as reader:
        courier.send()
        assert [one["payload"]["number"] for one in reader.next(2)] == [2, 3]
    assert ledger.outbox.standings()[0].waiting == 0
    receiver.needs_readers = False
    stayed(ledger, 1)
    courier.send()
    assert ledger.outbox.standings()[0].waiting == 0


def test_a_wrong_password_is_the_receivers_trouble_and_nowhere_to_be_read(
    broker: Broker, receiver: MqttReceiver, password: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    password.write_text("wr0ng-pass-phrase")
    fault = fault_of(receiver, event(bench="b"))
    assert "lets nobody in: Not authorized" in fault.what
    told = f"{fault!r} {fault.do} {receiver!r} {caplog.text}"
    assert "wr0ng" not in told
    password.write_text(PASSWORD)
    with broker.read() as reader:
        receiver.deliver(event(bench="b"))
        assert len(reader.next(1)) == 1
    assert PASSWORD not in f"{receiver!r} {receiver._link!r} {caplog.text} {broker.log()}"
    password.chmod(0o644)
    receiver.close()
    with pytest.raises(ConfigError) as caught:
        receiver.look()
    assert caught.value.code == "E114"


def test_both_sides_prove_who_they_are(broker: Broker, receiver: MqttReceiver) -> None:
    file, key = broker.proof
    receiver.host, receiver.port = "localhost", broker.secured_port
    receiver.proving = Proving(ca_file=file, cert_file=file, key_file=key)
    with broker.read() as reader:
        receiver.look()
        receiver.deliver(event(bench="b"))
        assert len(reader.next(1)) == 1
    receiver.close()
    receiver.proving = Proving(cert_file=file, key_file=key)
    assert "its certificate is none that is believed" in fault_of(receiver, event(bench="b")).what
    receiver.proving = Proving(ca_file=file)
    fault_of(receiver, event(bench="b"))
    receiver.proving = Proving(ca_file=file.with_name("none"))
    with pytest.raises(ConfigError, match="none"):
        receiver.look()


def test_one_that_is_too_large_is_refused_and_the_next_one_goes(broker: Broker, receiver: MqttReceiver) -> None:
    with broker.read() as reader:
        with pytest.raises(EventRefused, match="more than the 4000 bytes"):
            receiver.deliver(event(1, bench="b", text="x" * 4000))
        receiver.deliver(event(2, bench="b"))
        assert reader.next(1)[0]["payload"]["number"] == 2


def test_who_sends_from_elsewhere_takes_the_place_of_who_sent(broker: Broker, receiver: MqttReceiver) -> None:
    other = plain(broker.port)
    other.topic, other.account = receiver.topic, receiver.account
    with broker.read() as reader:
        for number, sender in enumerate((receiver, other, receiver, other)):
            sender.deliver(event(number, bench="b"))
            away = other if sender is receiver else receiver
            assert away._link is None or not away._link.is_up(), "two of one name are never both there"
        assert [one["payload"]["number"] for one in reader.next(4)] == [0, 1, 2, 3]
    other.close()


def test_what_is_about_the_event_is_refused_and_what_is_about_the_way_is_not() -> None:
    for code in (0x90, 0x99, 0x95):
        with scripted(ended(code) if code == 0x95 else puback(code)) as port, pytest.raises(EventRefused):
            plain(port).deliver(event())
    answers = {
        puback(0x87): "Not authorized",
        puback(0x97): "Quota exceeded",
        puback(0x83): "Implementation specific error",
        ended(0): "Normal disconnection",
        ended(0x8B): "Server shutting down",
        b"": "the connection broke",
        puback(0x55): "",  # no code of the standard's
        bytes(2): "",  # no packet
    }
    for answer, word in answers.items():
        with scripted(answer, OK) as port:
            assert f"127.0.0.1: {word}" in fault_of(plain(port)).what


def test_what_nobody_subscribed_to_is_kept_or_taken() -> None:
    with scripted(puback(0x10), puback(0x10)) as port:
        assert "nobody subscribes to t" in fault_of(plain(port)).what
        plain(port, needs_readers=False).deliver(event())


def test_a_broker_that_says_nothing_is_left_and_its_late_word_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "TAKES_S", 0.2)
    with scripted(bytes((0xD0, 0)), OK) as port:  # a ping's answer is none to an event
        receiver = plain(port)
        assert "no answer within the time limit" in fault_of(receiver).what
        assert receiver._link is None
        receiver.deliver(event())


def test_a_connection_that_was_idle_for_long_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(OK, OK, OK) as port:
        receiver = plain(port)
        receiver.deliver(event())
        first = receiver._link
        receiver._used = time.monotonic() - mqtt.IDLE_S
        receiver.deliver(event())
        assert receiver._link is not first
        receiver.close()
        receiver.close()


def test_without_the_extra_it_is_said_before_anything_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "find_spec", lambda name: None if name == "paho" else find_spec(name))
    with pytest.raises(ConfigError) as caught:
        configured(tmp_path, '[outbox.mes]\nmqtt = "mqtt://broker.factory"\n')
    assert (caught.value.code, "paho-mqtt" in caught.value.do) == ("E118", True)
    assert "station.outbox.mqtt" in sys.modules, "it needs no library to be read"


def test_one_that_waits_to_be_let_in_ends_when_another_thread_closes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "TAKES_S", 10 * PATIENCE_S)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        receiver = plain(silent.getsockname()[1])
        delivering = threading.Thread(target=fault_of, args=(receiver,), daemon=True)
        delivering.start()
        taken, _ = silent.accept()
        with taken:
            assert taken.recv(1)  # it has said who it is
            receiver.close()
            delivering.join(PATIENCE_S)
            assert not delivering.is_alive()


def test_one_that_is_closed_while_its_broker_is_connected_to_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "TAKES_S", 10 * PATIENCE_S)
    connect = Client.connect
    with socket.create_server(("127.0.0.1", 0)) as silent:
        receiver = plain(silent.getsockname()[1])

        def closed_first(client: Client, *broker: Any, **how: Any) -> Any:
            receiver.close()
            return connect(client, *broker, **how)

        monkeypatch.setattr(Client, "connect", closed_first)
        delivering = threading.Thread(target=fault_of, args=(receiver,), daemon=True)
        delivering.start()
        delivering.join(PATIENCE_S)
        assert not delivering.is_alive()


def test_one_that_waits_for_a_broker_ends_when_another_thread_closes_it() -> None:
    with scripted(bytes((0xD0, 0))) as port:
        receiver = plain(port)

        def close() -> None:
            until(lambda: receiver._link)  # there is nothing to be closed before
            receiver.close()

        closing = threading.Thread(target=close)
        closing.start()
        began = time.monotonic()
        fault_of(receiver)
        closing.join()
        assert time.monotonic() - began < TAKES_S / 2
