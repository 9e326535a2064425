-- SPDX-License-Identifier: GPL-3.0-or-later
-- Who sent a request: its outcome is unknown as soon as that process is dead, whatever the clock said when it was sent.

ALTER TABLE cloud_requests ADD COLUMN session TEXT;        -- NULL: sent by a station that did not write it down
