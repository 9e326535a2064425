-- SPDX-License-Identifier: GPL-3.0-or-later
-- The rules of an identity's change, asked together by one trigger, and the steps of a board in fewer statements. The
-- server reads and plans the WHEN of each trigger anew at every change, and switches its settings for each function
-- that has some: with a trigger a rule, that was a fifth of what a step cost. Each rule keeps its name and its words.

DO $$
DECLARE rule text;
BEGIN
  FOREACH rule IN ARRAY ARRAY['a_doubt_waits_for_the_stranger','a_stranger_takes_no_identity',
    'an_nvr_waits_for_its_cameras','back_after_the_cloud','back_by_a_supervisor','changes_are_audited',
    'doubt_without_a_write','never_back_from_a_board','nothing_disputed_goes_out',
    'nothing_is_given_out_of_a_ledger_set_back','one_board_however_spelt']
  LOOP
    EXECUTE format('DROP TRIGGER %1$I ON identities; DROP FUNCTION %1$I', rule);
  END LOOP;
  FOREACH rule IN ARRAY ARRAY['attempt_only_grows','board_is_for_life','board_key_comes_with_writing','board_key_stays',
    'changes_are_versioned','consumed_has_all_its_evidence','evidence_stays','final_retired','only_drawn_transitions',
    'retired_has_a_reason','what_was_issued_stays']
  LOOP
    EXECUTE format('DROP TRIGGER %I ON identities', rule);
  END LOOP;
END $$;

