import { DatabaseSync } from 'node:sqlite'
import { Client } from 'pg'

/**
 * Fills the history with commits of many tables: a few are written every two minutes, most of them now and then. The rows
 * are those that a worker writes; reading ten million commits from catalogs would take days.
 */

const DAY_S = 86_400
/** Each class of tables has so many of 10,000, and a commit each so many seconds. Together about 1.2 commits a second. */
const CLASSES = [
  { share: 0.005, everySeconds: 120 },
  { share: 0.02, everySeconds: 600 },
  { share: 0.1, everySeconds: 3_600 },
  { share: 0.875, everySeconds: 34_560 },
]
const OPERATIONS = `CASE WHEN number % 20 = 0 THEN 'replace' WHEN number % 7 = 0 THEN 'overwrite' ELSE 'append' END`
const WRITERS = 40
const TABLES_PER_NAMESPACE = 100

export type Fill = { catalog: string; tables: number; days: number; nowMs: number }

export type Filled = {
  commits: number
  /** Commits and their sums, with all indexes. */
  bytes: number
  /** Parts and columns by table and day, with all indexes. */
  storageBytes: number
}

export async function fill(target: { sqlite: string } | { postgres: string }, request: Fill): Promise<Filled> {
  const run = 'sqlite' in target ? openSqlite(target.sqlite) : await openPostgres(target.postgres)
  try {
    for (const statement of commitStatements(request)) await run.execute(statement)
    const commits = await run.number('SELECT count(*) AS value FROM fact_commits')
    const bytes = await run.bytes()
    for (const statement of storageStatements(request)) await run.execute(statement)
    await run.execute('ANALYZE')
    return { commits, bytes, storageBytes: (await run.bytes()) - bytes }
  } finally {
    await run.close()
  }
}

/** In SQL that both databases have, like the other statements. */
function commitStatements({ catalog, tables, days, nowMs }: Fill): string[] {
  const startS = Math.floor(nowMs / 1000) - days * DAY_S
  const longest = Math.max(...CLASSES.map(({ everySeconds }) => Math.ceil((days * DAY_S) / everySeconds)))
  let from = 0
  const classes = CLASSES.map(({ share, everySeconds }) => {
    from += Math.round(share * tables)
    return `WHEN i < ${from} THEN ${everySeconds}`
  })
  const sums = (table: string, key: string, columns: string) =>
    `INSERT INTO ${table} (${columns}, commits, rows, files, bytes)
      SELECT ${key}, count(*), sum(rows_added), sum(files_added), sum(bytes_added) FROM fact_commits
      JOIN fact_tables ON fact_tables.id = table_id GROUP BY ${key}`
  const term = `CASE operation WHEN 'replace' THEN 'moved' ELSE 'came-in' END`
  const month = `(at_ms / ${DAY_S * 1000} - 16436) / 30 + 540`
  return [
    `CREATE TEMPORARY TABLE fill_tables AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${tables - 1})
      SELECT i, CAST(1000000 + i * 13 AS BIGINT) AS id,
        CAST(CASE ${classes.join(' ')} ELSE 34560 END AS BIGINT) AS every FROM n`,
    `CREATE TEMPORARY TABLE fill_numbers AS WITH RECURSIVE n(number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM n WHERE number < ${longest})
      SELECT CAST(number AS BIGINT) AS number FROM n`,
    `INSERT INTO fact_commits (table_id, seq, kind, at_ms, snapshot_id, operation, writer_id,
        rows_added, rows_removed, files_added, files_removed, bytes_added, bytes_removed)
      SELECT id, number + 1, 'commit', (${startS} + number * every + id % every) * 1000,
        CAST(1000000000000000000 + id * 1000003 + number AS TEXT), ${OPERATIONS}, 1 + id % ${WRITERS},
        1000 + id * 31 % 100000, 0, 1 + number % 4, 0, 100000 + id * 7919 % 10000000, 0
      FROM fill_tables CROSS JOIN fill_numbers WHERE number * every + id % every < ${days * DAY_S} ORDER BY 1, 2`,
    `INSERT INTO fact_tables (id, catalog, namespace, table_name, table_uuid, metadata_location, version, revision, seq,
        last_at_ms, total_rows, total_files, total_bytes, total_delete_files, total_position_deletes,
        total_equality_deletes, first_read_at_ms, read_at_ms, last_commit_ms, usual_interval_ms)
      SELECT fill_tables.id, '${catalog}', 'ns' || (i / ${TABLES_PER_NAMESPACE}), 'table_' || i, 'uuid-' || i, 'm', '{"specId":0}', 1, count(*), ${nowMs},
        sum(rows_added), sum(files_added), sum(bytes_added), 0, 0, 0, ${nowMs}, ${nowMs}, max(at_ms), every * 1000
      FROM fill_tables JOIN fact_commits ON table_id = fill_tables.id GROUP BY fill_tables.id, i, every`,
    `INSERT INTO fact_writers (id, engine, library, application, username, client)
      SELECT number + 1, 'spark 4.1', '', '', 'writer_' || number, '' FROM fill_numbers WHERE number < ${WRITERS}`,
    sums(
      'fact_hours',
      `table_id, at_ms / 3600000, ${term}, operation, writer_id`,
      'table_id, period, term, operation, writer_id',
    ),
    sums(
      'fact_days',
      `table_id, at_ms / 86400000, ${term}, operation, writer_id`,
      'table_id, period, term, operation, writer_id',
    ),
    sums('fact_months', `${month}, table_id, ${term}, operation`, 'period, table_id, term, operation'),
    sums(
      'fact_lake_hours',
      `at_ms / 3600000, catalog, ${term}, operation, writer_id`,
      'period, catalog, term, operation, writer_id',
    ),
    sums(
      'fact_lake_days',
      `at_ms / 86400000, catalog, ${term}, operation, writer_id`,
      'period, catalog, term, operation, writer_id',
    ),
    `INSERT INTO fact_size_days (table_id, period, bucket, commits, files)
      SELECT table_id, at_ms / 86400000, ${SIZE_BUCKET}, count(*), sum(files_added) FROM fact_commits
      WHERE operation <> 'replace' GROUP BY 1, 2, 3`,
    `INSERT INTO fact_lake_size_days (period, catalog, bucket, commits, files)
      SELECT period, catalog, bucket, sum(commits), sum(files) FROM fact_size_days
      JOIN fact_tables ON fact_tables.id = table_id GROUP BY 1, 2, 3`,
  ]
}

