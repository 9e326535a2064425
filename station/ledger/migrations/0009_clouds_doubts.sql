-- SPDX-License-Identifier: GPL-3.0-or-later
-- What a cloud leaves open: devices that may be ours, answers that nobody understood, odd items, sets still to be filled.

ALTER TABLE registrations ADD COLUMN why TEXT;             -- why a PLANNED one waits for a person; NULL: not asked for yet
ALTER TABLE registrations ADD COLUMN ours INTEGER NOT NULL DEFAULT 0 CHECK (ours IN (0, 1));  -- its secret was reset to ours
DROP TRIGGER fix_registrations;
CREATE TRIGGER fix_registrations BEFORE UPDATE ON registrations
  WHEN NEW.id <> OLD.id OR NEW.mark <> OLD.mark OR NEW.product_key <> OLD.product_key
    OR NEW.device_name <> OLD.device_name OR OLD.state = 'DONE'
    OR (OLD.state = 'TAKEN' AND NEW.state <> 'PLANNED')    -- what was given up may be planned again, with a new secret
  BEGIN SELECT RAISE(ABORT, 'a registration keeps its names and its end'); END;

ALTER TABLE cloud_requests ADD COLUMN raw TEXT;            -- the beginning of an answer not understood, without secrets

CREATE TABLE odd_items (                     -- of a batch: what came and could not be believed, set aside
  id        INTEGER PRIMARY KEY,
  provider  TEXT NOT NULL,
  batch_id  TEXT NOT NULL,
  item      TEXT NOT NULL,                   -- productKey/deviceName, or a digest of what came where it has no name
  place     TEXT NOT NULL,                   -- page and item, when it came last
  why       TEXT NOT NULL,
  raw       TEXT NOT NULL,                   -- JSON as it came, without secrets, cut short
  seen_at   TEXT NOT NULL,
  healed_at TEXT,                            -- when a later pull brought it as it should be, or no longer brought it
  UNIQUE (provider, batch_id, item)
);
CREATE INDEX open_odd_items ON odd_items(provider, batch_id) WHERE healed_at IS NULL;
CREATE TRIGGER keep_odd_items BEFORE DELETE ON odd_items
  BEGIN SELECT RAISE(ABORT, 'I3: no row of odd_items is deleted'); END;
CREATE TRIGGER add_odd_items BEFORE INSERT ON odd_items
  WHEN EXISTS (SELECT 1 FROM odd_items WHERE id = NEW.id
               OR (provider, batch_id, item) = (NEW.provider, NEW.batch_id, NEW.item))
  BEGIN SELECT RAISE(ABORT, 'I3: odd_items: UNIQUE'); END;
CREATE TRIGGER fix_odd_items BEFORE UPDATE ON odd_items
  WHEN NEW.id <> OLD.id OR NEW.provider <> OLD.provider OR NEW.batch_id <> OLD.batch_id OR NEW.item <> OLD.item
  BEGIN SELECT RAISE(ABORT, 'an odd item keeps its name'); END;

-- A set whose cameras arrive later is filled while it is on no board; that it was opened into members stays as it was.
DROP TRIGGER what_was_issued_stays;
CREATE TRIGGER what_was_issued_stays BEFORE UPDATE ON identities
WHEN NEW.id <> OLD.id OR NEW.batch <> OLD.batch OR NEW.provider <> OLD.provider OR NEW.product_key <> OLD.product_key
  OR ((NEW.kind <> OLD.kind OR NEW.set_of IS NOT OLD.set_of OR NEW.channel <> OLD.channel OR NEW.size <> OLD.size)
      AND NOT (OLD.state IN ('READY','WITHHELD') AND NEW.state = OLD.state AND OLD.kind = 'nvr-set'
        AND (NEW.kind = 'nvr-member'
          OR (NEW.kind = 'nvr-set' AND NEW.set_of IS NULL AND NEW.channel = OLD.channel AND NEW.size > OLD.size))))
BEGIN SELECT RAISE(ABORT, 'what the cloud issued does not change'); END;
