import 'server-only'

/** The tables of groups, grants and requests for access. Never edited, as every migration. */
export const ACCESS_MIGRATION = {
  name: 'access',
  // Without a role on everything (`has_role` 0) a user has grants only. An empty text in a resource is everything at
  // that level. Grants outlive what they name, and are removed with their holder by the change that removes it.
  sqlite: accessStatements({ text: 'TEXT', int: 'INTEGER', strict: ' STRICT', noCase: 'name COLLATE NOCASE' }),
  postgres: accessStatements({ text: 'TEXT COLLATE "C"', int: 'BIGINT', strict: '', noCase: 'lower(name)' }),
}

function accessStatements({ text, int, strict, noCase }: Record<'text' | 'int' | 'strict' | 'noCase', string>) {
  return [
    `ALTER TABLE users ADD COLUMN has_role ${int} NOT NULL DEFAULT 1`,
    `ALTER TABLE users ADD COLUMN display_name ${text}`,
    `ALTER TABLE users ADD COLUMN last_sign_in_at_ms ${int}`,
    `ALTER TABLE tokens ADD COLUMN catalog ${text}`,
    `ALTER TABLE tokens ADD COLUMN namespace ${text}`,
    `CREATE TABLE user_groups (
      id ${text} NOT NULL PRIMARY KEY,
      name ${text} NOT NULL,
      source ${text} NOT NULL,
      created_at_ms ${int} NOT NULL,
      created_by ${text} NOT NULL
    )${strict}`,
    `CREATE UNIQUE INDEX user_groups_by_name ON user_groups (${noCase})`,
    `CREATE TABLE group_members (
      group_id ${text} NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
      user_id ${text} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      PRIMARY KEY (group_id, user_id)
    )${strict}`,
    'CREATE INDEX group_members_by_user ON group_members (user_id, group_id)',
    `CREATE TABLE grants (
      id ${text} NOT NULL PRIMARY KEY,
      holder_kind ${text} NOT NULL,
      holder_id ${text} NOT NULL,
      role ${text} NOT NULL,
      catalog ${text} NOT NULL,
      namespace ${text} NOT NULL,
      table_name ${text} NOT NULL,
      created_at_ms ${int} NOT NULL,
      created_by ${text} NOT NULL
    )${strict}`,
    'CREATE UNIQUE INDEX grants_by_holder ON grants (holder_kind, holder_id, catalog, namespace, table_name)',
    'CREATE INDEX grants_by_resource ON grants (catalog, namespace, table_name)',
    `CREATE TABLE access_requests (
      id ${text} NOT NULL PRIMARY KEY,
      user_id ${text} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      role ${text} NOT NULL,
      catalog ${text} NOT NULL,
      namespace ${text} NOT NULL,
      table_name ${text} NOT NULL,
      note ${text} NOT NULL,
      created_at_ms ${int} NOT NULL,
      state ${text} NOT NULL,
      settled_by ${text},
      settled_at_ms ${int},
      word ${text}
    )${strict}`,
    'CREATE INDEX access_requests_by_user ON access_requests (user_id, id)',
    "CREATE INDEX access_requests_open ON access_requests (id) WHERE state = 'open'",
  ]
}
