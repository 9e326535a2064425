-- SPDX-License-Identifier: GPL-3.0-or-later
-- The steps of a board in less of the server's time once more: under the same rules, by their names and in their words.

-- What is asked of the row alone, in one expression; then what is asked of other rows, and only where it matters, each
-- group in one look; at last what the change is counted as, by the owner's rights. What is in hand is not counted but
-- looked up: it is never much, and two of a board's three steps touch one count, the other none.
CREATE OR REPLACE FUNCTION rules_of_a_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  broken text[];
  counted text;
  sign bigint;
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
  END;
  IF broken IS NOT NULL THEN
    PERFORM refused(broken[1], broken[2]);
  END IF;

  PERFORM 1 FROM audit a WHERE a.identity = NEW.id AND a.version = NEW.version AND a.from_state = OLD.state
    AND a.to_state = NEW.state AND a.attempt = NEW.attempt AND a.board_uid IS NOT DISTINCT FROM NEW.board_uid;
  IF NOT FOUND THEN
    PERFORM refused('changes_are_audited', 'I10: no transition without its audit line');
  END IF;

  -- a board takes one identity, however it is spelt; the index one_identity_a_board is the other half
  IF NEW.state = 'RESERVED' OR NEW.board_uid IS DISTINCT FROM OLD.board_uid THEN
    SELECT CASE
    WHEN NEW.board_uid IS DISTINCT FROM OLD.board_uid AND NEW.state IN ('RESERVED','WRITING','IN_DOUBT','CONSUMED')
        AND EXISTS (SELECT 1 FROM spellings s JOIN identities i ON i.board_uid = s.spelling WHERE s.uid = NEW.board_uid
          AND i.id <> OLD.id AND i.state IN ('RESERVED','WRITING','IN_DOUBT','CONSUMED'))
      THEN ARRAY['one_board_however_spelt', 'I2: UNIQUE: this board has an identity under another spelling']
    WHEN NEW.state = 'RESERVED' AND EXISTS (SELECT 1 FROM strangers s WHERE s.board_uid = NEW.board_uid
        AND (s.fate IS NULL OR s.fate = 'scrapped'))
      THEN ARRAY['a_stranger_takes_no_identity', 'this board may hold a part of another identity']
    END INTO broken;
    IF broken IS NOT NULL THEN
      PERFORM refused(broken[1], broken[2]);
    END IF;
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
  IF OLD.state <> NEW.state AND NEW.state IN ('READY','RESERVED','WRITING') THEN
    SELECT CASE
    WHEN (OLD.state || '>' || NEW.state) IN ('READY>RESERVED', 'RESERVED>WRITING', 'WITHHELD>READY')
        AND EXISTS (SELECT 1 FROM certificates c JOIN conflicts x
          ON (x.product_key, x.device_name) = (c.product_key, c.device_name)
          WHERE c.identity = OLD.id AND x.decision IS NULL)
      THEN ARRAY['nothing_disputed_goes_out', 'what is disputed waits for a person']
    WHEN NEW.state IN ('RESERVED','WRITING')
        AND EXISTS (SELECT 1 FROM locks l WHERE l.bench = '' AND l.scope = '' AND l.code = 'E702')
      THEN ARRAY['nothing_is_given_out_of_a_ledger_set_back',
        'this ledger was set back: nothing is given out before a recovery']
    END INTO broken;
    IF broken IS NOT NULL THEN
      PERFORM refused(broken[1], broken[2]);
    END IF;
  END IF;
  IF OLD.state = 'READY' AND NEW.state = 'RESERVED' AND OLD.kind = 'nvr-member' AND OLD.channel = 0 THEN
    PERFORM refused('an_nvr_waits_for_its_cameras', 'an NVR is flashed when all its cameras are done or left out')
      FROM identities c WHERE c.set_of = OLD.id AND c.channel > 0 AND c.state <> 'CONSUMED'
        AND NOT (c.state = 'RETIRED' AND EXISTS (SELECT 1 FROM cameras_left_out o WHERE o.camera = c.id));
  END IF;

  -- what it is counted as
  IF OLD.kind = NEW.kind AND OLD.size = NEW.size THEN
    IF (OLD.state IN ('RESERVED','WRITING')) <> (NEW.state IN ('RESERVED','WRITING')) THEN
      counted := CASE WHEN NEW.state IN ('RESERVED','WRITING') THEN OLD.state ELSE NEW.state END;
      sign := CASE WHEN NEW.state IN ('RESERVED','WRITING') THEN -1 ELSE 1 END;
      INSERT INTO tally_parts AS t VALUES
        (OLD.product_key, OLD.kind, counted, pg_backend_pid() % 1024, sign, sign * OLD.size)
      ON CONFLICT (product_key, kind, state, part) DO UPDATE
        SET identities = t.identities + excluded.identities, certificates = t.certificates + excluded.certificates;
      RETURN NEW;
    END IF;
    IF OLD.state = NEW.state OR OLD.state IN ('RESERVED','WRITING') THEN
      RETURN NEW;
    END IF;
  END IF;
  INSERT INTO tally_parts AS t
    SELECT OLD.product_key, m.kind, m.state, pg_backend_pid() % 1024, sum(m.n), sum(m.c)
    FROM (VALUES (OLD.kind, OLD.state, -1, -OLD.size), (NEW.kind, NEW.state, 1, NEW.size)) AS m(kind, state, n, c)
    WHERE m.state NOT IN ('RESERVED','WRITING') GROUP BY m.kind, m.state ORDER BY m.kind, m.state
  ON CONFLICT (product_key, kind, state, part) DO UPDATE
    SET identities = t.identities + excluded.identities, certificates = t.certificates + excluded.certificates;
  RETURN NEW;
