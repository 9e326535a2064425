-- SPDX-License-Identifier: GPL-3.0-or-later
-- What the factory's systems are told of each visit, and by whose order. A visit's row is the event, made by the
-- transaction that ends the visit; here stands how far each receiver has it, and what it refused.

CREATE TABLE receivers (
  name    TEXT COLLATE "C" PRIMARY KEY,
  since   TEXT COLLATE "C" NOT NULL,
  settled BIGINT NOT NULL,                   -- each visit up to this one it has, or it stands in held_events
  trouble TEXT COLLATE "C" NOT NULL
);
CREATE TRIGGER receivers_go_forward BEFORE UPDATE ON receivers FOR EACH ROW
  WHEN (NEW.name <> OLD.name OR NEW.since <> OLD.since OR NEW.settled < OLD.settled)
  EXECUTE FUNCTION refuse('what a receiver has is not taken back');

CREATE TABLE held_events (
  receiver   TEXT COLLATE "C" NOT NULL REFERENCES receivers(name),
  visit      BIGINT NOT NULL REFERENCES visits(id),
  state      TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting','refused','sent','skipped')),
  why        TEXT COLLATE "C" NOT NULL,
  changed_at TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (receiver, visit)
);
CREATE INDEX held_events_open ON held_events(receiver, visit) WHERE state IN ('waiting','refused');
CREATE TRIGGER fix_held_events BEFORE UPDATE ON held_events FOR EACH ROW
  WHEN (NEW.receiver <> OLD.receiver OR NEW.visit <> OLD.visit OR OLD.state IN ('sent','skipped'))
  EXECUTE FUNCTION refuse('what was sent or skipped stays so');

CREATE TABLE ordered (
  identity   BIGINT NOT NULL REFERENCES identities(id),
  attempt    BIGINT NOT NULL,
  work_order TEXT COLLATE "C" NOT NULL CHECK (work_order <> ''),
  PRIMARY KEY (identity, attempt)
);
CREATE INDEX ordered_by ON ordered(work_order, identity);
CREATE TRIGGER fix_ordered BEFORE UPDATE ON ordered FOR EACH ROW EXECUTE FUNCTION refuse('ordered is append-only');

DO $$
DECLARE
  table_ text;
  rule record;
BEGIN
  FOREACH table_ IN ARRAY ARRAY['receivers','held_events','ordered']
  LOOP
    EXECUTE format('CREATE TRIGGER keep_%1$s BEFORE DELETE ON %1$s FOR EACH ROW EXECUTE FUNCTION refuse(%2$L)',
      table_, 'I3: no row of ' || table_ || ' is deleted');
    EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION refuse(%L)',
      table_, 'I3: ' || table_ || ' is never emptied');
    FOR rule IN SELECT tgname FROM pg_trigger WHERE tgrelid = table_::regclass AND NOT tgisinternal
    LOOP
      EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', table_, rule.tgname);
    END LOOP;
  END LOOP;
END $$;
