-- SPDX-License-Identifier: GPL-3.0-or-later
-- What an identity may not do. Each rule has the name and says the words that it has in SQLite. What a rule asks of the
-- row alone stands in its WHEN and costs no call; what it asks of other rows stands in a function of the same name.
--
-- Functions find their tables by the path that is set here: a temporary table of the same name, in whatever session,
-- is never taken for one of them.

CREATE FUNCTION refused(rule text, why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = why, CONSTRAINT = rule;
END $$;

CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM refused(TG_NAME, TG_ARGV[0]);
  RETURN NULL;
END $$;

-- the machine

CREATE TRIGGER only_drawn_transitions BEFORE UPDATE OF state ON identities FOR EACH ROW
  WHEN (OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
    ('CONSUMED','RETIRED'), ('IN_DOUBT','CONSUMED'), ('IN_DOUBT','RETIRED'), ('IN_DOUBT','WRITING'),
    ('READY','IN_DOUBT'), ('READY','RESERVED'), ('READY','RETIRED'), ('READY','WITHHELD'),
    ('RESERVED','READY'), ('RESERVED','WRITING'), ('WITHHELD','IN_DOUBT'), ('WITHHELD','READY'),
    ('WITHHELD','RETIRED'), ('WRITING','CONSUMED'), ('WRITING','IN_DOUBT')))
  EXECUTE FUNCTION refuse('I7: this transition does not exist');

CREATE TRIGGER enter_ready_or_withheld BEFORE INSERT ON identities FOR EACH ROW
  WHEN (NEW.state NOT IN ('READY','WITHHELD') OR NEW.version <> 0 OR NEW.attempt <> 0)
  EXECUTE FUNCTION refuse('an identity enters as READY or WITHHELD');

CREATE TRIGGER final_retired BEFORE UPDATE ON identities FOR EACH ROW
  WHEN (OLD.state = 'RETIRED')
  EXECUTE FUNCTION refuse('I7: RETIRED is final');

CREATE TRIGGER board_is_for_life BEFORE UPDATE ON identities FOR EACH ROW
  WHEN (OLD.state IN ('WRITING','IN_DOUBT','CONSUMED') AND NEW.board_uid IS DISTINCT FROM OLD.board_uid)
  EXECUTE FUNCTION refuse('I7: the board is fixed from WRITING on');

CREATE TRIGGER evidence_stays BEFORE UPDATE ON identities FOR EACH ROW
  WHEN (OLD.state = 'CONSUMED' AND (NEW.expected IS DISTINCT FROM OLD.expected OR NEW.found IS DISTINCT FROM OLD.found
    OR NEW.uid_after IS DISTINCT FROM OLD.uid_after OR NEW.method IS DISTINCT FROM OLD.method))
  EXECUTE FUNCTION refuse('I5: evidence does not change');

CREATE TRIGGER attempt_only_grows BEFORE UPDATE ON identities FOR EACH ROW
  WHEN (NEW.attempt < OLD.attempt)
  EXECUTE FUNCTION refuse('I6: an attempt never goes back');

CREATE TRIGGER changes_are_versioned BEFORE UPDATE ON identities FOR EACH ROW
  WHEN (NEW.version <> OLD.version + 1)
  EXECUTE FUNCTION refuse('I6: each change of an identity is one version');

CREATE FUNCTION changes_are_audited() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM audit a WHERE a.identity = NEW.id AND a.version = NEW.version
      AND a.from_state = OLD.state AND a.to_state = NEW.state AND a.attempt = NEW.attempt
      AND a.board_uid IS NOT DISTINCT FROM NEW.board_uid) THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER changes_are_audited BEFORE UPDATE ON identities FOR EACH ROW
  EXECUTE FUNCTION changes_are_audited('I10: no transition without its audit line');

CREATE TRIGGER consumed_has_all_its_evidence BEFORE UPDATE OF state ON identities FOR EACH ROW
  WHEN (NEW.state = 'CONSUMED' AND (NEW.expected IS NULL OR NEW.found IS DISTINCT FROM NEW.expected
    OR NEW.uid_after IS DISTINCT FROM NEW.board_uid OR NEW.method IS NULL))
  EXECUTE FUNCTION refuse('I5: CONSUMED implies evidence');

