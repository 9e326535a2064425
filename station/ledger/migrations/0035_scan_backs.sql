-- SPDX-License-Identifier: GPL-3.0-or-later
-- Printed labels that a slot owes a scan: a fact of its own, which no unlock for another reason ends.

CREATE TABLE scan_backs (
  id         INTEGER PRIMARY KEY,
  identity   INTEGER NOT NULL REFERENCES identities(id),
  bench      TEXT NOT NULL,
  slot       TEXT NOT NULL CHECK (slot <> ''),
  owed_line  INTEGER NOT NULL REFERENCES audit(seq),
  ended_line INTEGER REFERENCES audit(seq)      -- of the scan, or of the supervisor's waiver; NULL: it is still owed
);
CREATE UNIQUE INDEX one_scan_back_an_identity ON scan_backs(identity) WHERE ended_line IS NULL;
CREATE INDEX owed_in_slot ON scan_backs(bench, slot) WHERE ended_line IS NULL;
CREATE INDEX scan_backs_ever ON scan_backs(identity);

CREATE TRIGGER keep_scan_backs BEFORE DELETE ON scan_backs
BEGIN SELECT RAISE(ABORT, 'I3: no row of scan_backs is deleted'); END;
CREATE TRIGGER add_scan_backs BEFORE INSERT ON scan_backs
WHEN EXISTS (SELECT 1 FROM scan_backs WHERE id = NEW.id OR (ended_line IS NULL AND identity = NEW.identity))
BEGIN SELECT RAISE(ABORT, 'I3: scan_backs: UNIQUE'); END;
CREATE TRIGGER scan_backs_are_audited BEFORE INSERT ON scan_backs
WHEN NEW.ended_line IS NOT NULL OR NOT EXISTS (SELECT 1 FROM audit a WHERE a.seq = NEW.owed_line
     AND a.event = 'label owed' AND a.identity = NEW.identity AND a.slot = NEW.slot)
BEGIN SELECT RAISE(ABORT, 'I10: no scan of a label is owed without its audit line'); END;
CREATE TRIGGER scan_backs_end_once BEFORE UPDATE ON scan_backs
WHEN OLD.ended_line IS NOT NULL OR NEW.ended_line IS NULL OR NEW.id <> OLD.id OR NEW.identity <> OLD.identity
     OR NEW.bench <> OLD.bench OR NEW.slot <> OLD.slot OR NEW.owed_line <> OLD.owed_line
     OR NEW.ended_line <= OLD.owed_line
     OR NOT EXISTS (SELECT 1 FROM audit a WHERE a.seq = NEW.ended_line AND a.identity = NEW.identity
                    AND a.event IN ('label scanned back','label waived'))
BEGIN SELECT RAISE(ABORT, 'a label is owed until it is scanned back or a supervisor waives it, once'); END;
