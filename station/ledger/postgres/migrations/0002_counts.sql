-- SPDX-License-Identifier: GPL-3.0-or-later
-- Counts kept by triggers, so that a status costs the same at a million certificates.
--
-- One row a product and state would be one queue for every commit of the line: each waits until the one before it is on
-- the disk. So a count is kept in parts, each backend adds to its own, and `tallies` is their sum. A bench may not write
-- to them: the functions do, with the owner's rights.

CREATE TABLE tally_parts (
  product_key  TEXT COLLATE "C" NOT NULL,
  kind         TEXT COLLATE "C" NOT NULL,
  state        TEXT COLLATE "C" NOT NULL,
  part         BIGINT NOT NULL,
  identities   BIGINT NOT NULL,
  certificates BIGINT NOT NULL,
  PRIMARY KEY (product_key, kind, state, part)
) WITH (fillfactor = 50);

CREATE VIEW tallies AS
  SELECT product_key, kind, state, sum(identities)::bigint AS identities, sum(certificates)::bigint AS certificates
  FROM tally_parts GROUP BY product_key, kind, state;

CREATE FUNCTION tally_in() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO tally_parts AS t VALUES (NEW.product_key, NEW.kind, NEW.state, pg_backend_pid() % 1024, 1, NEW.size)
  ON CONFLICT (product_key, kind, state, part) DO UPDATE
    SET identities = t.identities + excluded.identities, certificates = t.certificates + excluded.certificates;
  RETURN NULL;
END $$;
CREATE TRIGGER tally_in AFTER INSERT ON identities FOR EACH ROW EXECUTE FUNCTION tally_in();

-- Both rows in one statement, always in the same order: two backends whose numbers share a part never wait in a circle.
CREATE FUNCTION tally_move() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO tally_parts AS t
    SELECT OLD.product_key, m.kind, m.state, pg_backend_pid() % 1024, sum(m.n), sum(m.c)
    FROM (VALUES (OLD.kind, OLD.state, -1, -OLD.size), (NEW.kind, NEW.state, 1, NEW.size)) AS m(kind, state, n, c)
    GROUP BY m.kind, m.state ORDER BY m.kind, m.state
  ON CONFLICT (product_key, kind, state, part) DO UPDATE
    SET identities = t.identities + excluded.identities, certificates = t.certificates + excluded.certificates;
  RETURN NULL;
END $$;
CREATE TRIGGER tally_move AFTER UPDATE OF state, kind, size ON identities FOR EACH ROW
  WHEN (OLD.state <> NEW.state OR OLD.kind <> NEW.kind OR OLD.size <> NEW.size) EXECUTE FUNCTION tally_move();

CREATE FUNCTION count_in() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE batches SET received = received + NEW.size WHERE id = NEW.batch;
  RETURN NULL;
END $$;
CREATE TRIGGER count_in AFTER INSERT ON identities FOR EACH ROW EXECUTE FUNCTION count_in();

CREATE FUNCTION count_size() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE batches SET received = received + NEW.size - OLD.size WHERE id = NEW.batch;
  RETURN NULL;
END $$;
CREATE TRIGGER count_size AFTER UPDATE OF size ON identities FOR EACH ROW
  WHEN (NEW.size <> OLD.size) EXECUTE FUNCTION count_size();