CREATE TRIGGER retired_has_a_reason BEFORE UPDATE OF state ON identities FOR EACH ROW
  WHEN (NEW.state = 'RETIRED' AND length(coalesce(NEW.reason, '')) = 0)
  EXECUTE FUNCTION refuse('RETIRED has a reason');

CREATE TRIGGER what_was_issued_stays BEFORE UPDATE ON identities FOR EACH ROW
  WHEN (NEW.id <> OLD.id OR NEW.batch <> OLD.batch OR NEW.provider <> OLD.provider OR NEW.product_key <> OLD.product_key
    OR ((NEW.kind <> OLD.kind OR NEW.set_of IS DISTINCT FROM OLD.set_of OR NEW.channel <> OLD.channel
         OR NEW.size <> OLD.size)
      AND NOT (OLD.state IN ('READY','WITHHELD') AND NEW.state = OLD.state AND OLD.kind = 'nvr-set'
        AND (NEW.kind = 'nvr-member'
          OR (NEW.kind = 'nvr-set' AND NEW.set_of IS NULL AND NEW.channel = OLD.channel AND NEW.size > OLD.size)))))
  EXECUTE FUNCTION refuse('what the cloud issued does not change');

-- one board, one identity; the index one_identity_a_board is the other half

CREATE FUNCTION one_board_however_spelt() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM spellings s JOIN identities i ON i.board_uid = s.spelling
      WHERE s.uid = NEW.board_uid AND i.id <> OLD.id AND i.state IN ('RESERVED','WRITING','IN_DOUBT','CONSUMED')) THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER one_board_however_spelt BEFORE UPDATE OF state, board_uid ON identities FOR EACH ROW
  WHEN (NEW.board_uid IS DISTINCT FROM OLD.board_uid AND NEW.state IN ('RESERVED','WRITING','IN_DOUBT','CONSUMED'))
  EXECUTE FUNCTION one_board_however_spelt('I2: UNIQUE: this board has an identity under another spelling');

CREATE FUNCTION a_stranger_takes_no_identity() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM strangers WHERE board_uid = NEW.board_uid AND (fate IS NULL OR fate = 'scrapped')) THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER a_stranger_takes_no_identity BEFORE UPDATE ON identities FOR EACH ROW
  WHEN (NEW.state = 'RESERVED')
  EXECUTE FUNCTION a_stranger_takes_no_identity('this board may hold a part of another identity');

CREATE FUNCTION a_doubt_waits_for_the_stranger() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM strangers WHERE identity = NEW.id AND fate IS NULL) THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER a_doubt_waits_for_the_stranger BEFORE UPDATE ON identities FOR EACH ROW
  WHEN (OLD.state = 'IN_DOUBT' AND NEW.state IN ('WRITING','CONSUMED'))
  EXECUTE FUNCTION a_doubt_waits_for_the_stranger('another board may hold a part of it: its fate comes first');

-- keys of boards

CREATE TRIGGER board_key_comes_with_writing BEFORE UPDATE ON identities FOR EACH ROW
  WHEN (OLD.board_key IS NULL AND NEW.board_key IS NOT NULL
    AND NOT (NEW.state = 'WRITING' AND OLD.state IN ('RESERVED','IN_DOUBT')))
  EXECUTE FUNCTION refuse('a board key is set by what marries the identity to its board');

CREATE TRIGGER board_key_stays BEFORE UPDATE ON identities FOR EACH ROW
  WHEN (OLD.board_key IS NOT NULL AND NEW.board_key IS DISTINCT FROM OLD.board_key)
  EXECUTE FUNCTION refuse('a board key never changes');

CREATE TRIGGER no_board_key_without_a_board BEFORE INSERT ON identities FOR EACH ROW
  WHEN (NEW.board_key IS NOT NULL)
  EXECUTE FUNCTION refuse('an identity enters without a board key');

-- the way back