const SIZE_BUCKET = 'CAST(floor(ln(bytes_added * 1.0 / files_added) / ln(2) * 2) AS BIGINT)'
const COLUMNS = 20

/** Each table was measured on every day on which it got a commit. */
function storageStatements({ catalog, nowMs }: Fill): string[] {
  const today = Math.floor(nowMs / 1000 / DAY_S)
  const pages = 'stored_bytes, encoded_bytes, plain_bytes'
  const tableDays = `(SELECT table_id, period, sum(bytes) AS bytes FROM fact_days GROUP BY 1, 2) AS table_days`
  const parts = `(SELECT 'codec:zstd' AS part, 80 AS stored, 120 AS encoded, 400 AS plain
    UNION ALL SELECT 'footers', 2, 0, 0 UNION ALL SELECT 'history', 18, 0, 0) AS parts`
  const ofPart = 'bytes * stored / 100, bytes * encoded / 100, bytes * plain / 100'
  const ofField = 'bytes / (field + 8), bytes * 3 / (field + 16), bytes * 4 / (field + 8)'
  return [
    `CREATE TEMPORARY TABLE fill_fields AS SELECT number + 1 AS field FROM fill_numbers WHERE number < ${COLUMNS}`,
    `INSERT INTO fact_storage (table_id, revision, metadata_location, measured_at_ms, period, data_files, read_files,
        unreadable_files, other_format_files, is_estimated, column_count, codec, target_file_bytes, as_set_bytes, set_bytes)
      SELECT id, 1, 'm', ${nowMs}, ${today}, total_files, total_files, 0, 0, 0, 40, 'zstd', 134217728, total_bytes, total_bytes
      FROM fact_tables`,
    `INSERT INTO fact_partitions (table_id, revision, partition_seq, spec_id, is_partitioned, read_at_ms)
      SELECT id, 1, seq, 0, 0, ${nowMs} FROM fact_tables`,
    `INSERT INTO fact_part_days (table_id, period, part, ${pages})
      SELECT table_id, period, part, ${ofPart} FROM ${tableDays} CROSS JOIN ${parts} ORDER BY 1, 2, 3`,
    `INSERT INTO fact_parts (table_id, part, ${pages})
      SELECT table_id, part, ${sumOf(pages)} FROM fact_part_days GROUP BY 1, 2`,
    `INSERT INTO fact_lake_part_days (period, catalog, part, ${pages})
      SELECT period, '${catalog}', part, ${sumOf(pages)} FROM fact_part_days GROUP BY 1, 3`,
    `INSERT INTO fact_column_days (table_id, field_id, period, ${pages})
      SELECT table_id, field, period, ${ofField} FROM ${tableDays} CROSS JOIN fill_fields ORDER BY 1, 2, 3`,
    `INSERT INTO fact_column_sizes (table_id, field_id, column_name, type, ${pages}, is_estimated, codecs, encodings, dictionary)
      SELECT table_id, field_id, 'column_' || field_id, 'string', ${sumOf(pages)}, 0,
        '[{"codec":"zstd","storedBytes":1}]', '["PLAIN"]', 'all' FROM fact_column_days GROUP BY 1, 2`,
  ]
}

function sumOf(columns: string): string {
  return columns
    .split(', ')
    .map((column) => `sum(${column})`)
    .join(', ')
}

type Target = {
  execute: (sql: string) => Promise<void>
  number: (sql: string) => Promise<number>
  bytes: () => Promise<number>
  close: () => Promise<void>
}

function openSqlite(file: string): Target {
  const database = new DatabaseSync(file, { timeout: 60_000 })
  database.exec('PRAGMA cache_size = -400000')
  const number = async (sql: string) => (database.prepare(sql).get() as { value: number }).value
  return {
    execute: async (sql) => database.exec(sql),
    number,
    bytes: () => number(`SELECT sum(pgsize) AS value FROM dbstat WHERE name LIKE 'fact%'`),
    close: async () => database.close(),
  }
}

async function openPostgres(url: string): Promise<Target> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query('SET search_path TO lakeshore')
  const number = async (sql: string) => Number((await client.query<{ value: string }>(sql)).rows[0]?.value)
  return {
    execute: async (sql) => {
      await client.query(sql)
    },
    number,
    bytes: () =>
      number(
        `SELECT sum(pg_total_relation_size(oid)) AS value FROM pg_class WHERE relname LIKE 'fact%' AND relkind = 'r'`,
      ),
    close: () => client.end(),
  }
}
