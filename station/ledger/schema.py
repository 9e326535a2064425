# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema is the contract: what the rules forbid, SQLite refuses, whoever writes.

One row of `identities` is what one board carries; its certificates hang on it. CHECKs tie a state to its evidence,
partial UNIQUE indexes are invariants I1 and I2, triggers raise on every other forbidden change. `version` counts the
transitions of a row; a transition needs its audit line (same row, same version) before the row may change (I10).
`tallies` are counts kept by triggers, so that a status costs the same at a million certificates.
"""

from __future__ import annotations

from station.rules import TRANSITIONS

_ALLOWED = " OR ".join(f"(OLD.state='{a}' AND NEW.state='{b}')" for a, b in sorted(TRANSITIONS))
_BOUND = "'RESERVED','WRITING','IN_DOUBT','CONSUMED'"
_STATES = "'READY','WITHHELD','RESERVED','WRITING','IN_DOUBT','CONSUMED','RETIRED'"

TABLES = f"""
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE batches (
  id          INTEGER PRIMARY KEY,
  provider    TEXT NOT NULL,
  batch_id    TEXT NOT NULL,                 -- the cloud's batchId = applyId, always text
  product_key TEXT NOT NULL,
  source      TEXT NOT NULL,                 -- "cloud", or the name of an imported file
  total       INTEGER,                       -- what the cloud says it holds: certificates, or NVR sets
  complete    INTEGER NOT NULL DEFAULT 0 CHECK (complete IN (0, 1)),
  received    INTEGER NOT NULL DEFAULT 0,    -- certificates, counted by a trigger
  created_at  TEXT NOT NULL,
  UNIQUE (provider, batch_id, product_key)
);

CREATE TABLE identities (
  id          INTEGER PRIMARY KEY,
  batch       INTEGER NOT NULL REFERENCES batches(id),
  provider    TEXT NOT NULL,
  product_key TEXT NOT NULL,                 -- of the primary certificate
  kind        TEXT NOT NULL CHECK (kind IN ('single','nvr-set','nvr-member')),
  set_of      INTEGER REFERENCES identities(id),  -- members: the NVR's identity (the NVR's own row too)
  channel     INTEGER NOT NULL DEFAULT 0 CHECK (channel BETWEEN 0 AND 255),
  size        INTEGER NOT NULL CHECK (size BETWEEN 1 AND 256),  -- certificates on this identity
  state       TEXT NOT NULL CHECK (state IN ({_STATES})),
  version     INTEGER NOT NULL DEFAULT 0,
  attempt     INTEGER NOT NULL DEFAULT 0,
  board_uid   TEXT,
  slot        TEXT,
  owner       TEXT,                          -- the process that has it RESERVED or WRITING
  expected    TEXT,                          -- evidence: keyed digest of what was to be on the board …
  found       TEXT,                          -- … and of what was found there
  uid_after   TEXT,
  method      TEXT,
  changed_at  TEXT NOT NULL,
  reason      TEXT,
  CHECK ((kind = 'nvr-member') = (set_of IS NOT NULL)),
  CHECK (state NOT IN ('READY','WITHHELD') OR board_uid IS NULL),
  CHECK (state NOT IN ('RESERVED','WRITING','IN_DOUBT','CONSUMED') OR board_uid IS NOT NULL),
  CHECK (state NOT IN ('RESERVED','WRITING','IN_DOUBT','CONSUMED') OR attempt > 0),
  CHECK ((state IN ('RESERVED','WRITING')) = (owner IS NOT NULL)),
  CHECK (state <> 'CONSUMED' OR (expected IS NOT NULL AND found = expected AND uid_after = board_uid
                                 AND method IS NOT NULL)),
  CHECK (state <> 'RETIRED' OR length(reason) > 0)
);

CREATE UNIQUE INDEX one_identity_a_board ON identities(board_uid) WHERE state IN ({_BOUND});
CREATE INDEX ready_queue ON identities(product_key, kind, set_of, id) WHERE state = 'READY';
CREATE INDEX ready_sets ON identities(id) WHERE state = 'READY' AND kind = 'nvr-set';
CREATE INDEX identities_by_state ON identities(state);
CREATE INDEX identities_of_batch ON identities(batch);
CREATE INDEX set_members ON identities(set_of, channel) WHERE set_of IS NOT NULL;
CREATE INDEX board_history ON identities(board_uid) WHERE board_uid IS NOT NULL;

