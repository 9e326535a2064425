-- SPDX-License-Identifier: GPL-3.0-or-later
-- What a witness says was written to a board, so that a ledger that was set back does not write over it what it holds.

ALTER TABLE foretold ADD COLUMN content TEXT NOT NULL DEFAULT '';  -- keyed mark of all its certificates; '' by older ones
