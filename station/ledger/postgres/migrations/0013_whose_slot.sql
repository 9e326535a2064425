-- SPDX-License-Identifier: GPL-3.0-or-later
-- Slots of a line's benches may be called alike: a stay, a lock and an unlock say at which bench it was, by the bench's
-- number. '' is nobody's in particular: of the station's lock every bench's, of a slot's that of each slot called so.

ALTER TABLE visits ADD COLUMN bench TEXT COLLATE "C" NOT NULL DEFAULT '';
DROP INDEX visits_by_slot;
CREATE INDEX visits_by_slot ON visits(bench, slot, id);

ALTER TABLE locks ADD COLUMN bench TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE locks DROP CONSTRAINT locks_pkey;
ALTER TABLE locks ADD PRIMARY KEY (bench, scope);
ALTER TABLE locks ADD CHECK (scope <> '' OR bench = '');

ALTER TABLE unlocks ADD COLUMN bench TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE unlocks DROP CONSTRAINT unlocks_pkey;
ALTER TABLE unlocks ADD PRIMARY KEY (bench, scope);
ALTER TABLE unlocks ADD CHECK (scope <> '' OR bench = '');