-- First what is asked of the row alone, in one expression, then what is asked of other rows, and only where it matters.
CREATE FUNCTION rules_of_a_change() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  broken text[];
BEGIN
  broken := CASE
    WHEN OLD.state = 'RETIRED'
      THEN ARRAY['final_retired', 'I7: RETIRED is final']
    WHEN OLD.state <> NEW.state AND (OLD.state || '>' || NEW.state) NOT IN ('CONSUMED>RETIRED', 'IN_DOUBT>CONSUMED',
        'IN_DOUBT>RETIRED', 'IN_DOUBT>WRITING', 'READY>IN_DOUBT', 'READY>RESERVED', 'READY>RETIRED', 'READY>WITHHELD',
        'RESERVED>READY', 'RESERVED>WRITING', 'WITHHELD>IN_DOUBT', 'WITHHELD>READY', 'WITHHELD>RETIRED',
        'WRITING>CONSUMED', 'WRITING>IN_DOUBT')
      THEN ARRAY['only_drawn_transitions', 'I7: this transition does not exist']
    WHEN OLD.state IN ('WRITING','IN_DOUBT','CONSUMED') AND NEW.board_uid IS DISTINCT FROM OLD.board_uid
      THEN ARRAY['board_is_for_life', 'I7: the board is fixed from WRITING on']
    WHEN OLD.state = 'CONSUMED' AND (NEW.expected IS DISTINCT FROM OLD.expected OR NEW.found IS DISTINCT FROM OLD.found
        OR NEW.uid_after IS DISTINCT FROM OLD.uid_after OR NEW.method IS DISTINCT FROM OLD.method)
      THEN ARRAY['evidence_stays', 'I5: evidence does not change']
    WHEN NEW.attempt < OLD.attempt
      THEN ARRAY['attempt_only_grows', 'I6: an attempt never goes back']
    WHEN NEW.version <> OLD.version + 1
      THEN ARRAY['changes_are_versioned', 'I6: each change of an identity is one version']
    WHEN NEW.state = 'CONSUMED' AND (NEW.expected IS NULL OR NEW.found IS DISTINCT FROM NEW.expected
        OR NEW.uid_after IS DISTINCT FROM NEW.board_uid OR NEW.method IS NULL)
      THEN ARRAY['consumed_has_all_its_evidence', 'I5: CONSUMED implies evidence']
    WHEN NEW.state = 'RETIRED' AND length(coalesce(NEW.reason, '')) = 0
      THEN ARRAY['retired_has_a_reason', 'RETIRED has a reason']
    WHEN OLD.board_key IS NULL AND NEW.board_key IS NOT NULL
        AND NOT (NEW.state = 'WRITING' AND OLD.state IN ('RESERVED','IN_DOUBT'))
      THEN ARRAY['board_key_comes_with_writing', 'a board key is set by what marries the identity to its board']
    WHEN OLD.board_key IS NOT NULL AND NEW.board_key IS DISTINCT FROM OLD.board_key
      THEN ARRAY['board_key_stays', 'a board key never changes']
    WHEN NEW.id <> OLD.id OR NEW.batch <> OLD.batch OR NEW.provider <> OLD.provider
        OR NEW.product_key <> OLD.product_key
        OR ((NEW.kind <> OLD.kind OR NEW.set_of IS DISTINCT FROM OLD.set_of OR NEW.channel <> OLD.channel
             OR NEW.size <> OLD.size)
          AND NOT (OLD.state IN ('READY','WITHHELD') AND NEW.state = OLD.state AND OLD.kind = 'nvr-set'
            AND (NEW.kind = 'nvr-member'
              OR (NEW.kind = 'nvr-set' AND NEW.set_of IS NULL AND NEW.channel = OLD.channel AND NEW.size > OLD.size))))
      THEN ARRAY['what_was_issued_stays', 'what the cloud issued does not change']
  END;
  IF broken IS NOT NULL THEN
    PERFORM refused(broken[1], broken[2]);
  END IF;

  PERFORM refused('changes_are_audited', 'I10: no transition without its audit line')
    WHERE NOT EXISTS (SELECT 1 FROM audit a WHERE a.identity = NEW.id AND a.version = NEW.version
      AND a.from_state = OLD.state AND a.to_state = NEW.state AND a.attempt = NEW.attempt
      AND a.board_uid IS NOT DISTINCT FROM NEW.board_uid);

  -- one board, one identity; the index one_identity_a_board is the other half
  IF NEW.board_uid IS DISTINCT FROM OLD.board_uid AND NEW.state IN ('RESERVED','WRITING','IN_DOUBT','CONSUMED') THEN
    PERFORM refused('one_board_however_spelt', 'I2: UNIQUE: this board has an identity under another spelling')
      FROM spellings s JOIN identities i ON i.board_uid = s.spelling
      WHERE s.uid = NEW.board_uid AND i.id <> OLD.id AND i.state IN ('RESERVED','WRITING','IN_DOUBT','CONSUMED');
  END IF;
  IF NEW.state = 'RESERVED' THEN
    PERFORM refused('a_stranger_takes_no_identity', 'this board may hold a part of another identity')
      FROM strangers s WHERE s.board_uid = NEW.board_uid AND (s.fate IS NULL OR s.fate = 'scrapped');
  END IF;
  IF OLD.state = 'IN_DOUBT' AND NEW.state IN ('WRITING','CONSUMED') THEN
    PERFORM refused('a_doubt_waits_for_the_stranger', 'another board may hold a part of it: its fate comes first')
      FROM strangers s WHERE s.identity = NEW.id AND s.fate IS NULL;
  END IF;

  -- the way back
  IF OLD.state = 'WITHHELD' AND NEW.state = 'READY' THEN
    PERFORM refused('never_back_from_a_board', 'I1: what was on a board never comes back')
      WHERE EXISTS (SELECT 1 FROM found_on_boards f WHERE f.identity = NEW.id) OR EXISTS (
        SELECT 1 FROM audit a WHERE a.identity = NEW.id AND (a.event = 'found on a board' OR a.to_state = 'WRITING'));
    PERFORM refused('back_after_the_cloud', 'the cloud is asked before a withheld identity comes back')
      WHERE (SELECT b.source FROM batches b WHERE b.id = OLD.batch) = 'cloud' AND EXISTS (
        SELECT 1 FROM certificates c LEFT JOIN cloud_answers w ON w.certificate = c.id
          AND w.line = (SELECT max(x.line) FROM cloud_answers x WHERE x.certificate = c.id)
        WHERE c.identity = OLD.id AND (w.line IS NULL OR w.status > 0 OR w.line < coalesce(
          (SELECT a.seq FROM audit a WHERE a.identity = OLD.id AND a.version = OLD.version), 0)));
    PERFORM refused('back_by_a_supervisor', 'I10: a withheld identity comes back only by a supervisor, with a reason')
      WHERE NOT EXISTS (SELECT 1 FROM audit a WHERE a.identity = NEW.id AND a.version = NEW.version
        AND a.event = 'let back' AND length(trim(a.detail::json ->> 'why')) > 0
        AND length(trim(a.detail::json ->> 'by')) > 0);
  END IF;
  IF OLD.state IN ('READY','WITHHELD') AND NEW.state = 'IN_DOUBT' THEN
    PERFORM refused('doubt_without_a_write',
        'I10: only a witness or the board itself tells of a write that the chain lost')
      WHERE NOT EXISTS (SELECT 1 FROM audit a WHERE a.identity = NEW.id AND a.version = NEW.version
        AND a.event IN ('married by a witness','learned from its board'));
  END IF;

  -- what waits for a person, or for others
  IF (OLD.state || '>' || NEW.state) IN ('READY>RESERVED', 'RESERVED>WRITING', 'WITHHELD>READY') THEN
    PERFORM refused('nothing_disputed_goes_out', 'what is disputed waits for a person')
      FROM certificates c JOIN conflicts x ON (x.product_key, x.device_name) = (c.product_key, c.device_name)
      WHERE c.identity = OLD.id AND x.decision IS NULL;
  END IF;
  IF OLD.state <> NEW.state AND NEW.state IN ('RESERVED','WRITING') THEN
    PERFORM refused('nothing_is_given_out_of_a_ledger_set_back',
        'this ledger was set back: nothing is given out before a recovery')
      FROM locks l WHERE l.scope = '' AND l.code = 'E702';
  END IF;
  IF OLD.state = 'READY' AND NEW.state = 'RESERVED' AND OLD.kind = 'nvr-member' AND OLD.channel = 0 THEN
    PERFORM refused('an_nvr_waits_for_its_cameras', 'an NVR is flashed when all its cameras are done or left out')
      FROM identities c WHERE c.set_of = OLD.id AND c.channel > 0 AND c.state <> 'CONSUMED'
        AND NOT (c.state = 'RETIRED' AND EXISTS (SELECT 1 FROM cameras_left_out o WHERE o.camera = c.id));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER rules_of_a_change BEFORE UPDATE ON identities FOR EACH ROW EXECUTE FUNCTION rules_of_a_change();
