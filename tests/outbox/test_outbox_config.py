# SPDX-License-Identifier: GPL-3.0-or-later
"""[outbox.NAME] as people write it: what is not understood, or would hurt, is refused with all faults at once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.config.settings import Config, load
from station.errors import ConfigError
from station.outbox.mqtt import MqttReceiver
from station.outbox.outbox import Outbox
from station.outbox.reading import outbox_of
from station.outbox.topic import fault_of, topic_of


def configured(tmp_path: Path, text: str) -> Outbox:
    file = tmp_path / "station.toml"
    file.write_text(f'[bench]\nstate_dir = "{tmp_path}/state"\n{text}')
    return outbox_of(load(file, {}, {}))


def test_one_of_each(tmp_path: Path) -> None:
    box = configured(
        tmp_path,
        '[outbox.web]\npost = "https://mes.factory/visits"\ntoken_file = "~/t"\nca_file = "/ca.pem"\n'
        'cert_file = "/c.pem"\nkey_file = "/k.pem"\nsince = 2026-05-31T06:00:00Z\n'
        '[outbox.log]\nfile = "/var/log/visits.jsonl"\nlargest_mb = 5\n[outbox.own]\ncommand = ["mes-put", "--now"]\n'
        '[outbox.queue]\nmqtt = "mqtts://broker.factory"\ntopic = "a/{bench}/{slot}/{outcome}"\nuser = "u"\n'
        'password_file = "~/p"\nca_file = "/ca.pem"\nunheard = "taken"\nsince = 2026-05-31\n',
    )
    assert [receiver.name for receiver in box.receivers] == ["web", "log", "own", "queue"]
    queue = box.receivers[3]
    assert isinstance(queue, MqttReceiver)
    assert (queue.host, queue.port, queue.needs_readers, queue.proving is None) == (
        "broker.factory",
        8883,
        False,
        False,
    )
    assert box.receivers[0].since == datetime(2026, 5, 31, 6, tzinfo=UTC).timestamp()
    assert box.receivers[1].since is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[outbox.a]\npost = "http://mes/x"\ntoken_file = "/t"', "cross the network readable"),
        ('[outbox.a]\npost = "https://user:secret@mes/x"', "no password in the address"),
        ('[outbox.a]\npost = "ftp://mes/x"', "post is an address"),
        ('[outbox.a]\npost = "https://mes/x"\nkey_file = "/k"', "name both"),
        ('[outbox.a]\npost = "https://mes/x"\nsince = "yesterday"', "since is a date"),
        ('[outbox.a]\nfile = "HERE/state/events"', "among the ledger's files"),
        ('[outbox.a]\nfile = "HERE/station.toml"', "the station's own"),
        ('[outbox.a]\nfile = "events"', "a whole path"),
        ('[outbox.a]\nfile = "/x"\nlargest_mb = 0', "largest_mb is a number from 1"),
        ('[outbox.a]\nfile = "/x"\npost = "https://mes/x"', "it is one of"),
        ('[outbox.a]\nfile = "/x"\non = ["FAIL"]', "on is not a key of file"),
        ('[outbox.a]\ncommand = "mes-put"', "no shell reads it"),
        ('[outbox.a]\nmqtt = "https://b"', "mqtt is an address: mqtts://host"),
        ('[outbox.a]\nmqtt = "mqtts://u:secret@b"', "password_file names"),
        ('[outbox.a]\nmqtt = "mqtts://b/topic"', "nothing stands behind"),
        ('[outbox.a]\nmqtt = "mqtts://b"\ntopic = "s/{uid}"', "one of bench, slot, outcome"),
        ('[outbox.a]\nmqtt = "mqtts://b"\ntopic = "s/#"', "without space, + or #"),
        ('[outbox.a]\nmqtt = "mqtts://b"\nunheard = "drop"', "unheard is"),
        ('[outbox.a]\nmqtt = "mqtt://b"\nuser = "u"\npassword_file = "/p"', "cross the network readable"),
        ('[outbox.a]\nmqtt = "mqtt://b"\nuser = "u"\npassword_keyring = "p"', "cross the network readable"),
        ('[outbox.a]\nmqtt = "mqtt://b"\nca_file = "/c"', "write the address as mqtts://"),
        ('[outbox.a]\nmqtt = "mqtts://b"\npassword_file = "/p"', "name the user"),
        ('[outbox.a]\nmqtt = "mqtts://b"\nuser = "u"\npassword_file = "/p"\npassword_keyring = "p"', "not in both"),
        ('[outbox.a]\nmqtt = "mqtts://b"\ntoken_file = "/t"', "token_file is not a key of mqtt"),
        ('[outbox.a]\ndatabase = "mysql://h/d"', "must be postgresql://"),
        ('[outbox.a]\ndatabase = "sqlite:erp.db"', "sqlite:///whole/path"),
        ('[outbox.a]\ndatabase = "sqlite://HERE/state/ledger.db"', "among the ledger's files"),
        ('[outbox.a]\ndatabase = "postgresql://u:secret@h/d"', "a 0600 file in outbox.a.password_file"),
        ('[outbox.a]\ndatabase = "sqlite:///x"\ntable = "a;b"', "table is a name"),
        ('[outbox.a]\ndatabase = "sqlite:///x"\ntable = "a.b"', "table is a name"),
        ('[outbox.a]\ndatabase = "postgresql://h/d"\ntable = "a.b.c"', "table is a name"),
        ('[outbox.a]\ndatabase = "sqlite:///x"\npassword_file = "/p"', "asks for no password"),
        ('[outbox.a]\ndatabase = "postgresql://h/d"\nuser = "u"', "user is not a key of database"),
        ("[outbox]\na = 3", "write [outbox.a]"),
        ("[outbox]", None),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, says: str | None) -> None:
    if says is None:
        assert configured(tmp_path, text).receivers == ()
        return
    with pytest.raises(ConfigError) as caught:
        configured(tmp_path, text.replace("HERE", str(tmp_path)))
    assert says in caught.value.what
    assert "secret" not in caught.value.what


_VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.dates() | st.lists(st.text(max_size=5))
_KEYS = st.sampled_from(
    [
        "file",
        "command",
        "post",
        "mqtt",
        "database",
        "table",
        "topic",
        "since",
        "largest_mb",
        "token_file",
        "ca_file",
        "key_file",
        "x",
    ]
)


@given(st.dictionaries(st.text(max_size=8), _VALUES | st.dictionaries(_KEYS, _VALUES, max_size=3), max_size=3))
def test_whatever_stands_there_is_read_or_refused(tables: dict[str, object]) -> None:
    known = load(None, {}, {"STATION_CONFIG": ""})
    try:
        receivers = outbox_of(Config(known.values, (), None, {"outbox": tables})).receivers
    except ConfigError as error:
        assert error.what.startswith("outbox.")
    else:
        assert [receiver.name for receiver in receivers] == list(tables)


@settings(max_examples=50)
@given(st.text(max_size=30), st.text(max_size=10), st.text(max_size=10))
def test_a_topic_that_is_one_has_as_many_levels_whatever_the_values(text: str, bench: str, slot: str) -> None:
    template = text + "/{bench}/{slot}"
    if fault_of(template) or not template.isprintable():
        return
    topic = topic_of(template, {"bench": bench, "slot": slot, "outcome": "PASS"})
    assert topic.count("/") == template.count("/")
    assert not set("+#\0") & set(topic)
    topic.encode()


@pytest.mark.parametrize("kind", ["file", "database"])
def test_the_ledgers_file_by_another_name_is_no_receiver(tmp_path: Path, kind: str) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "ledger.db").touch(mode=0o600)
    (tmp_path / "erp.db").hardlink_to(tmp_path / "state" / "ledger.db")
    where = f"{tmp_path}/erp.db" if kind == "file" else f"sqlite://{tmp_path}/erp.db"
    (tmp_path / "station.toml").write_text(f'[bench]\nstate_dir = "{tmp_path}/state"\n[outbox.a]\n{kind} = "{where}"\n')
    with pytest.raises(ConfigError, match="the station's own"):
        outbox_of(load(tmp_path / "station.toml", {}, {}))
