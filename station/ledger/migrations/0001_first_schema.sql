-- SPDX-License-Identifier: GPL-3.0-or-later
-- Tables, indexes, and the triggers that hold the invariants. Frozen: what follows is what every ledger was made with.
--
-- One row of `identities` is what one board carries; its certificates hang on it. CHECKs tie a state to its evidence,
-- partial UNIQUE indexes are invariants I1 and I2, triggers raise on every other forbidden change. `version` counts the
-- transitions of a row; a transition needs its audit line (same row, same version) before the row may change (I10).
-- `tallies` are counts kept by triggers, so that a status costs the same at a million certificates.

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
  state       TEXT NOT NULL CHECK (state IN ('READY','WITHHELD','RESERVED','WRITING','IN_DOUBT','CONSUMED','RETIRED')),
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

CREATE UNIQUE INDEX one_identity_a_board ON identities(board_uid) WHERE state IN ('RESERVED','WRITING','IN_DOUBT','CONSUMED');
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

CREATE TRIGGER keep_identities BEFORE DELETE ON identities  BEGIN SELECT RAISE(ABORT, 'I3: no row of identities is deleted'); END;
CREATE TRIGGER keep_certificates BEFORE DELETE ON certificates  BEGIN SELECT RAISE(ABORT, 'I3: no row of certificates is deleted'); END;
CREATE TRIGGER keep_audit BEFORE DELETE ON audit  BEGIN SELECT RAISE(ABORT, 'I3: no row of audit is deleted'); END;
CREATE TRIGGER keep_visits BEFORE DELETE ON visits  BEGIN SELECT RAISE(ABORT, 'I3: no row of visits is deleted'); END;
CREATE TRIGGER keep_batches BEFORE DELETE ON batches  BEGIN SELECT RAISE(ABORT, 'I3: no row of batches is deleted'); END;
CREATE TRIGGER keep_cloud_requests BEFORE DELETE ON cloud_requests  BEGIN SELECT RAISE(ABORT, 'I3: no row of cloud_requests is deleted'); END;
CREATE TRIGGER keep_conflicts BEFORE DELETE ON conflicts  BEGIN SELECT RAISE(ABORT, 'I3: no row of conflicts is deleted'); END;
CREATE TRIGGER fix_audit BEFORE UPDATE ON audit  BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER fix_visits BEFORE UPDATE ON visits  BEGIN SELECT RAISE(ABORT, 'visits is append-only'); END;
CREATE TRIGGER fix_conflicts BEFORE UPDATE ON conflicts  BEGIN SELECT RAISE(ABORT, 'conflicts is append-only'); END;
-- REPLACE deletes the row in its way without firing its delete trigger: whatever a new row could push out is looked for.
CREATE TRIGGER add_identities BEFORE INSERT ON identities WHEN EXISTS (SELECT 1 FROM identities WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'I3: identities: UNIQUE'); END;
CREATE TRIGGER add_certificates BEFORE INSERT ON certificates WHEN EXISTS (SELECT 1 FROM certificates WHERE id = NEW.id OR (product_key, device_name) = (NEW.product_key, NEW.device_name)) BEGIN SELECT RAISE(ABORT, 'I3: certificates: UNIQUE'); END;
CREATE TRIGGER add_audit BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq OR hash = NEW.hash OR (identity = NEW.identity AND version = NEW.version)) BEGIN SELECT RAISE(ABORT, 'I3: audit: UNIQUE'); END;
CREATE TRIGGER add_visits BEFORE INSERT ON visits WHEN EXISTS (SELECT 1 FROM visits WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'I3: visits: UNIQUE'); END;
CREATE TRIGGER add_batches BEFORE INSERT ON batches WHEN EXISTS (SELECT 1 FROM batches WHERE id = NEW.id OR (provider, batch_id, product_key) = (NEW.provider, NEW.batch_id, NEW.product_key)) BEGIN SELECT RAISE(ABORT, 'I3: batches: UNIQUE'); END;
CREATE TRIGGER add_cloud_requests BEFORE INSERT ON cloud_requests WHEN EXISTS (SELECT 1 FROM cloud_requests WHERE id = NEW.id OR request_id = NEW.request_id) BEGIN SELECT RAISE(ABORT, 'I3: cloud_requests: UNIQUE'); END;
CREATE TRIGGER add_conflicts BEFORE INSERT ON conflicts WHEN EXISTS (SELECT 1 FROM conflicts WHERE (product_key, device_name, content) = (NEW.product_key, NEW.device_name, NEW.content)) BEGIN SELECT RAISE(ABORT, 'I3: conflicts: UNIQUE'); END;
CREATE TRIGGER one_board_one_identity BEFORE UPDATE ON identities WHEN NEW.state IN ('RESERVED','WRITING','IN_DOUBT','CONSUMED') AND EXISTS (SELECT 1 FROM identities WHERE board_uid = NEW.board_uid AND id <> OLD.id AND state IN ('RESERVED','WRITING','IN_DOUBT','CONSUMED')) BEGIN SELECT RAISE(ABORT, 'I2: UNIQUE: this board has an identity'); END;
CREATE TRIGGER batches_are_as_received BEFORE UPDATE ON batches WHEN NEW.id <> OLD.id OR NEW.provider <> OLD.provider OR NEW.batch_id <> OLD.batch_id OR NEW.product_key <> OLD.product_key BEGIN SELECT RAISE(ABORT, 'a batch keeps its name'); END;
CREATE TRIGGER enter_ready_or_withheld BEFORE INSERT ON identities WHEN NEW.state NOT IN ('READY','WITHHELD') OR NEW.version <> 0 OR NEW.attempt <> 0 BEGIN SELECT RAISE(ABORT, 'an identity enters as READY or WITHHELD'); END;
CREATE TRIGGER only_drawn_transitions BEFORE UPDATE OF state ON identities WHEN NOT (OLD.state = NEW.state OR (OLD.state='CONSUMED' AND NEW.state='RETIRED') OR (OLD.state='IN_DOUBT' AND NEW.state='CONSUMED') OR (OLD.state='IN_DOUBT' AND NEW.state='RETIRED') OR (OLD.state='IN_DOUBT' AND NEW.state='WRITING') OR (OLD.state='READY' AND NEW.state='RESERVED') OR (OLD.state='READY' AND NEW.state='RETIRED') OR (OLD.state='READY' AND NEW.state='WITHHELD') OR (OLD.state='RESERVED' AND NEW.state='READY') OR (OLD.state='RESERVED' AND NEW.state='WRITING') OR (OLD.state='WITHHELD' AND NEW.state='RETIRED') OR (OLD.state='WRITING' AND NEW.state='CONSUMED') OR (OLD.state='WRITING' AND NEW.state='IN_DOUBT')) BEGIN SELECT RAISE(ABORT, 'I7: this transition does not exist'); END;
CREATE TRIGGER final_retired BEFORE UPDATE ON identities WHEN OLD.state = 'RETIRED' BEGIN SELECT RAISE(ABORT, 'I7: RETIRED is final'); END;
CREATE TRIGGER board_is_for_life BEFORE UPDATE ON identities WHEN OLD.state IN ('WRITING','IN_DOUBT','CONSUMED') AND NEW.board_uid IS NOT OLD.board_uid BEGIN SELECT RAISE(ABORT, 'I7: the board is fixed from WRITING on'); END;
CREATE TRIGGER evidence_stays BEFORE UPDATE ON identities WHEN OLD.state = 'CONSUMED' AND (NEW.expected IS NOT OLD.expected OR NEW.found IS NOT OLD.found OR NEW.uid_after IS NOT OLD.uid_after OR NEW.method IS NOT OLD.method) BEGIN SELECT RAISE(ABORT, 'I5: evidence does not change'); END;
CREATE TRIGGER attempt_only_grows BEFORE UPDATE ON identities WHEN NEW.attempt < OLD.attempt BEGIN SELECT RAISE(ABORT, 'I6: an attempt never goes back'); END;
CREATE TRIGGER changes_are_versioned BEFORE UPDATE ON identities WHEN NEW.version <> OLD.version + 1 BEGIN SELECT RAISE(ABORT, 'I6: each change of an identity is one version'); END;
CREATE TRIGGER changes_are_audited BEFORE UPDATE ON identities WHEN NOT EXISTS (SELECT 1 FROM audit a WHERE a.identity = NEW.id AND a.version = NEW.version AND a.from_state = OLD.state AND a.to_state = NEW.state AND a.attempt = NEW.attempt AND a.board_uid IS NEW.board_uid) BEGIN SELECT RAISE(ABORT, 'I10: no transition without its audit line'); END;
CREATE TRIGGER what_was_issued_stays BEFORE UPDATE ON identities WHEN NEW.id <> OLD.id OR NEW.batch <> OLD.batch OR NEW.provider <> OLD.provider OR NEW.product_key <> OLD.product_key OR ((NEW.kind <> OLD.kind OR NEW.set_of IS NOT OLD.set_of OR NEW.channel <> OLD.channel OR NEW.size <> OLD.size) AND NOT (OLD.state = 'READY' AND NEW.state = 'READY' AND OLD.kind = 'nvr-set' AND NEW.kind = 'nvr-member')) BEGIN SELECT RAISE(ABORT, 'what the cloud issued does not change'); END;
CREATE TRIGGER certificates_are_as_issued BEFORE UPDATE ON certificates WHEN NEW.id <> OLD.id OR NEW.channel <> OLD.channel OR NEW.product_key <> OLD.product_key OR NEW.device_name <> OLD.device_name OR NEW.iot_id <> OLD.iot_id OR NEW.device_id <> OLD.device_id OR NEW.node_id <> OLD.node_id OR NEW.cloud_status <> OLD.cloud_status OR NEW.content <> OLD.content OR (NEW.secret IS NOT OLD.secret AND NEW.secret IS NOT NULL) OR (NEW.product_secret IS NOT OLD.product_secret AND NEW.product_secret IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'a certificate is as the cloud issued it'); END;
CREATE TRIGGER secrets_end_with_the_identity BEFORE UPDATE OF secret, product_secret ON certificates WHEN (OLD.secret IS NOT NEW.secret OR OLD.product_secret IS NOT NEW.product_secret) AND (SELECT state FROM identities WHERE id = OLD.identity) NOT IN ('CONSUMED','RETIRED') BEGIN SELECT RAISE(ABORT, 'a secret is destroyed only after CONSUMED or RETIRED'); END;
CREATE TRIGGER certificates_move_only_when_a_set_opens BEFORE UPDATE OF identity ON certificates WHEN NEW.identity <> OLD.identity AND NOT EXISTS (SELECT 1 FROM identities o, identities n WHERE o.id = OLD.identity AND n.id = NEW.identity AND o.state = 'READY' AND n.state = 'READY' AND n.set_of = o.id AND n.channel = OLD.channel) BEGIN SELECT RAISE(ABORT, 'a certificate leaves its set only when the set is opened into members'); END;
CREATE TRIGGER requests_keep_their_question BEFORE UPDATE ON cloud_requests WHEN NEW.id <> OLD.id OR NEW.request_id <> OLD.request_id OR NEW.operation <> OLD.operation OR NEW.product_key <> OLD.product_key OR NEW.detail <> OLD.detail OR OLD.state IN ('ANSWERED','REFUSED') BEGIN SELECT RAISE(ABORT, 'a journalled request keeps its question and its answer'); END;
CREATE TRIGGER tally_in AFTER INSERT ON identities BEGIN 
  INSERT INTO tallies VALUES (NEW.product_key, NEW.kind, NEW.state, 1, NEW.size)
  ON CONFLICT DO UPDATE SET identities = identities + excluded.identities,
                            certificates = certificates + excluded.certificates;
 END;
CREATE TRIGGER tally_move AFTER UPDATE OF state, kind, size ON identities BEGIN
  
  INSERT INTO tallies VALUES (OLD.product_key, OLD.kind, OLD.state, -1, -OLD.size)
  ON CONFLICT DO UPDATE SET identities = identities + excluded.identities,
                            certificates = certificates + excluded.certificates;
 
  INSERT INTO tallies VALUES (NEW.product_key, NEW.kind, NEW.state, 1, NEW.size)
  ON CONFLICT DO UPDATE SET identities = identities + excluded.identities,
                            certificates = certificates + excluded.certificates;

END;
CREATE TRIGGER count_in AFTER INSERT ON identities BEGIN
  UPDATE batches SET received = received + NEW.size WHERE id = NEW.batch;
END;
CREATE TRIGGER count_size AFTER UPDATE OF size ON identities WHEN NEW.size <> OLD.size BEGIN
  UPDATE batches SET received = received + NEW.size - OLD.size WHERE id = NEW.batch;
END;
