-- SPDX-License-Identifier: GPL-3.0-or-later
-- A CHECK that comes to NULL passes: evidence or a reason that was missing altogether was let through where one that
-- was wrong is refused.

CREATE TRIGGER consumed_has_all_its_evidence BEFORE UPDATE OF state ON identities
WHEN NEW.state = 'CONSUMED' AND (NEW.expected IS NULL OR NEW.found IS NOT NEW.expected
     OR NEW.uid_after IS NOT NEW.board_uid OR NEW.method IS NULL)
BEGIN SELECT RAISE(ABORT, 'I5: CONSUMED implies evidence'); END;
CREATE TRIGGER retired_has_a_reason BEFORE UPDATE OF state ON identities
WHEN NEW.state = 'RETIRED' AND length(coalesce(NEW.reason, '')) = 0
BEGIN SELECT RAISE(ABORT, 'RETIRED has a reason'); END;