ALTER TABLE identities ENABLE ALWAYS TRIGGER rules_of_a_change;

-- Both counts of a move in one statement, always in the same order: two backends whose numbers share a part never wait
-- in a circle.
CREATE OR REPLACE FUNCTION tally_move() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  sign bigint := CASE WHEN OLD.state < NEW.state THEN -1 ELSE 1 END;
BEGIN
  IF OLD.kind = NEW.kind AND OLD.size = NEW.size THEN
    INSERT INTO tally_parts AS t VALUES
      (OLD.product_key, OLD.kind, least(OLD.state, NEW.state), pg_backend_pid() % 1024, sign, sign * OLD.size),
      (OLD.product_key, OLD.kind, greatest(OLD.state, NEW.state), pg_backend_pid() % 1024, -sign, -sign * OLD.size)
    ON CONFLICT (product_key, kind, state, part) DO UPDATE
      SET identities = t.identities + excluded.identities, certificates = t.certificates + excluded.certificates;
    RETURN NULL;
  END IF;
  INSERT INTO tally_parts AS t
    SELECT OLD.product_key, m.kind, m.state, pg_backend_pid() % 1024, sum(m.n), sum(m.c)
    FROM (VALUES (OLD.kind, OLD.state, -1, -OLD.size), (NEW.kind, NEW.state, 1, NEW.size)) AS m(kind, state, n, c)
    GROUP BY m.kind, m.state ORDER BY m.kind, m.state
  ON CONFLICT (product_key, kind, state, part) DO UPDATE
    SET identities = t.identities + excluded.identities, certificates = t.certificates + excluded.certificates;
  RETURN NULL;
END $$;

-- What a certificate's change is asked: other tables only where something of it changes that matters.

CREATE OR REPLACE FUNCTION certificates_are_as_issued() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF NEW.id <> OLD.id OR NEW.channel <> OLD.channel OR NEW.product_key <> OLD.product_key
    OR NEW.device_name <> OLD.device_name THEN
    PERFORM refused(TG_NAME, TG_ARGV[0]);
  END IF;
  IF NEW.iot_id <> OLD.iot_id OR NEW.device_id <> OLD.device_id OR NEW.node_id <> OLD.node_id
    OR NEW.cloud_status <> OLD.cloud_status OR NEW.content <> OLD.content
    OR (NEW.secret IS DISTINCT FROM OLD.secret AND NEW.secret IS NOT NULL)
    OR (NEW.product_secret IS DISTINCT FROM OLD.product_secret AND NEW.product_secret IS NOT NULL) THEN
    IF (NEW.iot_id <> OLD.iot_id OR NEW.device_id <> OLD.device_id OR NEW.node_id <> OLD.node_id
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
          = (OLD.product_key, OLD.device_name, OLD.content) AND decision = 'refused')) THEN
      PERFORM refused(TG_NAME, TG_ARGV[0]);
    END IF;
  END IF;
  RETURN NEW;
