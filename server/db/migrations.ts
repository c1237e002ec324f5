import 'server-only'
import { commitDetails, factRhythms, factTables, fileSizes } from './facts/migration'
import { partitionTables } from './facts/partitions/migration'
import { storageCuts, storageTables } from './facts/storage/migration'

/** A change of our own tables, for both databases. */
export type Migration = { name: string; sqlite: readonly string[]; postgres: readonly string[] }

/** The name of the first migration, which creates the tables. A database without it has no tables of this version. */
export const BASELINE_NAME = 'baseline'

/** The order in which admins read and export the audit. */
const AUDIT_BY_TIME: readonly string[] = ['CREATE INDEX audit_by_time ON audit (at_ms, seq)']

/** Sums of all tables are read by their periods. */
const SUMS_BY_PERIOD: readonly string[] = [
  'CREATE INDEX fact_hours_by_period ON fact_hours (period)',
  'CREATE INDEX fact_days_by_period ON fact_days (period)',
]

/** A namespace has no table, so an open proposal is listed while it has a namespace. */
const PROPOSALS_OF_NAMESPACES: readonly string[] = [
  'ALTER TABLE proposals RENAME COLUMN word TO comment',
  'DROP INDEX proposals_open',
  "CREATE INDEX proposals_open ON proposals (created_at_ms, id) WHERE state = 'open' AND namespace IS NOT NULL",
]

/** Fields of the outcome, progress and journal of runs, which are JSON. */
const RUN_FIELDS: readonly [kind: string, from: string, to: string][] = [
  ['check-table', 'isCut', 'isTruncated'],
  ['count-expiry', 'goes', 'removed'],
  ['count-expiry', 'stays', 'retained'],
  ['index-catalog', 'isCut', 'isTruncated'],
  ['purge-table', 'filesLeft', 'filesRetained'],
  ['remove-expired-files', 'filesLeft', 'filesRetained'],
  ['rewrite-files', 'filesForAnotherRun', 'filesRemaining'],
  ['rewrite-files', 'filesLeftOut', 'filesSkipped'],
]

const RUN_FIELD_NAMES: readonly string[] = RUN_FIELDS.map(([kind, from, to]) => {
  const columns = ['outcome', 'progress', 'journal'].map(
    (column) => `${column} = replace(${column}, '"${from}":', '"${to}":')`,
  )
  return `UPDATE runs SET ${columns.join(', ')} WHERE kind = '${kind}'`
})

/** Each with its list of tables, which is removed with it. */
function bulkChangeTables({ text, integer, strict }: { text: string; integer: string; strict: string }): string[] {
  return [
    `CREATE TABLE bulk_changes (
    id ${text} NOT NULL PRIMARY KEY,
    catalog ${text} NOT NULL,
    selection ${text} NOT NULL,
    changes ${text} NOT NULL,
    user_id ${text} NOT NULL,
    username ${text} NOT NULL,
    created_at_ms ${integer} NOT NULL
  )${strict}`,
    'CREATE INDEX bulk_changes_by_age ON bulk_changes (created_at_ms)',
    `CREATE TABLE bulk_change_tables (
    bulk_change_id ${text} NOT NULL REFERENCES bulk_changes (id) ON DELETE CASCADE,
    position ${integer} NOT NULL,
    namespace ${text} NOT NULL,
    table_name ${text} NOT NULL,
    state ${text} NOT NULL,
    intents ${text},
    warnings ${text},
    problem ${text},
    audit_id ${text},
    proposal_id ${text},
    at_ms ${integer},
    PRIMARY KEY (bulk_change_id, position)
  )${strict}`,
  ]
}

/**
 * Versions of a saved query, the current one included, with the folder of the query and how its result is shown. What a
 * query was before is unknown, so each begins with the version that it has.
 *
 * @param text the type of text, which compares by bytes
 */
