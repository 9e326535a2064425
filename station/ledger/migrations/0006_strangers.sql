-- SPDX-License-Identifier: GPL-3.0-or-later
-- Boards that may hold a part of an identity which is married to another board, and boards without a uid that a
-- supervisor has vouched for.

CREATE TABLE strangers (
  id           INTEGER PRIMARY KEY,
  board_uid    TEXT NOT NULL,                 -- the board that answered although it was not the one identified
  identity     INTEGER NOT NULL REFERENCES identities(id),
  attempt      INTEGER NOT NULL,              -- during which it came to that
  found_line   INTEGER NOT NULL REFERENCES audit(seq),
  fate         TEXT CHECK (fate IN ('wiped','scrapped')),  -- a supervisor's word; until then it may hold anything
  settled_line INTEGER REFERENCES audit(seq),
  CHECK ((fate IS NULL) = (settled_line IS NULL))
);
CREATE UNIQUE INDEX one_stranger_at_a_time ON strangers(board_uid, identity) WHERE fate IS NULL;
CREATE INDEX strangers_of ON strangers(identity);
CREATE INDEX strangers_by_uid ON strangers(board_uid);

CREATE TABLE vouched (                        -- "the blank board under this label is the one in doubt", for one attempt
  identity INTEGER NOT NULL REFERENCES identities(id),
  attempt  INTEGER NOT NULL,
  line     INTEGER NOT NULL REFERENCES audit(seq),
  PRIMARY KEY (identity, attempt)
) WITHOUT ROWID;

CREATE TRIGGER keep_strangers BEFORE DELETE ON strangers
BEGIN SELECT RAISE(ABORT, 'I3: no row of strangers is deleted'); END;
CREATE TRIGGER add_strangers BEFORE INSERT ON strangers
WHEN EXISTS (SELECT 1 FROM strangers WHERE id = NEW.id
             OR (board_uid = NEW.board_uid AND identity = NEW.identity AND fate IS NULL))
BEGIN SELECT RAISE(ABORT, 'I3: strangers: UNIQUE'); END;
CREATE TRIGGER strangers_are_audited BEFORE INSERT ON strangers
WHEN NEW.fate IS NOT NULL OR NOT EXISTS (SELECT 1 FROM audit a WHERE a.seq = NEW.found_line AND a.event = 'stranger'
     AND a.board_uid = NEW.board_uid AND a.identity = NEW.identity)
BEGIN SELECT RAISE(ABORT, 'I10: no stranger without its audit line'); END;
CREATE TRIGGER strangers_are_settled_once BEFORE UPDATE ON strangers
WHEN OLD.fate IS NOT NULL OR NEW.fate IS NULL OR NEW.id <> OLD.id OR NEW.board_uid <> OLD.board_uid
     OR NEW.identity <> OLD.identity OR NEW.attempt <> OLD.attempt OR NEW.found_line <> OLD.found_line
     OR NOT EXISTS (SELECT 1 FROM audit a WHERE a.seq = NEW.settled_line AND a.event = 'stranger settled'
                    AND a.board_uid = NEW.board_uid AND a.identity = NEW.identity)
BEGIN SELECT RAISE(ABORT, 'what became of a stranger is said once, with an audit line'); END;

CREATE TRIGGER keep_vouched BEFORE DELETE ON vouched
BEGIN SELECT RAISE(ABORT, 'I3: no row of vouched is deleted'); END;
CREATE TRIGGER fix_vouched BEFORE UPDATE ON vouched
BEGIN SELECT RAISE(ABORT, 'vouched is append-only'); END;
CREATE TRIGGER add_vouched BEFORE INSERT ON vouched
WHEN EXISTS (SELECT 1 FROM vouched WHERE identity = NEW.identity AND attempt = NEW.attempt)
BEGIN SELECT RAISE(ABORT, 'I3: vouched: UNIQUE'); END;
CREATE TRIGGER vouched_is_audited BEFORE INSERT ON vouched
WHEN NOT EXISTS (SELECT 1 FROM audit a WHERE a.seq = NEW.line AND a.event = 'vouched' AND a.identity = NEW.identity
     AND a.attempt = NEW.attempt)
BEGIN SELECT RAISE(ABORT, 'I10: nobody vouches without an audit line'); END;

CREATE TRIGGER a_doubt_waits_for_the_stranger BEFORE UPDATE ON identities
WHEN NEW.state IN ('WRITING','CONSUMED') AND OLD.state = 'IN_DOUBT'
     AND EXISTS (SELECT 1 FROM strangers WHERE identity = NEW.id AND fate IS NULL)
BEGIN SELECT RAISE(ABORT, 'another board may hold a part of it: its fate comes first'); END;
CREATE TRIGGER a_stranger_takes_no_identity BEFORE UPDATE ON identities
WHEN NEW.state = 'RESERVED'
     AND EXISTS (SELECT 1 FROM strangers WHERE board_uid = NEW.board_uid AND (fate IS NULL OR fate = 'scrapped'))
BEGIN SELECT RAISE(ABORT, 'this board may hold a part of another identity'); END;
