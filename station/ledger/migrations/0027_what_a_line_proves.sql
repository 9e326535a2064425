-- SPDX-License-Identifier: GPL-3.0-or-later
-- A serial number's audit line tells of that very number, and of one that is taken away came after it was given: any
-- older line of the same board proved it before. And no receiver has a visit that has not ended.

DROP TRIGGER serials_are_audited;
CREATE TRIGGER serials_are_audited BEFORE INSERT ON serials
WHEN NEW.ended_line IS NOT NULL OR NOT EXISTS (SELECT 1 FROM audit a WHERE a.seq = NEW.given_line
     AND a.event = 'serial given' AND a.board_uid = NEW.board_uid AND json_extract(a.detail, '$.serial') = NEW.serial)
BEGIN SELECT RAISE(ABORT, 'I10: no serial number without its audit line'); END;

DROP TRIGGER serials_end_once;
CREATE TRIGGER serials_end_once BEFORE UPDATE ON serials
WHEN OLD.ended_line IS NOT NULL OR NEW.ended_line IS NULL OR NEW.id <> OLD.id OR NEW.board_uid <> OLD.board_uid
     OR NEW.serial <> OLD.serial OR NEW.given_line <> OLD.given_line OR NEW.ended_line <= OLD.given_line
     OR NOT EXISTS (SELECT 1 FROM audit a WHERE a.seq = NEW.ended_line AND a.event = 'serial taken away'
                    AND a.board_uid = NEW.board_uid AND json_extract(a.detail, '$.serial') = NEW.serial)
BEGIN SELECT RAISE(ABORT, 'a serial number stays on its board until a supervisor takes it away, once'); END;

CREATE TRIGGER receivers_have_what_was BEFORE UPDATE ON receivers
WHEN NEW.settled > OLD.settled AND NOT EXISTS (SELECT 1 FROM visits v WHERE v.id >= NEW.settled)
BEGIN SELECT RAISE(ABORT, 'a receiver has no visit that has not ended'); END;
CREATE TRIGGER receivers_begin_with_what_was BEFORE INSERT ON receivers
WHEN NEW.settled > 0 AND NOT EXISTS (SELECT 1 FROM visits v WHERE v.id >= NEW.settled)
BEGIN SELECT RAISE(ABORT, 'a receiver has no visit that has not ended'); END;