function savedQueryVersions({ text, integer, end }: { text: string; integer: string; end: string }): readonly string[] {
  return [
    `ALTER TABLE saved_queries ADD COLUMN folder ${text}`,
    `ALTER TABLE saved_queries ADD COLUMN display ${text}`,
    `CREATE TABLE saved_query_versions (
      query_id ${text} NOT NULL REFERENCES saved_queries (id) ON DELETE CASCADE,
      version ${integer} NOT NULL,
      name ${text} NOT NULL,
      sql ${text} NOT NULL,
      parameters ${text} NOT NULL,
      display ${text},
      is_shared ${integer} NOT NULL,
      saved_at_ms ${integer} NOT NULL,
      saved_by ${text} NOT NULL,
      PRIMARY KEY (query_id, version)
    )${end}`,
    `INSERT INTO saved_query_versions (query_id, version, name, sql, parameters, is_shared, saved_at_ms, saved_by)
      SELECT id, version, name, sql, parameters, is_shared, changed_at_ms, changed_by FROM saved_queries`,
  ]
}

/**
 * The connection of the names in a saved query that have none. Where no other catalog is connected, the queries
 * mean the embedded one, whose name the database has in a row of its own or in the rows of its tables. Elsewhere it is
 * unknown, and stays null.
 *
 * @param text the type of text, which compares by bytes
 */
function connectionsOfQueries(text: string): readonly string[] {
  const fromTables = `SELECT catalog_name FROM iceberg_tables UNION SELECT catalog_name FROM iceberg_namespace_properties`
  const embedded = `coalesce(
      (SELECT name FROM catalog_name WHERE id = 1),
      (SELECT CASE WHEN count(*) = 1 THEN min(catalog_name) END FROM (${fromTables}) AS used))`
  const update = (table: string) =>
    `UPDATE ${table} SET connection = ${embedded} WHERE NOT EXISTS (SELECT 1 FROM connections)`
  return [
    `ALTER TABLE saved_queries ADD COLUMN connection ${text}`,
    `ALTER TABLE saved_query_versions ADD COLUMN connection ${text}`,
    update('saved_queries'),
    update('saved_query_versions'),
  ]
}

/**
 * Favourites of users and their last visits. A table or a view is identified by its UUID, and its name follows renames.
 *
 * @param text the type of text, which compares by bytes
 */
function shortcutTable({ text, integer, end }: { text: string; integer: string; end: string }): readonly string[] {
  return [
    `CREATE TABLE shortcuts (
      user_id ${text} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      kind ${text} NOT NULL,
      catalog ${text} NOT NULL,
      target ${text} NOT NULL,
      namespace ${text} NOT NULL,
      name ${text} NOT NULL,
      is_dropped ${integer} NOT NULL,
      starred_at_ms ${integer},
      visited_at_ms ${integer},
      PRIMARY KEY (user_id, kind, catalog, target)
    )${end}`,
    'CREATE INDEX shortcuts_by_target ON shortcuts (target)',
  ]
}

/** One row for each table, client, day and kind of access. The records begin when the migration is applied. */
function tableClientTables({ text, integer, end }: { text: string; integer: string; end: string }): readonly string[] {
  return [
    `CREATE TABLE table_clients (
      table_uuid ${text} NOT NULL,
      day ${integer} NOT NULL,
      client ${text} NOT NULL,
      version ${text} NOT NULL,
      library ${text} NOT NULL,
      access ${text} NOT NULL CHECK (access IN ('read', 'write')),
      PRIMARY KEY (table_uuid, day, client, version, library, access)
    )${end}`,
    'CREATE INDEX table_clients_by_day ON table_clients (day)',
  ]
}

export const TABLE_CLIENTS_MIGRATION = 'table-clients'

/** The newest entries of the audit whose snapshots the migration records; a whole audit may be too long for a start. */
const RECORDED_ENTRIES = 200_000

/** The entries of commits that happened and name their snapshots. Registering a table commits none of its own. */
const ENTRIES_WITH_SNAPSHOTS = `audit.table_uuid IS NOT NULL AND audit.action <> 'register-table' AND (audit.outcome IS NULL OR audit.outcome = 'committed')
  AND audit.seq > (SELECT coalesce(max(seq), 0) - ${RECORDED_ENTRIES} FROM audit)
  AND audit.after LIKE '%"snapshots":[{"snapshotId":"%'`

