-- SPDX-License-Identifier: GPL-3.0-or-later
-- One board, several spellings. Older stations took 5a-00-c0-ff-ee-01, sn5a00c0ffee01 and 5a00c0ffee01 for three boards.
-- The rows and the audit stay as they were written, since the chain hashes them and evidence names them; this table says
-- which of their spellings is which board. Two identities that come together here stay two rows, for a person to settle.
--
-- A spelling is a word (mac, uid, sn) and a hex number of 8 digits or more, in groups of 2, 4, 6 or 8, or as a UUID.

CREATE TABLE spellings (
  spelling TEXT PRIMARY KEY,                 -- as the rows have it
  uid      TEXT NOT NULL                     -- the digits alone
) WITHOUT ROWID;

CREATE INDEX spellings_of_board ON spellings(uid);

INSERT INTO spellings
WITH RECURSIVE
  old(u) AS (SELECT board_uid FROM identities WHERE board_uid GLOB '*[-._]*' OR board_uid GLOB 'sn*'
               OR board_uid GLOB 'mac*' OR board_uid GLOB 'uid*'
             UNION SELECT board_uid FROM visits WHERE board_uid GLOB '*[-._]*' OR board_uid GLOB 'sn*'
               OR board_uid GLOB 'mac*' OR board_uid GLOB 'uid*'
             UNION SELECT board_uid FROM audit WHERE board_uid GLOB '*[-._]*' OR board_uid GLOB 'sn*'
               OR board_uid GLOB 'mac*' OR board_uid GLOB 'uid*'),
  number(u, x) AS (SELECT u, u FROM old
                   UNION SELECT u, ltrim(substr(u, 3), '-._') FROM old WHERE u GLOB 'sn*'
                   UNION SELECT u, ltrim(substr(u, 4), '-._') FROM old WHERE u GLOB 'mac*' OR u GLOB 'uid*'),
  digits(u, x, b) AS (SELECT u, x, replace(replace(replace(x, '-', ''), '.', ''), '_', '') FROM number),
  hex(u, x, b) AS (SELECT u, x, b FROM digits WHERE length(b) >= 8 AND b NOT GLOB '*[^0-9a-f]*'),
  shape(separator, size) AS (VALUES ('-', 2), ('-', 4), ('-', 6), ('-', 8), ('.', 2), ('.', 4), ('.', 6), ('.', 8),
                                    ('_', 2), ('_', 4), ('_', 6), ('_', 8)),
  grouped(u, x, b, separator, size, made, rest) AS (
    SELECT u, x, b, separator, size, substr(b, 1, size), substr(b, size + 1) FROM hex, shape
      WHERE x <> b AND length(b) % size = 0
    UNION ALL
    SELECT u, x, b, separator, size, made || separator || substr(rest, 1, size), substr(rest, size + 1) FROM grouped
      WHERE rest <> ''),
  uuid(u, b) AS (SELECT u, b FROM hex, (SELECT '-' AS s UNION SELECT '.' UNION SELECT '_')
                 WHERE length(b) = 32 AND x = substr(b, 1, 8) || s || substr(b, 9, 4) || s || substr(b, 13, 4) || s
                                              || substr(b, 17, 4) || s || substr(b, 21))
SELECT u, b FROM hex WHERE x = b AND u <> b
UNION SELECT u, b FROM grouped WHERE rest = '' AND made = x
UNION SELECT u, b FROM uuid;

CREATE TRIGGER keep_spellings BEFORE DELETE ON spellings BEGIN SELECT RAISE(ABORT, 'I3: no row of spellings is deleted'); END;
CREATE TRIGGER fix_spellings BEFORE UPDATE ON spellings BEGIN SELECT RAISE(ABORT, 'spellings are as the step found them'); END;
CREATE TRIGGER one_board_however_spelt BEFORE UPDATE OF state, board_uid ON identities WHEN NEW.board_uid IS NOT OLD.board_uid AND NEW.state IN ('RESERVED','WRITING','IN_DOUBT','CONSUMED') AND EXISTS (SELECT 1 FROM spellings s JOIN identities i ON i.board_uid = s.spelling WHERE s.uid = NEW.board_uid AND i.id <> OLD.id AND i.state IN ('RESERVED','WRITING','IN_DOUBT','CONSUMED')) BEGIN SELECT RAISE(ABORT, 'I2: UNIQUE: this board has an identity under another spelling'); END;
