import 'server-only'
import { ACCESS_MIGRATION } from './auth/access-migration'
import { SEARCH_MIGRATION } from './search/search-migration'
import { SQLITE_MIGRATIONS } from './sqlite/migrations'

/** A change of our own tables, for both databases. */
export type Migration = { name: string; sqlite: readonly string[]; postgres: readonly string[] }

/**
 * The migrations after PostgreSQL's baseline, in order. Each is applied once, identified by its name, and never edited
 * after that: a new one at the end changes what it created.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    name: 'indexes-of-lists',
    ...forBothDatabases(
      'CREATE INDEX runs_by_kind ON runs (kind, id)',
      'CREATE INDEX tokens_by_time ON tokens (created_at_ms DESC, id)',
    ),
  },
  {
    name: 'disabled-users',
    sqlite: ['ALTER TABLE users ADD COLUMN disabled_at_ms INTEGER'],
    postgres: ['ALTER TABLE users ADD COLUMN disabled_at_ms BIGINT'],
  },
  {
    name: 'catalog-name',
    sqlite: ['CREATE TABLE catalog_name (id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL) STRICT'],
    postgres: [
      'CREATE TABLE catalog_name (id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1), name TEXT COLLATE "C" NOT NULL)',
    ],
  },
  {
    name: 'shared-settings',
    sqlite: [
      'CREATE TABLE shared_settings (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID',
    ],
    postgres: [
      'CREATE TABLE shared_settings (name TEXT COLLATE "C" NOT NULL PRIMARY KEY, value TEXT COLLATE "C" NOT NULL)',
    ],
  },
  {
    name: 'renamed-codes',
    ...forBothDatabases(
      renameText('runs', 'error', 'changed-meanwhile', 'version-conflict'),
      renameText('runs', 'error', 'own-login-wanted', 'credentials-required'),
    ),
  },
  {
    name: 'audit-origin',
    sqlite: ['ALTER TABLE audit ADD COLUMN origin TEXT'],
    postgres: ['ALTER TABLE audit ADD COLUMN origin TEXT COLLATE "C"'],
  },
  {
    name: 'saved-queries',
    sqlite: [
      `CREATE TABLE saved_queries (
        id TEXT NOT NULL PRIMARY KEY,
        owner_id TEXT NOT NULL,
        owner_name TEXT NOT NULL,
        name TEXT NOT NULL,
        sql TEXT NOT NULL,
        is_shared INTEGER NOT NULL,
        created_at_ms INTEGER NOT NULL,
        changed_at_ms INTEGER NOT NULL,
        changed_by TEXT NOT NULL,
        version INTEGER NOT NULL
      ) STRICT`,
      'CREATE INDEX saved_queries_by_owner ON saved_queries (owner_id, id)',
      'CREATE INDEX saved_queries_shared ON saved_queries (id) WHERE is_shared = 1',
    ],
    postgres: [
      `CREATE TABLE saved_queries (
        id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
        owner_id TEXT COLLATE "C" NOT NULL,
        owner_name TEXT COLLATE "C" NOT NULL,
        name TEXT COLLATE "C" NOT NULL,
        sql TEXT COLLATE "C" NOT NULL,
        is_shared BIGINT NOT NULL,
        created_at_ms BIGINT NOT NULL,
        changed_at_ms BIGINT NOT NULL,
        changed_by TEXT COLLATE "C" NOT NULL,
        version BIGINT NOT NULL
      )`,
      'CREATE INDEX saved_queries_by_owner ON saved_queries (owner_id, id)',
      'CREATE INDEX saved_queries_shared ON saved_queries (id) WHERE is_shared = 1',
    ],
  },
  {
    name: 'saved-query-parameters',
    sqlite: [`ALTER TABLE saved_queries ADD COLUMN parameters TEXT NOT NULL DEFAULT '[]'`],
    postgres: [`ALTER TABLE saved_queries ADD COLUMN parameters TEXT COLLATE "C" NOT NULL DEFAULT '[]'`],
  },
  {
    name: 'audit-drops',
    // Tables that were dropped from a namespace, which can be restored.
    ...forBothDatabases("CREATE INDEX audit_by_drop ON audit (catalog, namespace, seq) WHERE action = 'drop-table'"),
  },
  {
    name: 'pending-writes',
    sqlite: [
      `CREATE TABLE pending_writes (
        id TEXT NOT NULL PRIMARY KEY,
        catalog TEXT NOT NULL,
        entries TEXT NOT NULL,
        evidence TEXT NOT NULL,
        actor_id TEXT,
        idempotency_key TEXT,
        operation TEXT,
        sent_at_ms INTEGER NOT NULL,
        looks_from_ms INTEGER NOT NULL,
        look_count INTEGER NOT NULL
      ) STRICT`,
      'ALTER TABLE audit ADD COLUMN outcome TEXT',
    ],
    postgres: [
      `CREATE TABLE pending_writes (
        id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
        catalog TEXT COLLATE "C" NOT NULL,
        entries TEXT COLLATE "C" NOT NULL,
        evidence TEXT COLLATE "C" NOT NULL,
        actor_id TEXT COLLATE "C",
        idempotency_key TEXT COLLATE "C",
        operation TEXT COLLATE "C",
        sent_at_ms BIGINT NOT NULL,
        looks_from_ms BIGINT NOT NULL,
        look_count BIGINT NOT NULL
      )`,
      'ALTER TABLE audit ADD COLUMN outcome TEXT COLLATE "C"',
    ],
  },
  {
    name: 'proposals',
    sqlite: [
      `CREATE TABLE proposals (
        id TEXT NOT NULL PRIMARY KEY,
        catalog TEXT NOT NULL,
        table_uuid TEXT NOT NULL,
        title TEXT NOT NULL,
        note TEXT NOT NULL,
        intents TEXT NOT NULL,
        proposer_id TEXT NOT NULL,
        proposer_name TEXT NOT NULL,
        created_at_ms INTEGER NOT NULL,
        expires_at_ms INTEGER NOT NULL,
        state TEXT NOT NULL,
        decided_by TEXT,
        decided_at_ms INTEGER,
        word TEXT,
        audit_id TEXT
      ) STRICT`,
      'CREATE INDEX proposals_by_table ON proposals (table_uuid, catalog)',
      'CREATE INDEX proposals_by_expiry ON proposals (expires_at_ms)',
      `CREATE TABLE change_policies (
        catalog TEXT NOT NULL,
        namespace TEXT NOT NULL,
        changed_by TEXT NOT NULL,
        changed_at_ms INTEGER NOT NULL,
        PRIMARY KEY (catalog, namespace)
      ) STRICT, WITHOUT ROWID`,
    ],
    postgres: [
      `CREATE TABLE proposals (
        id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
        catalog TEXT COLLATE "C" NOT NULL,
        table_uuid TEXT COLLATE "C" NOT NULL,
        title TEXT COLLATE "C" NOT NULL,
        note TEXT COLLATE "C" NOT NULL,
        intents TEXT COLLATE "C" NOT NULL,
        proposer_id TEXT COLLATE "C" NOT NULL,
        proposer_name TEXT COLLATE "C" NOT NULL,
        created_at_ms BIGINT NOT NULL,
        expires_at_ms BIGINT NOT NULL,
        state TEXT COLLATE "C" NOT NULL,
        decided_by TEXT COLLATE "C",
        decided_at_ms BIGINT,
        word TEXT COLLATE "C",
        audit_id TEXT COLLATE "C"
      )`,
      'CREATE INDEX proposals_by_table ON proposals (table_uuid, catalog)',
      'CREATE INDEX proposals_by_expiry ON proposals (expires_at_ms)',
      `CREATE TABLE change_policies (
        catalog TEXT COLLATE "C" NOT NULL,
        namespace TEXT COLLATE "C" NOT NULL,
        changed_by TEXT COLLATE "C" NOT NULL,
        changed_at_ms BIGINT NOT NULL,
        PRIMARY KEY (catalog, namespace)
      )`,
    ],
  },
  {
    name: 'proposal-tables',
    // The name under which a table is found, null when it was dropped, and the open proposals of all tables.
    sqlite: [
      'ALTER TABLE proposals ADD COLUMN namespace TEXT',
      'ALTER TABLE proposals ADD COLUMN table_name TEXT',
      "CREATE INDEX proposals_open ON proposals (created_at_ms, id) WHERE state = 'open' AND table_name IS NOT NULL",
    ],
    postgres: [
      'ALTER TABLE proposals ADD COLUMN namespace TEXT COLLATE "C"',
      'ALTER TABLE proposals ADD COLUMN table_name TEXT COLLATE "C"',
      "CREATE INDEX proposals_open ON proposals (created_at_ms, id) WHERE state = 'open' AND table_name IS NOT NULL",
    ],
  },
  {
    name: 'later-runs',
    sqlite: ['ALTER TABLE runs ADD COLUMN starts_at_ms INTEGER'],
    postgres: ['ALTER TABLE runs ADD COLUMN starts_at_ms BIGINT'],
  },
  ACCESS_MIGRATION,
  SEARCH_MIGRATION,
  {
    name: 'identities',
    sqlite: [
      `CREATE TABLE identities (
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        created_at_ms INTEGER NOT NULL,
        PRIMARY KEY (issuer, subject)
      ) STRICT, WITHOUT ROWID`,
      'CREATE UNIQUE INDEX identities_by_user ON identities (user_id, issuer)',
    ],
    postgres: [
      `CREATE TABLE identities (
        issuer TEXT COLLATE "C" NOT NULL,
        subject TEXT COLLATE "C" NOT NULL,
        user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        created_at_ms BIGINT NOT NULL,
        PRIMARY KEY (issuer, subject)
      )`,
      'CREATE UNIQUE INDEX identities_by_user ON identities (user_id, issuer)',
    ],
  },
  {
    name: 'proposed-actions',
    sqlite: [
      'ALTER TABLE proposals ADD COLUMN action TEXT',
      'ALTER TABLE change_policies ADD COLUMN includes_engines INTEGER NOT NULL DEFAULT 0',
    ],
    postgres: [
      'ALTER TABLE proposals ADD COLUMN action TEXT COLLATE "C"',
      'ALTER TABLE change_policies ADD COLUMN includes_engines BIGINT NOT NULL DEFAULT 0',
    ],
  },
  {
    name: 'audit-receivers',
    sqlite: [
      `CREATE TABLE audit_receivers (
        name TEXT NOT NULL PRIMARY KEY,
        position INTEGER NOT NULL,
        leased_by TEXT,
        leased_until_ms INTEGER NOT NULL,
        delivered_at_ms INTEGER,
        failure_count INTEGER NOT NULL,
        failed_since_ms INTEGER,
        error TEXT,
        retries_at_ms INTEGER
      ) STRICT, WITHOUT ROWID`,
    ],
    postgres: [
      `CREATE TABLE audit_receivers (
        name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
        position BIGINT NOT NULL,
        leased_by TEXT COLLATE "C",
        leased_until_ms BIGINT NOT NULL,
        delivered_at_ms BIGINT,
        failure_count BIGINT NOT NULL,
        failed_since_ms BIGINT,
        error TEXT COLLATE "C",
        retries_at_ms BIGINT
      )`,
    ],
  },
  {
    name: 'view-proposals',
    sqlite: ["ALTER TABLE proposals ADD COLUMN entry_kind TEXT NOT NULL DEFAULT 'table'"],
    postgres: [`ALTER TABLE proposals ADD COLUMN entry_kind TEXT COLLATE "C" NOT NULL DEFAULT 'table'`],
  },
  {
    // Loads recorded LZ4_RAW as `lz4`, which footers call another codec. A record of a file that another program has
    // compressed again with that codec looks the same, so both are measured again: the footers say which one it is.
    name: 'sizes-of-lz4-loads',
    ...forBothDatabases(
      "DELETE FROM data_file_sizes WHERE plain_source = 'counted' AND replace(codecs, 'lz4_raw', '') LIKE '%lz4%'",
    ),
  },
  {
    name: 'used-sign-ins',
    sqlite: [
      'CREATE TABLE used_sign_ins (state TEXT NOT NULL PRIMARY KEY, ends_at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID',
      'CREATE INDEX used_sign_ins_by_end ON used_sign_ins (ends_at_ms)',
    ],
    postgres: [
      'CREATE TABLE used_sign_ins (state TEXT COLLATE "C" NOT NULL PRIMARY KEY, ends_at_ms BIGINT NOT NULL)',
      'CREATE INDEX used_sign_ins_by_end ON used_sign_ins (ends_at_ms)',
    ],
  },
]

/** Replaces a text in the JSON of a column. */
function renameText(table: string, column: string, from: string, to: string): string {
  return `UPDATE ${table} SET ${column} = replace(${column}, '"${from}"', '"${to}"') WHERE ${column} LIKE '%"${from}"%'`
}

/** Statements that are the same in both databases. */
function forBothDatabases(...statements: readonly string[]): Pick<Migration, 'sqlite' | 'postgres'> {
  return { sqlite: statements, postgres: statements }
}

/** In order: those that PostgreSQL's baseline includes, then those for both databases. */
export const MIGRATION_NAMES: readonly string[] = [...SQLITE_MIGRATIONS, ...MIGRATIONS].map(({ name }) => name)
