-- SPDX-License-Identifier: GPL-3.0-or-later
-- A board's stay is kept beside what other benches do, and WRITING is one call too where its board has a key.
--
-- Stays had the line's turn, so that whoever reads on from a number misses none: each waited for all commits of the
-- line, and all of the line for its own. They go one by one among themselves now, for as long as this call takes; no disk
-- is waited for meanwhile, the next commit of whomever takes a stay along.
--
-- A lock on all of one bench is asked by its steps too: another program of the same bench may have raised it.

CREATE FUNCTION stay_at_once(bench bigint, its_chain text, who text, moment text, visit text, ended double precision,
  at_slot text, board text, its_outcome text, its_code text, its_what text, its_identity bigint, its_attempt bigint,
  took double precision, its_operator text, its_details text, proved text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  number bigint;
  its_detail text;
BEGIN
  IF pg_advisory_xact_lock_shared(1398030676, 1) IS NULL OR pg_advisory_xact_lock(1398030677, bench::integer) IS NULL
    OR pg_advisory_xact_lock(1398030679, 1) IS NULL THEN
    RETURN NULL;
  END IF;
  INSERT INTO visits (at, slot, board_uid, outcome, code, what, identity, attempt, seconds, operator, details, bench)
    VALUES (ended, at_slot, board, its_outcome, its_code, its_what, its_identity, its_attempt, took, its_operator,
      its_details, its_chain) RETURNING id INTO number;
  its_detail := concat('{"proof": {"digest": "', encode(sha256(convert_to(concat('[', number, ',', proved), 'UTF8')),
    'hex'), '", "v": 2, "visit": ', number, '}', CASE visit WHEN '' THEN '' ELSE ', "visit": ' || to_json(visit) END, '}');
  INSERT INTO audit (seq, at, event, actor, detail, previous, hash, chain)
  SELECT foot.seq, moment, 'visit', who, its_detail, foot.hash, encode(sha256(convert_to(concat('[2,"', its_chain, '","',
      foot.hash, '",', foot.seq, ',"', moment, '","visit",', to_json(who), ',null,null,null,null,null,null,null,',
      to_json(its_detail), ']'), 'UTF8')), 'hex'), its_chain
  FROM (SELECT nextval('audit_seq_seq') AS seq, coalesce((SELECT last.hash FROM (SELECT a.chain, a.hash FROM audit a
    WHERE a.chain <> '' AND (a.chain, a.seq) <= (its_chain, 9223372036854775807) ORDER BY a.chain DESC, a.seq DESC
    LIMIT 1) AS last WHERE last.chain = its_chain), repeat('0', 64)) AS hash) AS foot;
  RETURN number;
END $$;

DROP FUNCTION reserve_at_once, write_at_once;
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
  -- a lock of the line, or of the bench; a role that is told of commits too early: whether this one is, the bench asks exactly
  IF one IS NULL OR EXISTS (SELECT 1 FROM locks l WHERE l.bench IN ('', its_chain) AND l.scope IN ('', '*')
      UNION ALL SELECT 1 FROM pg_db_role_setting s
        WHERE lower(s.setconfig::text) ~ 'synchronous_commit=(off|false|no|0)') THEN
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
  its_id bigint, its_attempt bigint, board text, at_slot text, session text, its_key bytea, OUT line bigint,
  OUT line_hash text, OUT board_uid text, OUT kind text, OUT channel bigint, OUT product_key text, OUT device_name text,
  OUT content bytea)
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
    WHERE i.id = its_id AND i.state = 'RESERVED' AND i.attempt = its_attempt AND i.board_uid = board
      AND i.slot = at_slot AND i.owner = session AND i.size = 1
      AND (i.kind <> 'nvr-member' OR i.channel > 0)
      AND NOT EXISTS (SELECT 1 FROM locks l WHERE l.bench IN ('', its_chain) AND l.scope IN ('', '*'))
      AND NOT EXISTS (SELECT 1 FROM conflicts x WHERE x.product_key = c.product_key AND x.device_name = c.device_name
        AND x.decision IS NULL)
    FOR NO KEY UPDATE OF i;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  said := add_line(its_chain, moment, 'writing', who, its_id, its_version + 1, 'RESERVED', 'WRITING', its_attempt,
    board_uid, its_slot, '{"proof": {"names": ' || to_json(product_key || '/' || device_name) || ', "v": 2}}', visit);
  -- a statement that names the key is asked more rules
  IF its_key IS NULL THEN
    UPDATE identities i SET state = 'WRITING', version = i.version + 1, changed_at = moment WHERE i.id = its_id;
  ELSE
    UPDATE identities i SET state = 'WRITING', version = i.version + 1, changed_at = moment, board_key = its_key
      WHERE i.id = its_id;
  END IF;
  line := said.line;
  line_hash := said.line_hash;
END $$;
