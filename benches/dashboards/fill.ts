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

export async function fill(
  target: { sqlite: string } | { postgres: string },
  request: Fill,
): Promise<{ commits: number; bytes: number }> {
  const run = 'sqlite' in target ? openSqlite(target.sqlite) : await openPostgres(target.postgres)
  try {
    for (const statement of statements(request)) await run.execute(statement)
    return { commits: await run.number('SELECT count(*) AS value FROM fact_commits'), bytes: await run.bytes() }
  } finally {
    await run.close()
  }
}

/** In SQL that both databases have. */
function statements({ catalog, tables, days, nowMs }: Fill): string[] {
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
      SELECT fill_tables.id, '${catalog}', 'ns' || (i / ${TABLES_PER_NAMESPACE}), 'table_' || i, 'uuid-' || i, 'm', '{}', 1, 1, ${nowMs},
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
    'ANALYZE',
  ]
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