END $$;

-- Columns that no step of a board sets: the server asks nothing where a statement does not name one.
CREATE FUNCTION rules_of_what_was_issued() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  broken text[];
BEGIN
  broken := CASE
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
  RETURN NEW;
END $$;
CREATE TRIGGER rules_of_what_was_issued BEFORE UPDATE OF id, batch, provider, product_key, kind, set_of, channel, size,
  board_key ON identities FOR EACH ROW EXECUTE FUNCTION rules_of_what_was_issued();
ALTER TABLE identities ENABLE ALWAYS TRIGGER rules_of_what_was_issued;

DROP TRIGGER tally_move ON identities;
DROP FUNCTION tally_move;
-- What older steps counted as in hand stands in tally_parts still, and is of no account.
CREATE OR REPLACE VIEW tallies AS
  SELECT product_key, kind, state, sum(identities)::bigint AS identities, sum(certificates)::bigint AS certificates
  FROM (SELECT product_key, kind, state, identities, certificates FROM tally_parts
      WHERE state NOT IN ('RESERVED','WRITING')
    UNION ALL SELECT product_key, kind, state, 1, size FROM identities WHERE state IN ('RESERVED','WRITING')) AS parts
  GROUP BY product_key, kind, state;

-- The steps, each by numbers and texts instead of whole rows.

DROP FUNCTION reserve_at_once, write_at_once, consume_at_once, add_line;

-- As `audit.hash_of`; what is no free text needs no quoting. The server puts it into the statement that asks for it.
CREATE FUNCTION hash_of_line(its_chain text, previous text, line bigint, moment text, event text, actor text,
  its_id bigint, version bigint, from_state text, to_state text, try bigint, board text, at_slot text, detail text)
RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT encode(sha256(convert_to(concat('[2,"', its_chain, '","', previous, '",', line, ',"', moment, '","', event,
    '",', to_json(actor), ',', its_id, ',', version, ',"', from_state, '","', to_state, '",', try, ',', to_json(board),
    ',', to_json(at_slot), ',', to_json(detail), ']'), 'UTF8')), 'hex')
$$;

CREATE FUNCTION add_line(its_chain text, its_moment text, its_event text, its_actor text, its_id bigint,
  its_version bigint, before text, becomes text, try bigint, board text, at_slot text, its_detail text, visit text,
  OUT line bigint, OUT line_hash text)
LANGUAGE plpgsql AS $$
BEGIN
  IF visit <> '' THEN
    its_detail := left(its_detail, -1) || CASE its_detail WHEN '{}' THEN '' ELSE ', ' END || '"visit": '
      || to_json(visit) || '}';
  END IF;
  INSERT INTO audit (seq, at, event, actor, identity, version, from_state, to_state, attempt, board_uid, slot, detail,
    previous, hash, chain)
  SELECT foot.seq, its_moment, its_event, its_actor, its_id, its_version, before, becomes, try, board,
    at_slot, its_detail, foot.hash, hash_of_line(its_chain, foot.hash, foot.seq, its_moment, its_event, its_actor,
      its_id, its_version, before, becomes, try, board, at_slot, its_detail), its_chain
  FROM (SELECT nextval('audit_seq_seq') AS seq, coalesce((SELECT last.hash FROM (SELECT a.chain, a.hash FROM audit a
    WHERE a.chain <> '' AND (a.chain, a.seq) <= (its_chain, 9223372036854775807) ORDER BY a.chain DESC, a.seq DESC
    LIMIT 1) AS last WHERE last.chain = its_chain), repeat('0', 64)) AS hash) AS foot
  RETURNING seq, hash INTO line, line_hash;
