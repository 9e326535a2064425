-- SPDX-License-Identifier: GPL-3.0-or-later
-- Product serial numbers, as they were scanned from boards. One that was wrong is ended by a supervisor's word and stays.

CREATE TABLE serials (
  id         INTEGER PRIMARY KEY,
  board_uid  TEXT NOT NULL,
  serial     TEXT NOT NULL CHECK (serial <> ''),
  given_line INTEGER NOT NULL REFERENCES audit(seq),
  ended_line INTEGER REFERENCES audit(seq)      -- of the supervisor's word; NULL: the board has it now
);
CREATE UNIQUE INDEX one_serial_a_board ON serials(board_uid) WHERE ended_line IS NULL;
CREATE UNIQUE INDEX one_board_a_serial ON serials(serial) WHERE ended_line IS NULL;
CREATE INDEX serials_ever ON serials(serial);

CREATE TRIGGER keep_serials BEFORE DELETE ON serials
BEGIN SELECT RAISE(ABORT, 'I3: no row of serials is deleted'); END;
CREATE TRIGGER add_serials BEFORE INSERT ON serials
WHEN EXISTS (SELECT 1 FROM serials WHERE id = NEW.id
             OR (ended_line IS NULL AND (board_uid = NEW.board_uid OR serial = NEW.serial)))
BEGIN SELECT RAISE(ABORT, 'I3: serials: UNIQUE'); END;
CREATE TRIGGER serials_are_audited BEFORE INSERT ON serials
WHEN NEW.ended_line IS NOT NULL OR NOT EXISTS (SELECT 1 FROM audit a WHERE a.seq = NEW.given_line
     AND a.event = 'serial given' AND a.board_uid = NEW.board_uid)
BEGIN SELECT RAISE(ABORT, 'I10: no serial number without its audit line'); END;
CREATE TRIGGER serials_end_once BEFORE UPDATE ON serials
WHEN OLD.ended_line IS NOT NULL OR NEW.ended_line IS NULL OR NEW.id <> OLD.id OR NEW.board_uid <> OLD.board_uid
     OR NEW.serial <> OLD.serial OR NEW.given_line <> OLD.given_line
     OR NOT EXISTS (SELECT 1 FROM audit a WHERE a.seq = NEW.ended_line AND a.event = 'serial taken away'
                    AND a.board_uid = NEW.board_uid)
BEGIN SELECT RAISE(ABORT, 'a serial number stays on its board until a supervisor takes it away, once'); END;