END $$;
-- An earlier version of a row whose secret is gone fits into the room that is kept: no index has to know of it.
ALTER TABLE certificates SET (fillfactor = 90);

-- The steps of a board, each with fewer statements, under the same rules. What is locked for the whole transaction is
-- locked by an expression, which no statement has to be begun for.

CREATE OR REPLACE FUNCTION add_line(its_chain text, its_moment text, its_event text, its_actor text, moved identities,
  becomes text, try bigint, board text, at_slot text, its_detail text, OUT line bigint, OUT line_hash text)
LANGUAGE plpgsql AS $$
DECLARE
  visit text := coalesce(current_setting('station.visit', true), '');
BEGIN
  IF visit <> '' THEN
    its_detail := left(its_detail, -1) || CASE its_detail WHEN '{}' THEN '' ELSE ', ' END || '"visit": '
      || to_json(visit) || '}';
  END IF;
  INSERT INTO audit (seq, at, event, actor, identity, version, from_state, to_state, attempt, board_uid, slot, detail,
    previous, hash, chain)
  SELECT foot.seq, its_moment, its_event, its_actor, moved.id, moved.version + 1, moved.state, becomes, try, board,
    at_slot, its_detail, foot.hash, encode(sha256(convert_to('[2,' || concat_ws(',', to_json(its_chain),
      to_json(foot.hash), foot.seq, to_json(its_moment), to_json(its_event), to_json(its_actor), moved.id,
      moved.version + 1, to_json(moved.state), to_json(becomes), try, to_json(board), to_json(at_slot),
      to_json(its_detail)) || ']', 'UTF8')), 'hex'), its_chain
  FROM (SELECT nextval('audit_seq_seq') AS seq, coalesce((SELECT last.hash FROM (SELECT a.chain, a.hash FROM audit a
    WHERE a.chain <> '' AND (a.chain, a.seq) <= (its_chain, 9223372036854775807) ORDER BY a.chain DESC, a.seq DESC
    LIMIT 1) AS last WHERE last.chain = its_chain), repeat('0', 64)) AS hash) AS foot
  RETURNING seq, hash INTO line, line_hash;
END $$;

CREATE OR REPLACE FUNCTION reserve_at_once(bench bigint, its_chain text, who text, moment text, promised text,
  products text[], of_kind text, fewest bigint, most bigint, dressed bigint, board text, at_slot text, session text)
RETURNS TABLE (identity bigint, attempt bigint, provider text, kind text, line bigint, line_hash text, channel bigint,
  product_key text, device_name text, secret bytea, product_secret bytea, iot_id text, device_id text, node_id text,
  cloud_status bigint)
LANGUAGE plpgsql SET enable_sort = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
  one identities;
  next_one identities;
  product text;
  said record;
BEGIN
  IF pg_advisory_xact_lock_shared(1398030676, 1) IS NULL OR pg_advisory_xact_lock(1398030677, bench::integer) IS NULL
    OR promised <> promised_now() THEN
    RETURN;
  END IF;
  -- somebody here connects and is told of commits too early: whether this role would be, the bench asks exactly
  IF EXISTS (SELECT 1 FROM pg_db_role_setting s, unnest(s.setconfig) AS said(value) WHERE lower(said.value) IN (
      'synchronous_commit=off', 'synchronous_commit=false', 'synchronous_commit=no', 'synchronous_commit=0')) THEN
    RETURN;
  END IF;
  FOREACH product IN ARRAY products LOOP
    SELECT i.* INTO next_one FROM identities i WHERE i.state = 'READY' AND i.product_key = product AND i.kind = of_kind
      AND i.set_of IS NULL AND i.size - 1 BETWEEN fewest AND most AND NOT EXISTS (SELECT 1 FROM locks WHERE scope = '')
      ORDER BY i.set_of, i.id LIMIT 1 FOR NO KEY UPDATE OF i SKIP LOCKED;
    IF one.id IS NULL OR next_one.id < one.id THEN
      one := next_one;
    END IF;
  END LOOP;
  IF one.id IS NULL THEN
    RETURN;
  END IF;
  IF dressed <> 0 THEN
    IF EXISTS (SELECT 1 FROM certificates c WHERE c.identity = one.id AND c.product_secret IS NULL) THEN
      RETURN;
    END IF;
  END IF;
  said := add_line(its_chain, moment, 'reserved', who, one, 'RESERVED', one.attempt + 1, board, at_slot, '{}');
  UPDATE identities i SET state = 'RESERVED', version = i.version + 1, attempt = i.attempt + 1, changed_at = moment,
    board_uid = board, slot = at_slot, owner = session, reason = NULL, code = NULL WHERE i.id = one.id;
  RETURN QUERY SELECT one.id, one.attempt + 1, one.provider, one.kind, said.line, said.line_hash, c.channel,
    c.product_key, c.device_name, c.secret, c.product_secret, c.iot_id, c.device_id, c.node_id, c.cloud_status
    FROM certificates c WHERE c.identity = one.id ORDER BY c.channel;
