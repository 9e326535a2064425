-- SPDX-License-Identifier: GPL-3.0-or-later
-- What stands beside the identities, and may not change or be forgotten.

-- what the cloud issued

CREATE FUNCTION certificates_move_only_when_a_set_opens() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM identities o, identities n WHERE o.id = OLD.identity AND n.id = NEW.identity
      AND o.state IN ('READY','WITHHELD') AND n.state = o.state AND n.set_of = o.id AND n.channel = OLD.channel) THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER certificates_move_only_when_a_set_opens BEFORE UPDATE OF identity ON certificates FOR EACH ROW
  WHEN (NEW.identity <> OLD.identity)
  EXECUTE FUNCTION certificates_move_only_when_a_set_opens('a certificate leaves its set only when the set is opened into members');

-- Another content comes only by a decision; a product's secret may come later, once, as long as it is on no board.
CREATE FUNCTION certificates_are_as_issued() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF NEW.id <> OLD.id OR NEW.channel <> OLD.channel OR NEW.product_key <> OLD.product_key
    OR NEW.device_name <> OLD.device_name
    OR ((NEW.iot_id <> OLD.iot_id OR NEW.device_id <> OLD.device_id OR NEW.node_id <> OLD.node_id
         OR NEW.cloud_status <> OLD.cloud_status OR NEW.content <> OLD.content
         OR (NEW.secret IS DISTINCT FROM OLD.secret AND NEW.secret IS NOT NULL)
         OR (NEW.product_secret IS DISTINCT FROM OLD.product_secret AND NEW.product_secret IS NOT NULL
             AND NOT (OLD.product_secret IS NULL AND NEW.secret IS NOT DISTINCT FROM OLD.secret
               AND NEW.identity = OLD.identity
               AND (SELECT state FROM identities WHERE id = OLD.identity) IN ('READY','WITHHELD'))))
        AND NOT (NEW.content <> OLD.content AND NEW.identity = OLD.identity AND NEW.secret IS NOT NULL
          AND (SELECT state FROM identities WHERE id = OLD.identity) = 'WITHHELD'
          AND EXISTS (SELECT 1 FROM conflicts WHERE (product_key, device_name, content)
            = (OLD.product_key, OLD.device_name, NEW.content) AND decision = 'kept')
          AND EXISTS (SELECT 1 FROM conflicts WHERE (product_key, device_name, content)
            = (OLD.product_key, OLD.device_name, OLD.content) AND decision = 'refused'))) THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER certificates_are_as_issued BEFORE UPDATE ON certificates FOR EACH ROW
  EXECUTE FUNCTION certificates_are_as_issued('a certificate is as the cloud issued it');

CREATE FUNCTION secrets_end_with_the_identity() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF (SELECT state FROM identities WHERE id = OLD.identity) NOT IN ('CONSUMED','RETIRED') THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER secrets_end_with_the_identity BEFORE UPDATE OF secret, product_secret ON certificates FOR EACH ROW
  WHEN ((OLD.secret IS DISTINCT FROM NEW.secret OR (OLD.product_secret IS DISTINCT FROM NEW.product_secret
    AND OLD.product_secret IS NOT NULL)) AND OLD.content = NEW.content)
  EXECUTE FUNCTION secrets_end_with_the_identity('a secret is destroyed only after CONSUMED or RETIRED');

CREATE TRIGGER batches_are_as_received BEFORE UPDATE ON batches FOR EACH ROW
  WHEN (NEW.id <> OLD.id OR NEW.provider <> OLD.provider OR NEW.batch_id <> OLD.batch_id
    OR NEW.product_key <> OLD.product_key)
  EXECUTE FUNCTION refuse('a batch keeps its name');

-- what sources say differently

CREATE TRIGGER fix_conflicts BEFORE UPDATE ON conflicts FOR EACH ROW
  WHEN (NEW.product_key <> OLD.product_key OR NEW.device_name <> OLD.device_name OR NEW.content <> OLD.content
    OR NEW.batch <> OLD.batch OR NEW.seen_at <> OLD.seen_at
    OR (OLD.decision IS NOT NULL AND NOT (OLD.decision = 'kept' AND NEW.decision IS NOT DISTINCT FROM 'refused'))
    OR (NEW.decision IS NULL AND OLD.secret IS NOT NULL))
  EXECUTE FUNCTION refuse('what arrived is kept as it came, and is decided once');

CREATE TRIGGER conflicts_arrive_undecided BEFORE INSERT ON conflicts FOR EACH ROW
  WHEN (NEW.decision = 'kept')
  EXECUTE FUNCTION refuse('nothing is chosen before it arrived');

CREATE FUNCTION add_cloud_answers() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM cloud_answers WHERE certificate = NEW.certificate AND line >= NEW.line)
    OR NOT EXISTS (SELECT 1 FROM audit WHERE seq = NEW.line AND event = 'asked the cloud') THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER add_cloud_answers BEFORE INSERT ON cloud_answers FOR EACH ROW
  EXECUTE FUNCTION add_cloud_answers('I10: what the cloud says is in the audit, once');

-- boards that hold, or may hold, what they should not