END $$;

CREATE FUNCTION reserve_at_once(bench bigint, its_chain text, who text, moment text, visit text, promised text,
  products text[], of_kind text, fewest bigint, most bigint, dressed bigint, of_batches bigint[], for_order text,
  quantity bigint, board text, at_slot text, session text)
RETURNS TABLE (identity bigint, attempt bigint, provider text, kind text, line bigint, line_hash text, channel bigint,
  product_key text, device_name text, secret bytea, product_secret bytea, iot_id text, device_id text, node_id text,
  cloud_status bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  one bigint[];  -- id, version, attempt
  next_one bigint[];
  product text;
  from_batch bigint;
  said record;
BEGIN
  IF pg_advisory_xact_lock_shared(1398030676, 1) IS NULL OR pg_advisory_xact_lock(1398030677, bench::integer) IS NULL
    OR promised <> promised_now() THEN
    RETURN;
  END IF;
  -- who takes for an order counts its boards first, one by one
  IF quantity > 0 THEN
    IF pg_advisory_xact_lock(1398030678, hashtext(for_order)) IS NULL THEN
      RETURN;
    END IF;
    IF quantity <= (SELECT count(*) FROM ordered o JOIN identities i ON i.id = o.identity WHERE o.work_order = for_order
        AND i.state IN ('RESERVED','WRITING','IN_DOUBT','CONSUMED') AND NOT EXISTS (SELECT 1 FROM audit a
          WHERE a.identity = o.identity AND a.version IS NOT NULL AND a.attempt = o.attempt
            AND a.from_state = 'RESERVED' AND a.to_state = 'READY')) THEN
      RETURN;
    END IF;
  END IF;
  FOREACH product IN ARRAY products LOOP
    IF of_batches = '{}' THEN
      SELECT ARRAY[i.id, i.version, i.attempt] INTO next_one FROM identities i WHERE i.state = 'READY'
        AND i.product_key = product AND i.kind = of_kind AND i.set_of IS NULL AND i.size - 1 BETWEEN fewest AND most
        ORDER BY i.set_of, i.id LIMIT 1 FOR NO KEY UPDATE OF i SKIP LOCKED;
      one := least(one, next_one);
    ELSE
      FOREACH from_batch IN ARRAY of_batches LOOP
        SELECT ARRAY[i.id, i.version, i.attempt] INTO next_one FROM identities i WHERE i.state = 'READY'
          AND i.batch = from_batch AND i.product_key = product AND i.kind = of_kind AND i.set_of IS NULL
          AND i.size - 1 BETWEEN fewest AND most
          ORDER BY i.set_of, i.id LIMIT 1 FOR NO KEY UPDATE OF i SKIP LOCKED;
        one := least(one, next_one);
      END LOOP;
    END IF;
  END LOOP;
  -- a lock of the station; a role that is told of commits too early: whether this one is, the bench asks exactly
  IF one IS NULL OR EXISTS (SELECT 1 FROM locks l WHERE l.bench = '' AND l.scope = '' UNION ALL
      SELECT 1 FROM pg_db_role_setting s WHERE lower(s.setconfig::text) ~ 'synchronous_commit=(off|false|no|0)') THEN
    RETURN;
  END IF;
  IF dressed <> 0 THEN
    IF EXISTS (SELECT 1 FROM certificates c WHERE c.identity = one[1] AND c.product_secret IS NULL) THEN
      RETURN;
    END IF;
  END IF;
  said := add_line(its_chain, moment, 'reserved', who, one[1], one[2] + 1, 'READY', 'RESERVED', one[3] + 1, board,
    at_slot, '{}', visit);
  UPDATE identities i SET state = 'RESERVED', version = i.version + 1, attempt = i.attempt + 1, changed_at = moment,
    board_uid = board, slot = at_slot, owner = session, reason = NULL, code = NULL WHERE i.id = one[1];
  IF for_order <> '' THEN
    INSERT INTO ordered (identity, attempt, work_order) VALUES (one[1], one[3] + 1, for_order);
  END IF;
  RETURN QUERY SELECT i.id, i.attempt, i.provider, i.kind, said.line, said.line_hash, c.channel,
    c.product_key, c.device_name, c.secret, c.product_secret, c.iot_id, c.device_id, c.node_id, c.cloud_status
    FROM identities i JOIN certificates c ON c.identity = i.id WHERE i.id = one[1] ORDER BY c.channel;
END $$;

CREATE FUNCTION write_at_once(bench bigint, its_chain text, who text, moment text, visit text, promised text,
  its_id bigint, its_attempt bigint, OUT line bigint, OUT line_hash text, OUT board_uid text, OUT kind text,
  OUT channel bigint, OUT product_key text, OUT device_name text, OUT content bytea)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  its_version bigint;
  its_slot text;
  said record;
BEGIN
  IF pg_advisory_xact_lock_shared(1398030676, 1) IS NULL OR pg_advisory_xact_lock(1398030677, bench::integer) IS NULL
    OR promised <> promised_now() THEN
    RETURN;
  END IF;
  SELECT i.version, i.board_uid, i.slot, i.kind, c.channel, c.product_key, c.device_name, c.content
    INTO its_version, board_uid, its_slot, kind, channel, product_key, device_name, content
    FROM identities i JOIN certificates c ON c.identity = i.id
    WHERE i.id = its_id AND i.state = 'RESERVED' AND i.attempt = its_attempt AND i.size = 1
      AND (i.kind <> 'nvr-member' OR i.channel > 0)
      AND NOT EXISTS (SELECT 1 FROM locks l WHERE l.bench = '' AND l.scope = '')
      AND NOT EXISTS (SELECT 1 FROM conflicts x WHERE x.product_key = c.product_key AND x.device_name = c.device_name
        AND x.decision IS NULL)
    FOR NO KEY UPDATE OF i;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  said := add_line(its_chain, moment, 'writing', who, its_id, its_version + 1, 'RESERVED', 'WRITING', its_attempt,
    board_uid, its_slot, '{"proof": {"names": ' || to_json(product_key || '/' || device_name) || ', "v": 2}}', visit);
  UPDATE identities i SET state = 'WRITING', version = i.version + 1, changed_at = moment WHERE i.id = its_id;
  line := said.line;
  line_hash := said.line_hash;
END $$;

CREATE FUNCTION consume_at_once(bench bigint, its_chain text, who text, moment text, visit text, its_id bigint,
  its_attempt bigint, board text, is_expected text, was_found text, by_method text, reset bigint, destroyed bigint,
  OUT line bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  its_version bigint;
  its_slot text;
  its_name text;
  said record;
BEGIN
  IF pg_advisory_xact_lock_shared(1398030676, 1) IS NULL
    OR pg_advisory_xact_lock(1398030677, bench::integer) IS NULL THEN
    RETURN;
  END IF;
  SELECT i.version, i.slot, c.product_key || '/' || c.device_name INTO its_version, its_slot, its_name
    FROM identities i JOIN certificates c ON c.identity = i.id
    WHERE i.id = its_id AND i.state = 'WRITING' AND i.attempt = its_attempt AND i.size = 1 AND i.board_uid = board
    FOR NO KEY UPDATE OF i;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  said := add_line(its_chain, moment, 'consumed', who, its_id, its_version + 1, 'WRITING', 'CONSUMED', its_attempt,
    board, its_slot, '{"after_reset": ' || (reset <> 0)::text || ', "method": ' || to_json(by_method)
    || ', "proof": {"expected": ' || to_json(is_expected) || ', "found": ' || to_json(was_found) || ', "method": ' || to_json(by_method)
    || ', "names": ' || to_json(its_name) || ', "uid_after": ' || to_json(board) || ', "v": 2}}', visit);
  UPDATE identities i SET state = 'CONSUMED', version = i.version + 1, changed_at = moment, owner = NULL,
    expected = is_expected, found = was_found, method = by_method, uid_after = board, reason = NULL, code = NULL
    WHERE i.id = its_id;
  IF destroyed <> 0 THEN
    UPDATE certificates c SET secret = NULL, product_secret = NULL WHERE c.identity = its_id;
  END IF;
  line := said.line;
END $$;
