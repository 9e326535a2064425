-- SPDX-License-Identifier: GPL-3.0-or-later
-- The steps of a board in less of the server's time, and more of what benches ask for as one call.
--
-- The server reads and plans each CHECK of a table anew at every change: fifteen of them were a fourteenth of what a
-- step cost. One CHECK asks a function for all, whose expressions it keeps. The visit that a line of the audit names is
-- said with the call, not by a setting. What was taken of one batch only, or for a work order, is one call too.

DO $$
DECLARE one record;
BEGIN
  FOR one IN SELECT conname FROM pg_constraint WHERE conrelid = 'identities'::regclass AND contype = 'c'
  LOOP
    EXECUTE format('ALTER TABLE identities DROP CONSTRAINT %I', one.conname);
  END LOOP;
END $$;

-- As SQLite's CHECKs say it, each a line; what cannot be told, NULL, holds, as it does in a CHECK.
CREATE FUNCTION may_stand(kind text, set_of bigint, channel bigint, size bigint, state text, attempt bigint,
  board_uid text, owner text, expected text, its_found text, uid_after text, method text, reason text, code text)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS $$
BEGIN
  RETURN (kind IN ('single','nvr-set','nvr-member'))
    AND (channel BETWEEN 0 AND 255)
    AND (size BETWEEN 1 AND 256)
    AND (state IN ('READY','WITHHELD','RESERVED','WRITING','IN_DOUBT','CONSUMED','RETIRED'))
    AND (code ~ '^E[0-9][0-9][0-9]$')
    AND ((kind = 'nvr-member') = (set_of IS NOT NULL))
    AND (state NOT IN ('READY','WITHHELD') OR board_uid IS NULL)
    AND (state NOT IN ('RESERVED','WRITING','IN_DOUBT','CONSUMED') OR board_uid IS NOT NULL)
    AND (state NOT IN ('RESERVED','WRITING','IN_DOUBT','CONSUMED') OR attempt > 0)
    AND ((state IN ('RESERVED','WRITING')) = (owner IS NOT NULL))
    AND (state <> 'CONSUMED' OR (expected IS NOT NULL AND its_found = expected AND uid_after = board_uid
      AND method IS NOT NULL))
    AND (state <> 'RETIRED' OR length(reason) > 0);
END $$;
ALTER TABLE identities ADD CONSTRAINT may_stand CHECK (may_stand(kind, set_of, channel, size, state, attempt, board_uid,
  owner, expected, found, uid_after, method, reason, code));

DROP FUNCTION reserve_at_once, write_at_once, consume_at_once, add_line;

-- As before; the visit comes behind all others of the detail, as in the lines that benches write themselves.

CREATE FUNCTION add_line(its_chain text, its_moment text, its_event text, its_actor text, moved identities,
  becomes text, try bigint, board text, at_slot text, its_detail text, visit text, OUT line bigint, OUT line_hash text)
LANGUAGE plpgsql AS $$
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

CREATE FUNCTION reserve_at_once(bench bigint, its_chain text, who text, moment text, visit text, promised text,
  products text[], of_kind text, fewest bigint, most bigint, dressed bigint, of_batches bigint[], for_order text,
  quantity bigint, board text, at_slot text, session text)
RETURNS TABLE (identity bigint, attempt bigint, provider text, kind text, line bigint, line_hash text, channel bigint,
  product_key text, device_name text, secret bytea, product_secret bytea, iot_id text, device_id text, node_id text,
  cloud_status bigint)
LANGUAGE plpgsql SET enable_sort = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
  one identities;
  next_one identities;
  product text;
  from_batch bigint;
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
    FOREACH from_batch IN ARRAY CASE of_batches WHEN '{}' THEN ARRAY[NULL::bigint] ELSE of_batches END LOOP
      IF from_batch IS NULL THEN
        SELECT i.* INTO next_one FROM identities i WHERE i.state = 'READY' AND i.product_key = product
          AND i.kind = of_kind AND i.set_of IS NULL AND i.size - 1 BETWEEN fewest AND most
          AND NOT EXISTS (SELECT 1 FROM locks WHERE scope = '')
          ORDER BY i.set_of, i.id LIMIT 1 FOR NO KEY UPDATE OF i SKIP LOCKED;
      ELSE
        SELECT i.* INTO next_one FROM identities i WHERE i.state = 'READY' AND i.batch = from_batch
          AND i.product_key = product AND i.kind = of_kind AND i.set_of IS NULL AND i.size - 1 BETWEEN fewest AND most
          AND NOT EXISTS (SELECT 1 FROM locks WHERE scope = '')
          ORDER BY i.set_of, i.id LIMIT 1 FOR NO KEY UPDATE OF i SKIP LOCKED;
      END IF;
      IF one.id IS NULL OR next_one.id < one.id THEN
        one := next_one;
      END IF;
    END LOOP;
  END LOOP;
  IF one.id IS NULL THEN
    RETURN;
  END IF;
  IF dressed <> 0 THEN
    IF EXISTS (SELECT 1 FROM certificates c WHERE c.identity = one.id AND c.product_secret IS NULL) THEN
      RETURN;
    END IF;
  END IF;
  said := add_line(its_chain, moment, 'reserved', who, one, 'RESERVED', one.attempt + 1, board, at_slot, '{}', visit);
  UPDATE identities i SET state = 'RESERVED', version = i.version + 1, attempt = i.attempt + 1, changed_at = moment,
    board_uid = board, slot = at_slot, owner = session, reason = NULL, code = NULL WHERE i.id = one.id;
  IF for_order <> '' THEN
    INSERT INTO ordered (identity, attempt, work_order) VALUES (one.id, one.attempt + 1, for_order);
  END IF;
  RETURN QUERY SELECT one.id, one.attempt + 1, one.provider, one.kind, said.line, said.line_hash, c.channel,
    c.product_key, c.device_name, c.secret, c.product_secret, c.iot_id, c.device_id, c.node_id, c.cloud_status
    FROM certificates c WHERE c.identity = one.id ORDER BY c.channel;
END $$;

CREATE FUNCTION write_at_once(bench bigint, its_chain text, who text, moment text, visit text, promised text,
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
    '{"proof": {"names": ' || to_json(its.product_key || '/' || its.device_name) || ', "v": 2}}', visit);
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

CREATE FUNCTION consume_at_once(bench bigint, its_chain text, who text, moment text, visit text, its_id bigint,
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
    || ', "names": ' || to_json(its.name) || ', "uid_after": ' || to_json(board) || ', "v": 2}}', visit);
  UPDATE identities i SET state = 'CONSUMED', version = i.version + 1, changed_at = moment, owner = NULL,
    expected = is_expected, found = was_found, method = by_method, uid_after = board, reason = NULL, code = NULL
    WHERE i.id = its_id;
  IF destroyed <> 0 THEN
    UPDATE certificates c SET secret = NULL, product_secret = NULL WHERE c.identity = its_id;
  END IF;
  line := said.line;
END $$;