CREATE FUNCTION never_back_from_a_board() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM found_on_boards WHERE identity = NEW.id) OR EXISTS (
      SELECT 1 FROM audit WHERE identity = NEW.id AND (event = 'found on a board' OR to_state = 'WRITING')) THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER never_back_from_a_board BEFORE UPDATE OF state ON identities FOR EACH ROW
  WHEN (OLD.state = 'WITHHELD' AND NEW.state = 'READY')
  EXECUTE FUNCTION never_back_from_a_board('I1: what was on a board never comes back');

CREATE FUNCTION back_after_the_cloud() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF (SELECT source FROM batches WHERE id = OLD.batch) = 'cloud' AND EXISTS (
      SELECT 1 FROM certificates c LEFT JOIN cloud_answers w ON w.certificate = c.id
        AND w.line = (SELECT max(line) FROM cloud_answers WHERE certificate = c.id)
      WHERE c.identity = OLD.id AND (w.line IS NULL OR w.status > 0 OR w.line < coalesce(
        (SELECT seq FROM audit WHERE identity = OLD.id AND version = OLD.version), 0))) THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER back_after_the_cloud BEFORE UPDATE OF state ON identities FOR EACH ROW
  WHEN (OLD.state = 'WITHHELD' AND NEW.state = 'READY')
  EXECUTE FUNCTION back_after_the_cloud('the cloud is asked before a withheld identity comes back');

CREATE FUNCTION back_by_a_supervisor() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM audit WHERE identity = NEW.id AND version = NEW.version AND event = 'let back'
      AND length(trim(detail::json ->> 'why')) > 0 AND length(trim(detail::json ->> 'by')) > 0) THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER back_by_a_supervisor BEFORE UPDATE OF state ON identities FOR EACH ROW
  WHEN (OLD.state = 'WITHHELD' AND NEW.state = 'READY')
  EXECUTE FUNCTION back_by_a_supervisor('I10: a withheld identity comes back only by a supervisor, with a reason');

CREATE FUNCTION doubt_without_a_write() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM audit WHERE identity = NEW.id AND version = NEW.version
      AND event IN ('married by a witness','learned from its board')) THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER doubt_without_a_write BEFORE UPDATE OF state ON identities FOR EACH ROW
  WHEN (OLD.state IN ('READY','WITHHELD') AND NEW.state = 'IN_DOUBT')
  EXECUTE FUNCTION doubt_without_a_write('I10: only a witness or the board itself tells of a write that the chain lost');

-- what waits for a person, or for others

CREATE FUNCTION nothing_disputed_goes_out() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM certificates c JOIN conflicts x
      ON (x.product_key, x.device_name) = (c.product_key, c.device_name)
      WHERE c.identity = OLD.id AND x.decision IS NULL) THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER nothing_disputed_goes_out BEFORE UPDATE OF state ON identities FOR EACH ROW
  WHEN ((OLD.state, NEW.state) IN (('READY','RESERVED'), ('RESERVED','WRITING'), ('WITHHELD','READY')))
  EXECUTE FUNCTION nothing_disputed_goes_out('what is disputed waits for a person');

CREATE FUNCTION nothing_is_given_out_of_a_ledger_set_back() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM locks WHERE scope = '' AND code = 'E702') THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER nothing_is_given_out_of_a_ledger_set_back BEFORE UPDATE OF state ON identities FOR EACH ROW
  WHEN (OLD.state <> NEW.state AND NEW.state IN ('RESERVED','WRITING'))
  EXECUTE FUNCTION nothing_is_given_out_of_a_ledger_set_back('this ledger was set back: nothing is given out before a recovery');

CREATE FUNCTION an_nvr_waits_for_its_cameras() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM identities c WHERE c.set_of = OLD.id AND c.channel > 0 AND c.state <> 'CONSUMED'
      AND NOT (c.state = 'RETIRED' AND EXISTS (SELECT 1 FROM cameras_left_out WHERE camera = c.id))) THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER an_nvr_waits_for_its_cameras BEFORE UPDATE OF state ON identities FOR EACH ROW
  WHEN (OLD.state = 'READY' AND NEW.state = 'RESERVED' AND OLD.kind = 'nvr-member' AND OLD.channel = 0)
  EXECUTE FUNCTION an_nvr_waits_for_its_cameras('an NVR is flashed when all its cameras are done or left out');