/** A password that an admin or the first start generated is changed in the session that it opened. */
function passwordSignIns(integer: string): readonly string[] {
  return [`ALTER TABLE sessions ADD COLUMN is_by_password ${integer} NOT NULL DEFAULT 0`]
}

/** A service account is a user that never signs in: programs use its tokens. */
function serviceAccounts(integer: string): readonly string[] {
  return [`ALTER TABLE users ADD COLUMN is_service ${integer} NOT NULL DEFAULT 0`]
}

/** The secret that a token had before its last rotation, which is accepted for a while, and when that one was used. */
function tokenRotation({ text, integer }: { text: string; integer: string }): readonly string[] {
  return [
    `ALTER TABLE tokens ADD COLUMN rotated_at_ms ${integer}`,
    `ALTER TABLE tokens ADD COLUMN previous_secret_hash ${text}`,
    `ALTER TABLE tokens ADD COLUMN previous_ends_at_ms ${integer}`,
    `ALTER TABLE tokens ADD COLUMN previous_used_at_ms ${integer}`,
  ]
}

/** The change of many tables that a proposal is a part of. */
function proposalsOfBulkChanges(text: string): readonly string[] {
  return [`ALTER TABLE proposals ADD COLUMN bulk_change_id ${text}`]
}

/** The version of each table that a change of many tables drops. */
function bulkTableVersions(text: string): readonly string[] {
  return [`ALTER TABLE bulk_change_tables ADD COLUMN metadata_location ${text}`]
}

/** Size and number of data files, which lists of tables can ask for. Workers read the tables again to fill them. */
function sizesOfIndexedTables(integer: string): readonly string[] {
  return [
    `ALTER TABLE search_objects ADD COLUMN live_bytes ${integer}`,
    `ALTER TABLE search_objects ADD COLUMN data_file_count ${integer}`,
    `INSERT INTO search_pending (catalog, namespace, name, version, attempts, due_at_ms)
      SELECT catalog, namespace, name, 0, 0, 0 FROM search_objects WHERE kind = 'table'
      ON CONFLICT DO NOTHING`,
  ]
}

/** The parts of an upload are removed with it. */
function uploadTables({ text, integer, end }: { text: string; integer: string; end: string }): readonly string[] {
  return [
    `CREATE TABLE uploads (
      id ${text} NOT NULL PRIMARY KEY,
      user_id ${text} NOT NULL,
      catalog ${text} NOT NULL,
      namespace ${text} NOT NULL,
      table_name ${text} NOT NULL,
      file_name ${text} NOT NULL,
      size_bytes ${integer} NOT NULL,
      received_bytes ${integer} NOT NULL,
      part_count ${integer} NOT NULL,
      created_at_ms ${integer} NOT NULL,
      expires_at_ms ${integer} NOT NULL
    )${end}`,
    'CREATE INDEX uploads_by_user ON uploads (user_id, id)',
    'CREATE INDEX uploads_by_expiry ON uploads (expires_at_ms)',
    `CREATE TABLE upload_parts (
      upload_id ${text} NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
      start_byte ${integer} NOT NULL,
      size_bytes ${integer} NOT NULL,
      name ${text} NOT NULL,
      PRIMARY KEY (upload_id, start_byte)
    )${end}`,
  ]
}

/** The proposal that needs an upload, and for which it lives longer. */
function uploadsOfProposals(text: string): readonly string[] {
  return [`ALTER TABLE uploads ADD COLUMN proposal_id ${text}`]
}

/**
 * Work that users save and a schedule repeats: its owner (null for the schedules of the console itself), what queues it,
 * and how far its runs have come.
 */
