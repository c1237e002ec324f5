import 'server-only'

export type SqliteMigration = { name: string; statements: readonly string[] }

/**
 * The migrations of our own tables up to PostgreSQL's baseline, in order; later ones are written for both databases in
 * `../migrations`. Each is applied once per file, identified by its name, and never edited after that: a new one
 * changes what it created. The catalog's two tables are not here: they belong to the SQL catalog, and `catalog-tables`
 * maintains them.
 */
export const SQLITE_MIGRATIONS: readonly SqliteMigration[] = [
  {
    name: 'audit',
    statements: [
      `CREATE TABLE audit (
        id TEXT NOT NULL PRIMARY KEY,
        at_ms INTEGER NOT NULL,
        actor_id TEXT NOT NULL,
        actor_name TEXT NOT NULL,
        action TEXT NOT NULL,
        catalog TEXT,
        namespace TEXT,
        table_name TEXT,
        table_uuid TEXT,
        before TEXT,
        after TEXT,
        request_id TEXT,
        undoes TEXT
      ) STRICT`,
      'CREATE INDEX audit_by_table ON audit (catalog, namespace, table_name, id)',
      'CREATE INDEX audit_by_table_uuid ON audit (table_uuid, id)',
      'CREATE INDEX audit_by_undoes ON audit (undoes) WHERE undoes IS NOT NULL',
      `CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END`,
      `CREATE TRIGGER audit_is_never_removed BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'audit rows are never removed'); END`,
    ],
  },
  {
    name: 'idempotency',
    statements: [
      `CREATE TABLE idempotency (
        actor_id TEXT NOT NULL,
        key TEXT NOT NULL,
        operation TEXT NOT NULL,
        response TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        PRIMARY KEY (actor_id, key)
      ) STRICT, WITHOUT ROWID`,
      'CREATE INDEX idempotency_by_age ON idempotency (at_ms)',
    ],
  },
  {
    name: 'users',
    statements: [
      `CREATE TABLE users (
        id TEXT NOT NULL PRIMARY KEY,
        username TEXT NOT NULL COLLATE NOCASE UNIQUE,
        password_hash TEXT NOT NULL,
        has_generated_password INTEGER NOT NULL CHECK (has_generated_password IN (0, 1)),
        role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
        created_at_ms INTEGER NOT NULL,
        password_changed_at_ms INTEGER NOT NULL
      ) STRICT`,
      `CREATE TABLE sessions (
        id TEXT NOT NULL PRIMARY KEY,
        user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        created_at_ms INTEGER NOT NULL,
        expires_at_ms INTEGER NOT NULL
      ) STRICT`,
      'CREATE INDEX sessions_by_user ON sessions (user_id, created_at_ms)',
      'CREATE INDEX sessions_by_end ON sessions (expires_at_ms)',
      `CREATE TABLE sign_in_tries (
        key TEXT NOT NULL PRIMARY KEY,
        tries INTEGER NOT NULL,
        pauses INTEGER NOT NULL,
        paused_until_ms INTEGER NOT NULL,
        last_try_ms INTEGER NOT NULL
      ) STRICT`,
      'CREATE INDEX sign_in_tries_by_age ON sign_in_tries (last_try_ms)',
      'CREATE TABLE write_probe (id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), at_ms INTEGER NOT NULL) STRICT',
    ],
  },
  {
    name: 'data-file-sizes',
    statements: [
      `CREATE TABLE data_file_sizes (
        file_path TEXT NOT NULL PRIMARY KEY,
        table_uuid TEXT NOT NULL,
        plain_bytes INTEGER,
        plain_source TEXT CHECK (plain_source IN ('counted', 'size-statistics', 'estimated')),
        encoded_bytes INTEGER NOT NULL,
        stored_bytes INTEGER NOT NULL,
        codecs TEXT NOT NULL
      ) STRICT, WITHOUT ROWID`,
      'CREATE INDEX data_file_sizes_by_table ON data_file_sizes (table_uuid)',
    ],
  },
  {
    name: 'runs',
    statements: [
      `CREATE TABLE runs (
        id TEXT NOT NULL PRIMARY KEY,
        kind TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
        spec TEXT NOT NULL,
        actor TEXT NOT NULL,
        catalog TEXT NOT NULL,
        namespace TEXT NOT NULL,
        table_name TEXT NOT NULL,
        created_at_ms INTEGER NOT NULL,
        started_at_ms INTEGER,
        finished_at_ms INTEGER,
        attempt INTEGER NOT NULL DEFAULT 0,
        lease_owner TEXT,
        lease_until_ms INTEGER,
        cancel_requested INTEGER NOT NULL DEFAULT 0,
        progress TEXT,
        journal TEXT,
        outcome TEXT,
        error TEXT
      ) STRICT`,
      'CREATE INDEX runs_by_state ON runs (state, id)',
      'CREATE INDEX runs_by_table ON runs (catalog, namespace, table_name, id)',
      'CREATE TABLE workers (id TEXT NOT NULL PRIMARY KEY, seen_at_ms INTEGER NOT NULL) STRICT',
    ],
  },
  {
    name: 'tokens',
    statements: [
      `CREATE TABLE tokens (
        id TEXT NOT NULL PRIMARY KEY,
        user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        secret_hash TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
        created_at_ms INTEGER NOT NULL,
        expires_at_ms INTEGER NOT NULL,
        last_used_at_ms INTEGER,
        revoked_at_ms INTEGER
      ) STRICT`,
      'CREATE INDEX tokens_by_user ON tokens (user_id, created_at_ms)',
    ],
  },
  {
    name: 'metrics-reports',
    statements: [
      `CREATE TABLE metrics_reports (
        id TEXT NOT NULL PRIMARY KEY,
        at_ms INTEGER NOT NULL,
        catalog TEXT NOT NULL,
        namespace TEXT NOT NULL,
        table_name TEXT NOT NULL,
        kind TEXT NOT NULL,
        snapshot_id TEXT,
        user_id TEXT NOT NULL,
        report TEXT NOT NULL
      ) STRICT`,
      'CREATE INDEX metrics_reports_by_table ON metrics_reports (catalog, namespace, table_name, id)',
      'CREATE INDEX metrics_reports_by_age ON metrics_reports (at_ms)',
    ],
  },
  {
    name: 'jobs',
    statements: [
      // A run may have no table, so the columns that name one must be nullable. In SQLite that takes a new table.
      `CREATE TABLE runs_of_any_kind (
        id TEXT NOT NULL PRIMARY KEY,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
        spec TEXT NOT NULL,
        actor TEXT NOT NULL,
        catalog TEXT,
        namespace TEXT,
        table_name TEXT,
        exclusive_key TEXT,
        schedule_id TEXT,
        created_at_ms INTEGER NOT NULL,
        started_at_ms INTEGER,
        tried_at_ms INTEGER,
        finished_at_ms INTEGER,
        attempt INTEGER NOT NULL DEFAULT 0,
        retries INTEGER NOT NULL DEFAULT 0,
        next_try_at_ms INTEGER,
        lease_owner TEXT,
        lease_until_ms INTEGER,
        cancel_requested INTEGER NOT NULL DEFAULT 0,
        progress TEXT,
        journal TEXT,
        outcome TEXT,
        error TEXT
      ) STRICT`,
      `INSERT INTO runs_of_any_kind (id, kind, title, state, spec, actor, catalog, namespace, table_name, created_at_ms,
          started_at_ms, tried_at_ms, finished_at_ms, attempt, lease_owner, lease_until_ms, cancel_requested, progress,
          journal, outcome, error)
        SELECT id, kind, 'Load a file', state, spec, actor, catalog, namespace, table_name, created_at_ms,
          started_at_ms, started_at_ms, finished_at_ms, attempt, lease_owner, lease_until_ms, cancel_requested, progress,
          journal, outcome, error FROM runs`,
      'DROP TABLE runs',
      'ALTER TABLE runs_of_any_kind RENAME TO runs',
      'CREATE INDEX runs_by_state ON runs (state, id)',
      'CREATE INDEX runs_by_table ON runs (catalog, namespace, table_name, id)',
      `CREATE TABLE run_logs (
        run_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        at_ms INTEGER NOT NULL,
        level TEXT NOT NULL CHECK (level IN ('info', 'warning', 'error')),
        text TEXT NOT NULL,
        PRIMARY KEY (run_id, seq)
      ) STRICT, WITHOUT ROWID`,
      `CREATE TABLE schedules (
        id TEXT NOT NULL PRIMARY KEY,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        spec TEXT NOT NULL,
        actor TEXT NOT NULL,
        catalog TEXT,
        namespace TEXT,
        table_name TEXT,
        exclusive_key TEXT,
        cron TEXT NOT NULL,
        time_zone TEXT NOT NULL,
        is_enabled INTEGER NOT NULL CHECK (is_enabled IN (0, 1)),
        next_at_ms INTEGER,
        last_run_id TEXT,
        skipped_at_ms INTEGER
      ) STRICT`,
    ],
  },
  {
    name: 'connections',
    statements: [
      `CREATE TABLE connections (
        id TEXT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL COLLATE NOCASE UNIQUE,
        kind TEXT NOT NULL CHECK (kind IN ('rest', 'files')),
        settings TEXT NOT NULL,
        sealed TEXT NOT NULL,
        version INTEGER NOT NULL,
        created_by TEXT NOT NULL,
        created_at_ms INTEGER NOT NULL,
        changed_by TEXT NOT NULL,
        changed_at_ms INTEGER NOT NULL,
        last_test TEXT
      ) STRICT`,
      `CREATE TABLE connection_credentials (
        connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
        user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        id TEXT NOT NULL UNIQUE,
        sealed TEXT NOT NULL,
        bound_at_ms INTEGER NOT NULL,
        PRIMARY KEY (connection_id, user_id)
      ) STRICT, WITHOUT ROWID`,
    ],
  },
  {
    name: 'audit-via',
    statements: [
      'ALTER TABLE audit ADD COLUMN via TEXT',
      `CREATE INDEX audit_by_version ON audit (table_uuid, after ->> '$.metadataLocation')`,
    ],
  },
  {
    name: 'audit-order',
    // By time, and by the row for equal times: every index ends with the rowid.
    statements: [
      'CREATE INDEX audit_by_time ON audit (at_ms)',
      'DROP INDEX audit_by_table_uuid',
      'CREATE INDEX audit_by_table_uuid ON audit (table_uuid, at_ms)',
    ],
  },
  {
    name: 'table-folders',
    statements: [
      `CREATE TABLE table_folders (
        catalog TEXT NOT NULL,
        namespace TEXT NOT NULL,
        table_name TEXT NOT NULL,
        folder TEXT NOT NULL,
        PRIMARY KEY (catalog, namespace, table_name, folder)
      ) STRICT, WITHOUT ROWID`,
      'CREATE INDEX table_folders_by_folder ON table_folders (folder)',
    ],
  },
  {
    name: 'audit-seq',
    // Adds an explicit order, which other databases have too, and the version of the table as a column.
    statements: [
      `CREATE TABLE audit_in_order (
        seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        at_ms INTEGER NOT NULL,
        actor_id TEXT NOT NULL,
        actor_name TEXT NOT NULL,
        action TEXT NOT NULL,
        catalog TEXT,
        namespace TEXT,
        table_name TEXT,
        table_uuid TEXT,
        before TEXT,
        after TEXT,
        request_id TEXT,
        undoes TEXT,
        via TEXT,
        metadata_location TEXT
      ) STRICT`,
      `INSERT INTO audit_in_order (id, at_ms, actor_id, actor_name, action, catalog, namespace, table_name, table_uuid,
          before, after, request_id, undoes, via, metadata_location)
        SELECT id, at_ms, actor_id, actor_name, action, catalog, namespace, table_name, table_uuid,
          before, after, request_id, undoes, via, after ->> '$.metadataLocation'
        FROM audit ORDER BY at_ms, rowid`,
      'DROP TABLE audit',
      'ALTER TABLE audit_in_order RENAME TO audit',
      'CREATE INDEX audit_by_table_uuid ON audit (table_uuid, seq)',
      'CREATE INDEX audit_by_version ON audit (table_uuid, metadata_location)',
      'CREATE INDEX audit_by_undoes ON audit (undoes) WHERE undoes IS NOT NULL',
      `CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END`,
      `CREATE TRIGGER audit_is_never_removed BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'audit rows are never removed'); END`,
    ],
  },
]
