-- SPDX-License-Identifier: GPL-3.0-or-later
-- I3: nothing is deleted, and no table is emptied at a stroke. What only ever grows is not changed either.
--
-- Each guard is ALWAYS on: a session that replays what another server did (session_replication_role) meets it too.

DO $$
DECLARE one text;
BEGIN
  FOREACH one IN ARRAY ARRAY['identities','certificates','audit','visits','batches','cloud_requests','conflicts',
    'registrations','found_on_boards','cloud_answers','strangers','vouched','odd_items','foretold','spellings',
    'cameras_left_out']
  LOOP
    EXECUTE format('CREATE TRIGGER keep_%1$s BEFORE DELETE ON %1$s FOR EACH ROW EXECUTE FUNCTION refuse(%2$L)',
      one, 'I3: no row of ' || one || ' is deleted');
  END LOOP;
  FOREACH one IN ARRAY ARRAY['audit','visits','found_on_boards','cloud_answers','vouched','foretold']
  LOOP
    EXECUTE format('CREATE TRIGGER fix_%1$s BEFORE UPDATE ON %1$s FOR EACH ROW EXECUTE FUNCTION refuse(%2$L)',
      one, one || ' is append-only');
  END LOOP;
END $$;
CREATE TRIGGER fix_spellings BEFORE UPDATE ON spellings FOR EACH ROW
  EXECUTE FUNCTION refuse('spellings are as the step found them');
CREATE TRIGGER fix_cameras_left_out BEFORE UPDATE ON cameras_left_out FOR EACH ROW
  EXECUTE FUNCTION refuse('a word about a camera stays');

DO $$
DECLARE one record;
BEGIN
  FOR one IN SELECT c.oid, c.relname FROM pg_class c WHERE c.relnamespace = current_schema::regnamespace AND c.relkind = 'r'
  LOOP
    EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION refuse(%L)',
      one.oid::regclass, 'I3: ' || one.relname || ' is never emptied');
  END LOOP;
  FOR one IN SELECT t.tgname, t.tgrelid FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = current_schema::regnamespace AND NOT t.tgisinternal
  LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', one.tgrelid::regclass, one.tgname);
  END LOOP;
END $$;