function savedWork({ text, integer }: { text: string; integer: string }): readonly string[] {
  return [
    `ALTER TABLE schedules ADD COLUMN owner_id ${text}`,
    `ALTER TABLE schedules ADD COLUMN created_at_ms ${integer}`,
    `ALTER TABLE schedules ADD COLUMN changed_at_ms ${integer}`,
    `ALTER TABLE schedules ADD COLUMN version ${integer} NOT NULL DEFAULT 1`,
    `ALTER TABLE schedules ADD COLUMN starts_by ${text} NOT NULL DEFAULT 'times'`,
    `ALTER TABLE schedules ADD COLUMN watched_tables ${text} NOT NULL DEFAULT '[]'`,
    `ALTER TABLE schedules ADD COLUMN seen_heads ${text}`,
    `ALTER TABLE schedules ADD COLUMN state ${text}`,
    `ALTER TABLE schedules ADD COLUMN paused_because ${text}`,
    'CREATE INDEX runs_by_schedule ON runs (schedule_id, id) WHERE schedule_id IS NOT NULL',
  ]
}

/** The files that saved loads have loaded, or are about to commit (`is_loaded` 0). */
function loadedFileTables({ text, integer, end }: { text: string; integer: string; end: string }): readonly string[] {
  return [
    `CREATE TABLE loaded_files (
      schedule_id ${text} NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
      location ${text} NOT NULL,
      path ${text} NOT NULL,
      version ${text} NOT NULL,
      size_bytes ${integer} NOT NULL,
      modified_at_ms ${integer},
      run_id ${text} NOT NULL,
      is_loaded ${integer} NOT NULL,
      PRIMARY KEY (schedule_id, location, path, version)
    )${end}`,
    'CREATE INDEX loaded_files_pending ON loaded_files (schedule_id, run_id) WHERE is_loaded = 0',
  ]
}

/** The bytes that loads have read rows from. They count once their run has succeeded, and are removed with it. */
function loadedInputTables({ text, integer, end }: { text: string; integer: string; end: string }): readonly string[] {
  return [
    `CREATE TABLE loaded_inputs (
      run_id ${text} NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      position ${integer} NOT NULL,
      table_uuid ${text} NOT NULL,
      size_bytes ${integer} NOT NULL,
      sha256 ${text} NOT NULL,
      file_name ${text} NOT NULL,
      PRIMARY KEY (run_id, position)
    )${end}`,
    'CREATE INDEX loaded_inputs_by_size ON loaded_inputs (table_uuid, size_bytes)',
  ]
}

/** The runs of one kind that wait for each other (`lib/contract/loads/load-lanes.ts`). */
function lanesOfRuns(text: string): readonly string[] {
  return [`ALTER TABLE runs ADD COLUMN lane ${text} NOT NULL DEFAULT 'common'`]
}

/** How many uploads a run waits for, and the run that waits for an upload. */
function awaitedUploads({ text, integer }: { text: string; integer: string }): readonly string[] {
  return [
    `ALTER TABLE runs ADD COLUMN awaited_uploads ${integer} NOT NULL DEFAULT 0`,
    `ALTER TABLE uploads ADD COLUMN run_id ${text}`,
    'CREATE INDEX uploads_by_run ON uploads (run_id) WHERE run_id IS NOT NULL',
  ]
}

/**
 * The migrations after the baseline, in order. Each is applied once, identified by its name, and never edited after
 * that: a new one at the end changes what it created.
 */
