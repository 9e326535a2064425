# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the schema still guards itself: tables, columns, checks, indexes, triggers and functions are those its steps
made, no less and no more, all of them on.

How a server words a definition is its own affair, so two of the same server are compared: with what was written down
when the steps ran, which a bench may read and not change; and, where the role may, with a second schema that is made
by the same steps and undone.
"""

from __future__ import annotations

import json

import psycopg

from station.ledger.guarding import Objects, compared

_OBJECTS = """
WITH ours AS (SELECT c.*, n.nspowner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname = %(schema)s)
SELECT 'table', relname, concat_ws(' ', relkind, relpersistence, relrowsecurity, relforcerowsecurity,
         array_to_string(reloptions, ','), CASE WHEN relowner = nspowner THEN 'the owner''s' ELSE 'another''s' END,
         CASE WHEN relkind IN ('v','m') THEN pg_get_viewdef(oid) END)
  FROM ours WHERE relkind NOT IN ('i','I')
UNION ALL
SELECT 'column', relname || '.' || attname, concat_ws(' ', attnum, format_type(atttypid, atttypmod), attnotnull,
         attidentity, attgenerated, (SELECT collname FROM pg_collation WHERE oid = attcollation),
         pg_get_expr(adbin, adrelid))
  FROM ours JOIN pg_attribute a ON attrelid = ours.oid LEFT JOIN pg_attrdef d ON (adrelid, adnum) = (attrelid, attnum)
  WHERE relkind IN ('r','p','v','m','f') AND attnum > 0 AND NOT attisdropped
UNION ALL
SELECT 'check', relname || '.' || conname, concat_ws(' ', pg_get_constraintdef(k.oid), convalidated)
  FROM ours JOIN pg_constraint k ON conrelid = ours.oid WHERE contype IN ('c','f','p','u','x')
UNION ALL
SELECT 'index', ours.relname, concat_ws(' ', pg_get_indexdef(indexrelid), indisvalid, indisready, indislive)
  FROM ours JOIN pg_index ON indexrelid = ours.oid
UNION ALL
SELECT 'trigger', relname || '.' || tgname, concat_ws(' ', pg_get_triggerdef(t.oid), tgenabled)
  FROM ours JOIN pg_trigger t ON tgrelid = ours.oid WHERE NOT tgisinternal
UNION ALL
SELECT 'foreign keys', relname, string_agg(tgenabled::text, '' ORDER BY tgenabled)
  FROM ours JOIN pg_trigger t ON tgrelid = ours.oid WHERE tgisinternal GROUP BY relname
UNION ALL
SELECT 'rule', relname || '.' || rulename, pg_get_ruledef(r.oid)
  FROM ours JOIN pg_rewrite r ON ev_class = ours.oid WHERE rulename <> '_RETURN'
UNION ALL
SELECT 'policy', relname || '.' || polname, '' FROM ours JOIN pg_policy ON polrelid = ours.oid
UNION ALL
SELECT 'heir', relname, inhrelid::regclass::text FROM ours JOIN pg_inherits ON inhparent = ours.oid WHERE relkind <> 'I'
UNION ALL
SELECT 'function', proname || '/' || pronargs, pg_get_functiondef(p.oid)
         || CASE WHEN proowner = nspowner THEN '' ELSE ' another''s' END
  FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = %(schema)s AND prokind IN ('f','p')
"""


def objects(db: psycopg.Connection, schema: str) -> Objects:
    """All that stands in this schema, as the server says it, the schema's own name left out, and `station`, by which
    settings go too (`station.visit`), whatever the schema is called. Takes the transaction's search path away."""
    db.execute("SET LOCAL search_path = pg_catalog, pg_temp")
    db.execute("SET LOCAL quote_all_identifiers = off")  # it is how the server says them
    rows = db.execute(_OBJECTS, {"schema": schema}).fetchall()
    return {(kind, name): text.replace(schema, "~").replace("station", "~") for kind, name, text in rows}


def difference(db: psycopg.Connection, schema: str) -> str:
    """What is not as it was written down when the steps ran, in words; "" when all is. Takes the
    transaction's search path away."""
    found = db.execute(f"SELECT made FROM {schema}.steps ORDER BY name DESC LIMIT 1").fetchone()
    made = json.loads(found[0]) if found and found[0] else []
    return compared(objects(db, schema), {(kind, name): text for kind, name, text in made})
