-- SPDX-License-Identifier: GPL-3.0-or-later
-- A ledger that was set back: its name for its witnesses, what they tell of boards that its own chain lost, the way into
-- doubt for those, and the lock that nothing but a recovery lifts.

INSERT INTO meta VALUES ('ledger_id', lower(hex(randomblob(16))));

CREATE TABLE foretold (                      -- marriages that a witness tells of and this chain does not
  head      TEXT PRIMARY KEY,                -- of the audit line that made it, in the chain that was lost
  seq       INTEGER NOT NULL,
  name      TEXT NOT NULL,                   -- keyed mark of productKey/deviceName
  kind      TEXT NOT NULL,
  board_uid TEXT NOT NULL,
  at        TEXT NOT NULL                    -- when it was taken over
) WITHOUT ROWID;
CREATE INDEX foretold_names ON foretold(name);
CREATE TRIGGER keep_foretold BEFORE DELETE ON foretold BEGIN SELECT RAISE(ABORT, 'I3: no row of foretold is deleted'); END;
CREATE TRIGGER fix_foretold BEFORE UPDATE ON foretold BEGIN SELECT RAISE(ABORT, 'foretold is append-only'); END;
CREATE TRIGGER add_foretold BEFORE INSERT ON foretold WHEN EXISTS (SELECT 1 FROM foretold WHERE head = NEW.head) BEGIN SELECT RAISE(ABORT, 'I3: foretold: UNIQUE'); END;

DROP TRIGGER only_drawn_transitions;
CREATE TRIGGER only_drawn_transitions BEFORE UPDATE OF state ON identities WHEN NOT (OLD.state = NEW.state OR (OLD.state='CONSUMED' AND NEW.state='RETIRED') OR (OLD.state='IN_DOUBT' AND NEW.state='CONSUMED') OR (OLD.state='IN_DOUBT' AND NEW.state='RETIRED') OR (OLD.state='IN_DOUBT' AND NEW.state='WRITING') OR (OLD.state='READY' AND NEW.state='IN_DOUBT') OR (OLD.state='READY' AND NEW.state='RESERVED') OR (OLD.state='READY' AND NEW.state='RETIRED') OR (OLD.state='READY' AND NEW.state='WITHHELD') OR (OLD.state='RESERVED' AND NEW.state='READY') OR (OLD.state='RESERVED' AND NEW.state='WRITING') OR (OLD.state='WITHHELD' AND NEW.state='IN_DOUBT') OR (OLD.state='WITHHELD' AND NEW.state='READY') OR (OLD.state='WITHHELD' AND NEW.state='RETIRED') OR (OLD.state='WRITING' AND NEW.state='CONSUMED') OR (OLD.state='WRITING' AND NEW.state='IN_DOUBT')) BEGIN SELECT RAISE(ABORT, 'I7: this transition does not exist'); END;
CREATE TRIGGER doubt_without_a_write BEFORE UPDATE OF state ON identities
WHEN OLD.state IN ('READY','WITHHELD') AND NEW.state = 'IN_DOUBT' AND NOT EXISTS (
  SELECT 1 FROM audit WHERE identity = NEW.id AND version = NEW.version
  AND event IN ('married by a witness','learned from its board'))
BEGIN SELECT RAISE(ABORT, 'I10: only a witness or the board itself tells of a write that the chain lost'); END;

-- A set whose members are on boards is opened also while it is withheld.
DROP TRIGGER what_was_issued_stays;
CREATE TRIGGER what_was_issued_stays BEFORE UPDATE ON identities
WHEN NEW.id <> OLD.id OR NEW.batch <> OLD.batch OR NEW.provider <> OLD.provider OR NEW.product_key <> OLD.product_key
  OR ((NEW.kind <> OLD.kind OR NEW.set_of IS NOT OLD.set_of OR NEW.channel <> OLD.channel OR NEW.size <> OLD.size)
      AND NOT (OLD.state IN ('READY','WITHHELD') AND NEW.state = OLD.state AND OLD.kind = 'nvr-set' AND NEW.kind = 'nvr-member'))
BEGIN SELECT RAISE(ABORT, 'what the cloud issued does not change'); END;
DROP TRIGGER certificates_move_only_when_a_set_opens;
CREATE TRIGGER certificates_move_only_when_a_set_opens BEFORE UPDATE OF identity ON certificates
WHEN NEW.identity <> OLD.identity AND NOT EXISTS (
  SELECT 1 FROM identities o, identities n WHERE o.id = OLD.identity AND n.id = NEW.identity
  AND o.state IN ('READY','WITHHELD') AND n.state = o.state AND n.set_of = o.id AND n.channel = OLD.channel)
BEGIN SELECT RAISE(ABORT, 'a certificate leaves its set only when the set is opened into members'); END;

CREATE TRIGGER nothing_is_given_out_of_a_ledger_set_back BEFORE UPDATE OF state ON identities
WHEN OLD.state <> NEW.state AND NEW.state IN ('RESERVED','WRITING')
  AND EXISTS (SELECT 1 FROM locks WHERE scope = '' AND code = 'E702')
BEGIN SELECT RAISE(ABORT, 'this ledger was set back: nothing is given out before a recovery'); END;
CREATE TRIGGER only_recovery_unlocks BEFORE DELETE ON locks
WHEN OLD.scope = '' AND OLD.code = 'E702'
  AND (SELECT event FROM audit ORDER BY seq DESC LIMIT 1) IS NOT 'ledger recovered'
BEGIN SELECT RAISE(ABORT, 'only a recovery ends this lock'); END;
CREATE TRIGGER no_other_lock_in_its_place BEFORE INSERT ON locks
WHEN NEW.scope = '' AND NEW.code <> 'E702' AND EXISTS (SELECT 1 FROM locks WHERE scope = '' AND code = 'E702')
BEGIN SELECT RAISE(ABORT, 'only a recovery ends this lock'); END;
CREATE TRIGGER this_lock_stays BEFORE UPDATE ON locks
WHEN OLD.scope = '' AND OLD.code = 'E702'
BEGIN SELECT RAISE(ABORT, 'only a recovery ends this lock'); END;