export const MIGRATIONS: readonly Migration[] = [
  { name: 'proposals-of-namespaces', sqlite: PROPOSALS_OF_NAMESPACES, postgres: PROPOSALS_OF_NAMESPACES },
  { name: 'run-field-names', sqlite: RUN_FIELD_NAMES, postgres: RUN_FIELD_NAMES },
  {
    name: 'saved-query-versions',
    sqlite: savedQueryVersions({ text: 'TEXT', integer: 'INTEGER', end: ' STRICT, WITHOUT ROWID' }),
    postgres: savedQueryVersions({ text: 'TEXT COLLATE "C"', integer: 'BIGINT', end: '' }),
  },
  {
    name: 'bulk-changes',
    sqlite: bulkChangeTables({ text: 'TEXT', integer: 'INTEGER', strict: ' STRICT, WITHOUT ROWID' }),
    postgres: bulkChangeTables({ text: 'TEXT COLLATE "C"', integer: 'BIGINT', strict: '' }),
  },
  {
    name: 'snapshot-writers',
    sqlite: [
      `CREATE TABLE snapshot_writers (
        table_uuid TEXT NOT NULL,
        snapshot_id TEXT NOT NULL,
        audit_id TEXT NOT NULL,
        PRIMARY KEY (table_uuid, snapshot_id, audit_id)
      ) STRICT, WITHOUT ROWID`,
      `INSERT INTO snapshot_writers SELECT audit.table_uuid, added.value ->> 'snapshotId', audit.id
        FROM audit, json_each(audit.after, '$.snapshots') AS added WHERE ${ENTRIES_WITH_SNAPSHOTS}
        ON CONFLICT DO NOTHING`,
    ],
    postgres: [
      `CREATE TABLE snapshot_writers (
        table_uuid TEXT COLLATE "C" NOT NULL,
        snapshot_id TEXT COLLATE "C" NOT NULL,
        audit_id TEXT COLLATE "C" NOT NULL,
        PRIMARY KEY (table_uuid, snapshot_id, audit_id)
      )`,
      `INSERT INTO snapshot_writers SELECT audit.table_uuid, added.value ->> 'snapshotId', audit.id
        FROM audit, json_array_elements(audit.after::json -> 'snapshots') AS added WHERE ${ENTRIES_WITH_SNAPSHOTS}
        ON CONFLICT DO NOTHING`,
    ],
  },
  {
    name: 'shortcuts',
    sqlite: shortcutTable({ text: 'TEXT', integer: 'INTEGER', end: ' STRICT, WITHOUT ROWID' }),
    postgres: shortcutTable({ text: 'TEXT COLLATE "C"', integer: 'BIGINT', end: '' }),
  },
  { name: 'password-sign-ins', sqlite: passwordSignIns('INTEGER'), postgres: passwordSignIns('BIGINT') },
  { name: 'service-accounts', sqlite: serviceAccounts('INTEGER'), postgres: serviceAccounts('BIGINT') },
  {
    name: 'token-rotation',
    sqlite: tokenRotation({ text: 'TEXT', integer: 'INTEGER' }),
    postgres: tokenRotation({ text: 'TEXT COLLATE "C"', integer: 'BIGINT' }),
  },
  {
    name: 'bulk-table-versions',
    sqlite: bulkTableVersions('TEXT'),
    postgres: bulkTableVersions('TEXT COLLATE "C"'),
  },
  {
    name: 'sizes-of-indexed-tables',
    sqlite: sizesOfIndexedTables('INTEGER'),
    postgres: sizesOfIndexedTables('BIGINT'),
  },
  {
    name: TABLE_CLIENTS_MIGRATION,
    sqlite: tableClientTables({ text: 'TEXT', integer: 'INTEGER', end: ' STRICT, WITHOUT ROWID' }),
    postgres: tableClientTables({ text: 'TEXT COLLATE "C"', integer: 'BIGINT', end: '' }),
  },
  {
    name: 'proposals-of-bulk-changes',
    sqlite: proposalsOfBulkChanges('TEXT'),
    postgres: proposalsOfBulkChanges('TEXT COLLATE "C"'),
  },
  { name: 'audit-by-time', sqlite: AUDIT_BY_TIME, postgres: AUDIT_BY_TIME },
  {
    name: 'uploads',
    sqlite: uploadTables({ text: 'TEXT', integer: 'INTEGER', end: ' STRICT, WITHOUT ROWID' }),
    postgres: uploadTables({ text: 'TEXT COLLATE "C"', integer: 'BIGINT', end: '' }),
  },
  {
    name: 'uploads-of-proposals',
    sqlite: uploadsOfProposals('TEXT'),
    postgres: uploadsOfProposals('TEXT COLLATE "C"'),
  },
  {
    name: 'saved-work',
    sqlite: savedWork({ text: 'TEXT', integer: 'INTEGER' }),
    postgres: savedWork({ text: 'TEXT COLLATE "C"', integer: 'BIGINT' }),
  },
  {
    name: 'loaded-files',
    sqlite: loadedFileTables({ text: 'TEXT', integer: 'INTEGER', end: ' STRICT, WITHOUT ROWID' }),
    postgres: loadedFileTables({ text: 'TEXT COLLATE "C"', integer: 'BIGINT', end: '' }),
  },
  {
    name: 'connections-of-queries',
    sqlite: connectionsOfQueries('TEXT'),
    postgres: connectionsOfQueries('TEXT COLLATE "C"'),
  },
  {
    name: 'facts',
    sqlite: factTables({ text: 'TEXT', integer: 'INTEGER', end: ' STRICT, WITHOUT ROWID' }),
    postgres: factTables({ text: 'TEXT COLLATE "C"', integer: 'BIGINT', end: '' }),
  },
  {
    name: 'storage',
    sqlite: storageTables({ text: 'TEXT', integer: 'INTEGER', end: ' STRICT, WITHOUT ROWID' }),
    postgres: storageTables({ text: 'TEXT COLLATE "C"', integer: 'BIGINT', end: '' }),
  },
  {
    name: 'commit-details',
    sqlite: commitDetails({ text: 'TEXT', integer: 'INTEGER', end: ' STRICT, WITHOUT ROWID' }),
    postgres: commitDetails({ text: 'TEXT COLLATE "C"', integer: 'BIGINT', end: '' }),
  },
  {
    name: 'file-sizes',
    sqlite: fileSizes({ text: 'TEXT', integer: 'INTEGER', end: ' STRICT, WITHOUT ROWID' }),
    postgres: fileSizes({ text: 'TEXT COLLATE "C"', integer: 'BIGINT', end: '' }),
  },
  {
    name: 'rhythms-of-tables',
    sqlite: factRhythms('INTEGER', 'TEXT'),
    postgres: factRhythms('BIGINT', 'TEXT COLLATE "C"'),
  },
  // SQLite seeks the periods of each table in the key about as fast, and its indexes would repeat the key.
  { name: 'sums-by-period', sqlite: [], postgres: SUMS_BY_PERIOD },
  {
    name: 'storage-cuts',
    sqlite: storageCuts({ text: 'TEXT', integer: 'INTEGER', end: ' STRICT, WITHOUT ROWID' }),
    postgres: storageCuts({ text: 'TEXT COLLATE "C"', integer: 'BIGINT', end: '' }),
  },
  {
    name: 'partitions',
    sqlite: partitionTables({ text: 'TEXT', integer: 'INTEGER', end: ' STRICT, WITHOUT ROWID' }),
    postgres: partitionTables({ text: 'TEXT COLLATE "C"', integer: 'BIGINT', end: '' }),
  },
  { name: 'lanes-of-runs', sqlite: lanesOfRuns('TEXT'), postgres: lanesOfRuns('TEXT COLLATE "C"') },
  {
    name: 'loaded-inputs',
    sqlite: loadedInputTables({ text: 'TEXT', integer: 'INTEGER', end: ' STRICT, WITHOUT ROWID' }),
    postgres: loadedInputTables({ text: 'TEXT COLLATE "C"', integer: 'BIGINT', end: '' }),
  },
  {
    name: 'awaited-uploads',
    sqlite: awaitedUploads({ text: 'TEXT', integer: 'INTEGER' }),
    postgres: awaitedUploads({ text: 'TEXT COLLATE "C"', integer: 'BIGINT' }),
  },
]

/** In order, with the baseline. */
export function migrationNames(migrations: readonly Migration[] = MIGRATIONS): readonly string[] {
  return [BASELINE_NAME, ...migrations.map(({ name }) => name)]
}
