import 'server-only'
import { BASELINE_TABLES } from '../baseline-tables'

/** The tables of a new file, which are the first migration. */
export const BASELINE: readonly string[] = [
  ...BASELINE_TABLES,
  `CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END`,
  `CREATE TRIGGER audit_is_never_removed BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit rows are never removed'); END`,
  'CREATE UNIQUE INDEX user_groups_by_name ON user_groups (name COLLATE NOCASE)',
  ...['search_objects', 'search_entries'].flatMap((table) => [
    `CREATE VIRTUAL TABLE ${table}_parts USING fts5(
      text, tokenize = 'trigram case_sensitive 1', detail = none, content = '', contentless_delete = 1)`,
    `CREATE TRIGGER ${table}_added AFTER INSERT ON ${table} WHEN new.text IS NOT NULL
      BEGIN INSERT INTO ${table}_parts (rowid, text) VALUES (new.id, new.text); END`,
    `CREATE TRIGGER ${table}_removed AFTER DELETE ON ${table} WHEN old.text IS NOT NULL
      BEGIN DELETE FROM ${table}_parts WHERE rowid = old.id; END`,
  ]),
]