END $$;

CREATE OR REPLACE FUNCTION write_at_once(bench bigint, its_chain text, who text, moment text, promised text,
  its_id bigint, its_attempt bigint, OUT line bigint, OUT line_hash text, OUT board_uid text, OUT kind text,
  OUT channel bigint, OUT product_key text, OUT device_name text, OUT content bytea)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  one identities;
  its record;
  said record;
BEGIN
  IF pg_advisory_xact_lock_shared(1398030676, 1) IS NULL OR pg_advisory_xact_lock(1398030677, bench::integer) IS NULL
    OR promised <> promised_now() THEN
    RETURN;
  END IF;
  SELECT i AS identity, c.channel, c.product_key, c.device_name, c.content INTO its
    FROM identities i JOIN certificates c ON c.identity = i.id
    WHERE i.id = its_id AND i.state = 'RESERVED' AND i.attempt = its_attempt AND i.size = 1
      AND (i.kind <> 'nvr-member' OR i.channel > 0) AND NOT EXISTS (SELECT 1 FROM locks WHERE scope = '')
      AND NOT EXISTS (SELECT 1 FROM conflicts x WHERE x.product_key = c.product_key AND x.device_name = c.device_name
        AND x.decision IS NULL)
    FOR NO KEY UPDATE OF i;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  one := its.identity;
  said := add_line(its_chain, moment, 'writing', who, one, 'WRITING', one.attempt, one.board_uid, one.slot,
    '{"proof": {"names": ' || to_json(its.product_key || '/' || its.device_name) || ', "v": 2}}');
  UPDATE identities i SET state = 'WRITING', version = i.version + 1, changed_at = moment WHERE i.id = its_id;
  line := said.line;
  line_hash := said.line_hash;
  board_uid := one.board_uid;
  kind := one.kind;
  channel := its.channel;
  product_key := its.product_key;
  device_name := its.device_name;
  content := its.content;
END $$;

CREATE OR REPLACE FUNCTION consume_at_once(bench bigint, its_chain text, who text, moment text, its_id bigint,
  its_attempt bigint, board text, is_expected text, was_found text, by_method text, reset bigint, destroyed bigint,
  OUT line bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  one identities;
  its record;
  said record;
BEGIN
  IF pg_advisory_xact_lock_shared(1398030676, 1) IS NULL
    OR pg_advisory_xact_lock(1398030677, bench::integer) IS NULL THEN
    RETURN;
  END IF;
  SELECT i AS identity, c.product_key || '/' || c.device_name AS name INTO its
    FROM identities i JOIN certificates c ON c.identity = i.id
    WHERE i.id = its_id AND i.state = 'WRITING' AND i.attempt = its_attempt AND i.size = 1 AND i.board_uid = board
    FOR NO KEY UPDATE OF i;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  one := its.identity;
  said := add_line(its_chain, moment, 'consumed', who, one, 'CONSUMED', one.attempt, board, one.slot,
    '{"after_reset": ' || (reset <> 0)::text || ', "method": ' || to_json(by_method) || ', "proof": {"expected": '
    || to_json(is_expected) || ', "found": ' || to_json(was_found) || ', "method": ' || to_json(by_method)
    || ', "names": ' || to_json(its.name) || ', "uid_after": ' || to_json(board) || ', "v": 2}}');
  UPDATE identities i SET state = 'CONSUMED', version = i.version + 1, changed_at = moment, owner = NULL,
    expected = is_expected, found = was_found, method = by_method, uid_after = board, reason = NULL, code = NULL
    WHERE i.id = its_id;
  IF destroyed <> 0 THEN
    UPDATE certificates c SET secret = NULL, product_secret = NULL WHERE c.identity = its_id;
  END IF;
  line := said.line;
END $$;
