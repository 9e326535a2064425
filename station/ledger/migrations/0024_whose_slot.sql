-- SPDX-License-Identifier: GPL-3.0-or-later
-- Slots of benches that share a ledger may be called alike: a stay, a lock and an unlock say at which bench it was, by
-- the bench's number. '' is a file's one bench; of a lock it is also the station's, which is every bench's.

ALTER TABLE visits ADD COLUMN bench TEXT NOT NULL DEFAULT '';
DROP INDEX visits_by_slot;
CREATE INDEX visits_by_slot ON visits(bench, slot, id);

-- A table's key is changed by making it anew; its guards go with the old one. Its columns come first: where they do not,
-- in a table without a rowid, SQLite 3.40's integrity_check says that what is there is missing. With one, REPLACE could
-- take a lock away by its number.
CREATE TABLE kept_meanwhile AS SELECT * FROM locks;
DROP TABLE locks;
CREATE TABLE locks (                         -- slots (or the station, scope '') that wait for a supervisor
  bench TEXT NOT NULL DEFAULT '',
  scope TEXT NOT NULL,
  code  TEXT NOT NULL,
  what  TEXT NOT NULL,
  since TEXT NOT NULL,
  PRIMARY KEY (bench, scope),
  CHECK (scope <> '' OR bench = '')
) WITHOUT ROWID;
INSERT INTO locks (scope, code, what, since) SELECT scope, code, what, since FROM kept_meanwhile;
DROP TABLE kept_meanwhile;
CREATE TRIGGER only_recovery_unlocks BEFORE DELETE ON locks
WHEN OLD.scope = '' AND OLD.code = 'E702'
  AND (SELECT event FROM audit ORDER BY seq DESC LIMIT 1) IS NOT 'ledger recovered'
BEGIN SELECT RAISE(ABORT, 'only a recovery ends this lock'); END;
CREATE TRIGGER no_other_lock_in_its_place BEFORE INSERT ON locks
WHEN NEW.scope = '' AND EXISTS (SELECT 1 FROM locks WHERE scope = '' AND code = 'E702')
BEGIN SELECT RAISE(ABORT, 'only a recovery ends this lock'); END;
CREATE TRIGGER this_lock_stays BEFORE UPDATE ON locks
WHEN OLD.scope = '' AND OLD.code = 'E702' OR NEW.scope <> OLD.scope -- OR REPLACE would take another lock's place
BEGIN SELECT RAISE(ABORT, 'only a recovery ends this lock'); END;

CREATE TABLE kept_meanwhile AS SELECT * FROM unlocks;
DROP TABLE unlocks;
CREATE TABLE unlocks (                       -- outcomes up to this visit no longer count towards a lock
  bench TEXT NOT NULL DEFAULT '',
  scope TEXT NOT NULL,
  visit INTEGER NOT NULL,
  PRIMARY KEY (bench, scope),
  CHECK (scope <> '' OR bench = '')
) WITHOUT ROWID;
INSERT INTO unlocks (scope, visit) SELECT scope, visit FROM kept_meanwhile;
DROP TABLE kept_meanwhile;