CREATE TABLE certificates (
  id             INTEGER PRIMARY KEY,
  identity       INTEGER NOT NULL REFERENCES identities(id),
  channel        INTEGER NOT NULL CHECK (channel BETWEEN 0 AND 255),
  product_key    TEXT NOT NULL,
  device_name    TEXT NOT NULL,
  iot_id         TEXT NOT NULL,
  device_id      TEXT NOT NULL,
  node_id        TEXT NOT NULL,
  cloud_status   INTEGER NOT NULL,
  content        BLOB NOT NULL,              -- keyed digest of all fields: is a repeated row the same row?
  secret         BLOB,                       -- sealed; NULL once destroyed
  product_secret BLOB,
  UNIQUE (device_name, product_key)          -- in this order: people search by deviceName, or its beginning
);
CREATE INDEX certificates_of ON certificates(identity, channel);
CREATE INDEX certificates_by_product ON certificates(product_key);
CREATE INDEX certificates_by_node ON certificates(node_id) WHERE node_id <> '';

CREATE TABLE conflicts (                     -- arrived under a known name with other content: withheld, never stored
  product_key TEXT NOT NULL,
  device_name TEXT NOT NULL,
  content     BLOB NOT NULL,
  batch       INTEGER NOT NULL REFERENCES batches(id),
  seen_at     TEXT NOT NULL,
  PRIMARY KEY (product_key, device_name, content)
) WITHOUT ROWID;

CREATE TABLE tallies (
  product_key  TEXT NOT NULL,
  kind         TEXT NOT NULL,
  state        TEXT NOT NULL,
  identities   INTEGER NOT NULL,
  certificates INTEGER NOT NULL,
  PRIMARY KEY (product_key, kind, state)
) WITHOUT ROWID;

CREATE TABLE audit (
  seq         INTEGER PRIMARY KEY,
  at          TEXT NOT NULL,
  event       TEXT NOT NULL,
  actor       TEXT NOT NULL,
  identity    INTEGER REFERENCES identities(id),
  version     INTEGER,
  from_state  TEXT,
  to_state    TEXT,
  attempt     INTEGER,
  board_uid   TEXT,
  slot        TEXT,
  detail      TEXT NOT NULL,                 -- JSON, without secrets
  previous    TEXT NOT NULL,
  hash        TEXT NOT NULL UNIQUE
);
CREATE UNIQUE INDEX audit_of_transition ON audit(identity, version) WHERE version IS NOT NULL;
CREATE INDEX audit_of_board ON audit(board_uid) WHERE board_uid IS NOT NULL;

CREATE TABLE visits (                        -- one board's stay in a slot, and how it ended
  id         INTEGER PRIMARY KEY,
  at         REAL NOT NULL,                  -- Unix time, seconds
  slot       TEXT NOT NULL,
  board_uid  TEXT,
  outcome    TEXT NOT NULL,
  code       TEXT NOT NULL,
  what       TEXT NOT NULL,
  identity   INTEGER REFERENCES identities(id),
  attempt    INTEGER,
  seconds    REAL NOT NULL,
  operator   TEXT NOT NULL,
  details    TEXT NOT NULL                   -- JSON: chip, firmware, adapter, versions
);
CREATE INDEX visits_by_time ON visits(at);
CREATE INDEX visits_by_slot ON visits(slot, id);
CREATE INDEX visits_of_board ON visits(board_uid) WHERE board_uid IS NOT NULL;