CREATE FUNCTION add_found_on_boards() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM found_on_boards WHERE identity = NEW.identity) OR NOT EXISTS (
      SELECT 1 FROM identities i JOIN audit a ON a.identity = i.id AND a.version = i.version
      WHERE i.id = NEW.identity AND i.state = 'WITHHELD' AND a.event = 'found on a board') THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER add_found_on_boards BEFORE INSERT ON found_on_boards FOR EACH ROW
  EXECUTE FUNCTION add_found_on_boards('I10: what is found on a board is withheld, once, and the audit says so');

CREATE FUNCTION strangers_are_audited() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF NEW.fate IS NOT NULL OR NOT EXISTS (SELECT 1 FROM audit a WHERE a.seq = NEW.found_line AND a.event = 'stranger'
      AND a.board_uid = NEW.board_uid AND a.identity = NEW.identity) THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER strangers_are_audited BEFORE INSERT ON strangers FOR EACH ROW
  EXECUTE FUNCTION strangers_are_audited('I10: no stranger without its audit line');

CREATE FUNCTION strangers_are_settled_once() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF OLD.fate IS NOT NULL OR NEW.fate IS NULL OR NEW.id <> OLD.id OR NEW.board_uid <> OLD.board_uid
    OR NEW.identity <> OLD.identity OR NEW.attempt <> OLD.attempt OR NEW.found_line <> OLD.found_line
    OR NOT EXISTS (SELECT 1 FROM audit a WHERE a.seq = NEW.settled_line AND a.event = 'stranger settled'
      AND a.board_uid = NEW.board_uid AND a.identity = NEW.identity) THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER strangers_are_settled_once BEFORE UPDATE ON strangers FOR EACH ROW
  EXECUTE FUNCTION strangers_are_settled_once('what became of a stranger is said once, with an audit line');

CREATE FUNCTION vouched_is_audited() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM audit a WHERE a.seq = NEW.line AND a.event = 'vouched' AND a.identity = NEW.identity
      AND a.attempt = NEW.attempt) THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER vouched_is_audited BEFORE INSERT ON vouched FOR EACH ROW
  EXECUTE FUNCTION vouched_is_audited('I10: nobody vouches without an audit line');

-- sets

CREATE FUNCTION only_a_retired_camera_is_left_out() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM identities c JOIN identities n ON n.id = c.set_of WHERE c.id = NEW.camera
      AND c.kind = 'nvr-member' AND c.channel > 0 AND c.state = 'RETIRED' AND n.state IN ('READY','WITHHELD'))
    OR EXISTS (SELECT 1 FROM cameras_left_out WHERE camera = NEW.camera) THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER only_a_retired_camera_is_left_out BEFORE INSERT ON cameras_left_out FOR EACH ROW
  EXECUTE FUNCTION only_a_retired_camera_is_left_out('only a retired camera of an NVR that is on no board is left out, once');

-- a ledger that was set back

CREATE FUNCTION only_recovery_unlocks() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF (SELECT event FROM audit ORDER BY seq DESC LIMIT 1) IS DISTINCT FROM 'ledger recovered' THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER only_recovery_unlocks BEFORE DELETE ON locks FOR EACH ROW
  WHEN (OLD.scope = '' AND OLD.code = 'E702')
  EXECUTE FUNCTION only_recovery_unlocks('only a recovery ends this lock');

CREATE FUNCTION no_other_lock_in_its_place() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM locks WHERE scope = '' AND code = 'E702') THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER no_other_lock_in_its_place BEFORE INSERT ON locks FOR EACH ROW
  WHEN (NEW.scope = '' AND NEW.code <> 'E702')
  EXECUTE FUNCTION no_other_lock_in_its_place('only a recovery ends this lock');

CREATE TRIGGER this_lock_stays BEFORE UPDATE ON locks FOR EACH ROW
  WHEN (OLD.scope = '' AND OLD.code = 'E702')
  EXECUTE FUNCTION refuse('only a recovery ends this lock');

-- what is asked of a cloud, and what came of it

CREATE TRIGGER requests_keep_their_question BEFORE UPDATE ON cloud_requests FOR EACH ROW
  WHEN (NEW.id <> OLD.id OR NEW.request_id <> OLD.request_id OR NEW.operation <> OLD.operation
    OR NEW.product_key <> OLD.product_key OR NEW.detail <> OLD.detail OR OLD.state IN ('ANSWERED','REFUSED'))
  EXECUTE FUNCTION refuse('a journalled request keeps its question and its answer');

CREATE TRIGGER fix_registrations BEFORE UPDATE ON registrations FOR EACH ROW
  WHEN (NEW.id <> OLD.id OR NEW.mark <> OLD.mark OR NEW.product_key <> OLD.product_key
    OR NEW.device_name <> OLD.device_name OR OLD.state = 'DONE' OR (OLD.state = 'TAKEN' AND NEW.state <> 'PLANNED'))
  EXECUTE FUNCTION refuse('a registration keeps its names and its end');

CREATE TRIGGER fix_odd_items BEFORE UPDATE ON odd_items FOR EACH ROW
  WHEN (NEW.id <> OLD.id OR NEW.provider <> OLD.provider OR NEW.batch_id <> OLD.batch_id OR NEW.item <> OLD.item)
  EXECUTE FUNCTION refuse('an odd item keeps its name');
