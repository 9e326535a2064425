-- SPDX-License-Identifier: GPL-3.0-or-later
-- A serial number's audit line tells of that very number, and of one that is taken away came after it was given: any
-- older line of the same board proved it before. And no receiver has a visit that has not ended.

CREATE OR REPLACE FUNCTION serials_are_audited() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF NEW.ended_line IS NOT NULL OR NOT EXISTS (SELECT 1 FROM audit a WHERE a.seq = NEW.given_line
      AND a.event = 'serial given' AND a.board_uid = NEW.board_uid AND a.detail::jsonb ->> 'serial' = NEW.serial) THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION serials_end_once() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF OLD.ended_line IS NOT NULL OR NEW.ended_line IS NULL OR NEW.id <> OLD.id OR NEW.board_uid <> OLD.board_uid
    OR NEW.serial <> OLD.serial OR NEW.given_line <> OLD.given_line OR NEW.ended_line <= OLD.given_line
    OR NOT EXISTS (SELECT 1 FROM audit a WHERE a.seq = NEW.ended_line AND a.event = 'serial taken away'
      AND a.board_uid = NEW.board_uid AND a.detail::jsonb ->> 'serial' = NEW.serial) THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION receivers_have_what_was() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  before bigint := 0;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    before := OLD.settled;
  END IF;
  IF NEW.settled > before AND NOT EXISTS (SELECT 1 FROM visits v WHERE v.id >= NEW.settled) THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER receivers_have_what_was BEFORE UPDATE ON receivers FOR EACH ROW
  EXECUTE FUNCTION receivers_have_what_was('a receiver has no visit that has not ended');
CREATE TRIGGER receivers_begin_with_what_was BEFORE INSERT ON receivers FOR EACH ROW
  EXECUTE FUNCTION receivers_have_what_was('a receiver has no visit that has not ended');

ALTER TABLE receivers ENABLE ALWAYS TRIGGER receivers_have_what_was,
  ENABLE ALWAYS TRIGGER receivers_begin_with_what_was;