CREATE TABLE locks (                         -- slots (or the station, scope '') that wait for a supervisor
  scope TEXT PRIMARY KEY,
  code  TEXT NOT NULL,
  what  TEXT NOT NULL,
  since TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE unlocks (                       -- outcomes up to this visit no longer count towards a lock
  scope TEXT PRIMARY KEY,
  visit INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE cloud_requests (                -- journal of calls that cost money or create devices
  id          INTEGER PRIMARY KEY,
  request_id  TEXT NOT NULL UNIQUE,
  provider    TEXT NOT NULL,
  operation   TEXT NOT NULL,
  product_key TEXT NOT NULL,
  detail      TEXT NOT NULL,                 -- JSON: amount, names; never a secret
  state       TEXT NOT NULL CHECK (state IN ('SENT','ANSWERED','REFUSED','UNKNOWN')),
  batch_id    TEXT,
  answer      TEXT,
  sent_at     TEXT NOT NULL,
  changed_at  TEXT NOT NULL
);
"""


def _raise(name: str, when: str, condition: str, text: str) -> str:
    where = f"WHEN {condition}" if condition else ""
    return f"CREATE TRIGGER {name} {when} {where} BEGIN SELECT RAISE(ABORT, '{text}'); END;\n"


_NEVER_DELETED = ("identities", "certificates", "audit", "visits", "batches", "cloud_requests", "conflicts")

TRIGGERS = "".join(
    _raise(f"keep_{t}", f"BEFORE DELETE ON {t}", "", f"I3: no row of {t} is deleted") for t in _NEVER_DELETED
)
TRIGGERS += "".join(
    _raise(f"fix_{t}", f"BEFORE UPDATE ON {t}", "", f"{t} is append-only") for t in ("audit", "visits", "conflicts")
)
# REPLACE deletes the row in its way without firing its delete trigger: whatever a new row could push out is looked for.
TRIGGERS += "".join(
    _raise(
        f"add_{table}",
        f"BEFORE INSERT ON {table}",
        f"EXISTS (SELECT 1 FROM {table} WHERE {same})",
        f"I3: {table}: UNIQUE",
    )
    for table, same in {
        "identities": "id = NEW.id",
        "certificates": "id = NEW.id OR (product_key, device_name) = (NEW.product_key, NEW.device_name)",
        "audit": "seq = NEW.seq OR hash = NEW.hash OR (identity = NEW.identity AND version = NEW.version)",
        "visits": "id = NEW.id",
        "batches": "id = NEW.id OR (provider, batch_id, product_key) = (NEW.provider, NEW.batch_id, NEW.product_key)",
        "cloud_requests": "id = NEW.id OR request_id = NEW.request_id",
        "conflicts": "(product_key, device_name, content) = (NEW.product_key, NEW.device_name, NEW.content)",
    }.items()
)
TRIGGERS += _raise(
    "one_board_one_identity",
    "BEFORE UPDATE ON identities",
    f"NEW.state IN ({_BOUND}) AND EXISTS (SELECT 1 FROM identities WHERE board_uid = NEW.board_uid AND id <> OLD.id"
    f" AND state IN ({_BOUND}))",
    "I2: UNIQUE: this board has an identity",
)
TRIGGERS += _raise(
    "batches_are_as_received",
    "BEFORE UPDATE ON batches",
    "NEW.id <> OLD.id OR NEW.provider <> OLD.provider OR NEW.batch_id <> OLD.batch_id"
    " OR NEW.product_key <> OLD.product_key",
    "a batch keeps its name",
)
TRIGGERS += _raise(
    "enter_ready_or_withheld",
    "BEFORE INSERT ON identities",
    "NEW.state NOT IN ('READY','WITHHELD') OR NEW.version <> 0 OR NEW.attempt <> 0",
    "an identity enters as READY or WITHHELD",
)
TRIGGERS += _raise(
    "only_drawn_transitions",
    "BEFORE UPDATE OF state ON identities",
    f"NOT (OLD.state = NEW.state OR {_ALLOWED})",
    "I7: this transition does not exist",
)
TRIGGERS += _raise("final_retired", "BEFORE UPDATE ON identities", "OLD.state = 'RETIRED'", "I7: RETIRED is final")
TRIGGERS += _raise(
    "board_is_for_life",
    "BEFORE UPDATE ON identities",
    "OLD.state IN ('WRITING','IN_DOUBT','CONSUMED') AND NEW.board_uid IS NOT OLD.board_uid",
    "I7: the board is fixed from WRITING on",
)
TRIGGERS += _raise(
    "evidence_stays",
    "BEFORE UPDATE ON identities",
    "OLD.state = 'CONSUMED' AND (NEW.expected IS NOT OLD.expected OR NEW.found IS NOT OLD.found"
    " OR NEW.uid_after IS NOT OLD.uid_after OR NEW.method IS NOT OLD.method)",
    "I5: evidence does not change",
)
TRIGGERS += _raise(
    "attempt_only_grows", "BEFORE UPDATE ON identities", "NEW.attempt < OLD.attempt", "I6: an attempt never goes back"
)
TRIGGERS += _raise(
    "changes_are_versioned",
    "BEFORE UPDATE ON identities",
    "NEW.version <> OLD.version + 1",
    "I6: each change of an identity is one version",
)
TRIGGERS += _raise(
    "changes_are_audited",
    "BEFORE UPDATE ON identities",
    "NOT EXISTS (SELECT 1 FROM audit a WHERE a.identity = NEW.id AND a.version = NEW.version"
    " AND a.from_state = OLD.state AND a.to_state = NEW.state AND a.attempt = NEW.attempt"
    " AND a.board_uid IS NEW.board_uid)",
    "I10: no transition without its audit line",
)
TRIGGERS += _raise(
    "what_was_issued_stays",
    "BEFORE UPDATE ON identities",
    "NEW.id <> OLD.id OR NEW.batch <> OLD.batch OR NEW.provider <> OLD.provider OR NEW.product_key <> OLD.product_key"
    " OR ((NEW.kind <> OLD.kind OR NEW.set_of IS NOT OLD.set_of OR NEW.channel <> OLD.channel OR NEW.size <> OLD.size)"
    " AND NOT (OLD.state = 'READY' AND NEW.state = 'READY' AND OLD.kind = 'nvr-set' AND NEW.kind = 'nvr-member'))",
    "what the cloud issued does not change",
)
TRIGGERS += _raise(
    "certificates_are_as_issued",
    "BEFORE UPDATE ON certificates",
    "NEW.id <> OLD.id OR NEW.channel <> OLD.channel OR NEW.product_key <> OLD.product_key"
    " OR NEW.device_name <> OLD.device_name OR NEW.iot_id <> OLD.iot_id OR NEW.device_id <> OLD.device_id"
    " OR NEW.node_id <> OLD.node_id OR NEW.cloud_status <> OLD.cloud_status OR NEW.content <> OLD.content"
    " OR (NEW.secret IS NOT OLD.secret AND NEW.secret IS NOT NULL)"
    " OR (NEW.product_secret IS NOT OLD.product_secret AND NEW.product_secret IS NOT NULL)",
    "a certificate is as the cloud issued it",
)
TRIGGERS += _raise(
    "secrets_end_with_the_identity",
    "BEFORE UPDATE OF secret, product_secret ON certificates",
    "(OLD.secret IS NOT NEW.secret OR OLD.product_secret IS NOT NEW.product_secret)"
    " AND (SELECT state FROM identities WHERE id = OLD.identity) NOT IN ('CONSUMED','RETIRED')",
    "a secret is destroyed only after CONSUMED or RETIRED",
)
TRIGGERS += _raise(
    "certificates_move_only_when_a_set_opens",
    "BEFORE UPDATE OF identity ON certificates",
    "NEW.identity <> OLD.identity AND NOT EXISTS (SELECT 1 FROM identities o, identities n"
    " WHERE o.id = OLD.identity AND n.id = NEW.identity AND o.state = 'READY' AND n.state = 'READY'"
    " AND n.set_of = o.id AND n.channel = OLD.channel)",
    "a certificate leaves its set only when the set is opened into members",
)
TRIGGERS += _raise(
    "requests_keep_their_question",
    "BEFORE UPDATE ON cloud_requests",
    "NEW.id <> OLD.id OR NEW.request_id <> OLD.request_id OR NEW.operation <> OLD.operation"
    " OR NEW.product_key <> OLD.product_key OR NEW.detail <> OLD.detail OR OLD.state IN ('ANSWERED','REFUSED')",
    "a journalled request keeps its question and its answer",
)

_COUNT = """
  INSERT INTO tallies VALUES ({row}.product_key, {row}.kind, {row}.state, {sign}1, {sign}{row}.size)
  ON CONFLICT DO UPDATE SET identities = identities + excluded.identities,
                            certificates = certificates + excluded.certificates;
"""
TRIGGERS += f"""
CREATE TRIGGER tally_in AFTER INSERT ON identities BEGIN {_COUNT.format(row="NEW", sign="")} END;
CREATE TRIGGER tally_move AFTER UPDATE OF state, kind, size ON identities BEGIN
  {_COUNT.format(row="OLD", sign="-")} {_COUNT.format(row="NEW", sign="")}
END;
CREATE TRIGGER count_in AFTER INSERT ON identities BEGIN
  UPDATE batches SET received = received + NEW.size WHERE id = NEW.batch;
END;
CREATE TRIGGER count_size AFTER UPDATE OF size ON identities WHEN NEW.size <> OLD.size BEGIN
  UPDATE batches SET received = received + NEW.size - OLD.size WHERE id = NEW.batch;
END;
"""
