# SPDX-License-Identifier: GPL-3.0-or-later
"""[outbox.NAME] as people write it: what is not understood, or would hurt, is refused with all faults at once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.config.settings import Config, load
from station.errors import ConfigError
from station.outbox.outbox import Outbox
from station.outbox.reading import outbox_of


def configured(tmp_path: Path, text: str) -> Outbox:
    file = tmp_path / "station.toml"
    file.write_text(f'[bench]\nstate_dir = "{tmp_path}/state"\n{text}')
    return outbox_of(load(file, {}, {}))


def test_one_of_each(tmp_path: Path) -> None:
    box = configured(
        tmp_path,
        '[outbox.web]\npost = "https://mes.factory/visits"\ntoken_file = "~/t"\nca_file = "/ca.pem"\n'
        'cert_file = "/c.pem"\nkey_file = "/k.pem"\nsince = 2026-05-31T06:00:00Z\n'
        '[outbox.log]\nfile = "/var/log/visits.jsonl"\nlargest_mb = 5\n[outbox.own]\ncommand = ["mes-put", "--now"]\n',
    )
    assert [receiver.name for receiver in box.receivers] == ["web", "log", "own"]
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
_KEYS = st.sampled_from(["file", "command", "post", "since", "largest_mb", "token_file", "ca_file", "key_file", "x"])


@given(st.dictionaries(st.text(max_size=8), _VALUES | st.dictionaries(_KEYS, _VALUES, max_size=3), max_size=3))
def test_whatever_stands_there_is_read_or_refused(tables: dict[str, object]) -> None:
    known = load(None, {}, {"STATION_CONFIG": ""})
    try:
        receivers = outbox_of(Config(known.values, (), None, {"outbox": tables})).receivers
    except ConfigError as error:
        assert error.what.startswith("outbox.")
    else:
        assert [receiver.name for receiver in receivers] == list(tables)
