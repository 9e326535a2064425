-- SPDX-License-Identifier: GPL-3.0-or-later
-- What the factory's systems are told of each visit, and by whose order. A visit's row is the event, made by the
-- transaction that ends the visit; here stands how far each receiver has it, and what it refused.

CREATE TABLE receivers (
  name    TEXT PRIMARY KEY,
  since   TEXT NOT NULL,                     -- when it was begun
  settled INTEGER NOT NULL,                  -- each visit up to this one it has, or it stands in held_events
  trouble TEXT NOT NULL                      -- why it takes nothing now; '' when it does
) WITHOUT ROWID;
CREATE TRIGGER keep_receivers BEFORE DELETE ON receivers BEGIN SELECT RAISE(ABORT, 'I3: no row of receivers is deleted'); END;
CREATE TRIGGER add_receivers BEFORE INSERT ON receivers WHEN EXISTS (SELECT 1 FROM receivers WHERE name = NEW.name) BEGIN SELECT RAISE(ABORT, 'I3: receivers: UNIQUE'); END;
CREATE TRIGGER receivers_go_forward BEFORE UPDATE ON receivers WHEN
  NEW.name <> OLD.name OR NEW.since <> OLD.since OR NEW.settled < OLD.settled
BEGIN SELECT RAISE(ABORT, 'what a receiver has is not taken back'); END;

CREATE TABLE held_events (                   -- out of turn: refused by a receiver, or behind one of the same board
  receiver   TEXT NOT NULL REFERENCES receivers(name),
  visit      INTEGER NOT NULL REFERENCES visits(id),
  state      TEXT NOT NULL CHECK (state IN ('waiting','refused','sent','skipped')),
  why        TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  PRIMARY KEY (receiver, visit)
) WITHOUT ROWID;
CREATE INDEX held_events_open ON held_events(receiver, visit) WHERE state IN ('waiting','refused');
CREATE TRIGGER keep_held_events BEFORE DELETE ON held_events BEGIN SELECT RAISE(ABORT, 'I3: no row of held_events is deleted'); END;
CREATE TRIGGER add_held_events BEFORE INSERT ON held_events WHEN EXISTS (SELECT 1 FROM held_events WHERE receiver = NEW.receiver AND visit = NEW.visit) BEGIN SELECT RAISE(ABORT, 'I3: held_events: UNIQUE'); END;
CREATE TRIGGER fix_held_events BEFORE UPDATE ON held_events WHEN
  NEW.receiver <> OLD.receiver OR NEW.visit <> OLD.visit OR OLD.state IN ('sent','skipped')
BEGIN SELECT RAISE(ABORT, 'what was sent or skipped stays so'); END;

CREATE TABLE ordered (                       -- by which work order an identity was taken for a board
  identity   INTEGER NOT NULL REFERENCES identities(id),
  attempt    INTEGER NOT NULL,
  work_order TEXT NOT NULL CHECK (work_order <> ''),
  PRIMARY KEY (identity, attempt)
) WITHOUT ROWID;
CREATE INDEX ordered_by ON ordered(work_order, identity);
CREATE TRIGGER keep_ordered BEFORE DELETE ON ordered BEGIN SELECT RAISE(ABORT, 'I3: no row of ordered is deleted'); END;
CREATE TRIGGER add_ordered BEFORE INSERT ON ordered WHEN EXISTS (SELECT 1 FROM ordered WHERE identity = NEW.identity AND attempt = NEW.attempt) BEGIN SELECT RAISE(ABORT, 'I3: ordered: UNIQUE'); END;
CREATE TRIGGER fix_ordered BEFORE UPDATE ON ordered BEGIN SELECT RAISE(ABORT, 'ordered is append-only'); END;
