import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { COPIED_TABLES } from '@/server/db/copied-tables'
import { prepareFile } from '@/server/db/sqlite/prepare-file'
import { TEXTS } from './testbed'

/** Rows of each table except the audit. */
const ROWS_PER_TABLE = 40
/** Larger than a number holds exactly, and the greatest and the least 64-bit values. */
const INTEGERS = [0n, 1n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]
const MORE_TEXTS = [
  ...TEXTS,
  'a\u001Fb',
  '\u{1F600}',
  '{"a":[1,"\\u0000"]}',
  '{NULL,"\\\\"}',
  'x'.repeat(3000),
  '\uFFFD',
]

const SINGLE_ROW_TABLES = ['write_probe', 'catalog_name']

/** Columns that accept only a few values. */
const FIXED_VALUES: Readonly<Record<string, SQLInputValue>> = {
  'users.has_generated_password': 1,
  'users.role': 'editor',
  'tokens.role': 'admin',
  'data_file_sizes.plain_source': 'counted',
  'runs.state': 'queued',
  'run_logs.level': 'warning',
  'schedules.is_enabled': 0,
  'connections.kind': 'files',
  'saved_queries.is_shared': 1,
  'table_clients.access': 'read',
}

/**
 * Creates a database file with values in every table that a careless copy would change, and this many audit entries.
 * Their numbers have gaps, like those of a database in use.
 */
export function fillDatabase(file: string, auditRows: number): void {
  prepareFile(file)
  const database = new DatabaseSync(file)
  try {
    for (const { name } of COPIED_TABLES) if (name !== 'audit') fillTable(database, name)
    database
      .prepare(
        `INSERT INTO audit (seq, id, at_ms, actor_id, actor_name, action, after)
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
          SELECT i * 3, printf('%026d', i), i, 'a', ?, 'append', printf('{"metadataLocation":"%0400d"}', i) FROM n`,
      )
      .run(auditRows, '“ä” \u{1F600}')
  } finally {
    database.close()
  }
}

function fillTable(database: DatabaseSync, table: string): void {
  const columns = database.prepare('SELECT name, type, pk FROM pragma_table_info(?)').all(table)
  const references = new Map(
    database
      .prepare('SELECT "from", "to" FROM pragma_foreign_key_list(?)')
      .all(table)
      .map(({ from, to }) => [from, String(to)]),
  )
  const uniques = new Set(
    database
      .prepare(
        'SELECT part.name FROM pragma_index_list(?) AS i, pragma_index_info(i.name) AS part WHERE i."unique" = 1',
      )
      .all(table)
      .map(({ name }) => name),
  )
  const isShort = table.startsWith('iceberg_')
  const insert = database.prepare(`INSERT INTO ${table} VALUES (${columns.map(() => '?').join(', ')})`)
  const count = SINGLE_ROW_TABLES.includes(table) ? 1 : ROWS_PER_TABLE
  for (let row = 0; row < count; row += 1) {
    const values = columns.map(({ name, type, pk }): SQLInputValue => {
      const fixed = FIXED_VALUES[`${table}.${String(name)}`]
      if (fixed !== undefined) return fixed
      const referred = references.get(name)
      if (referred !== undefined) return keyOf(referred, row)
      if (type === 'INTEGER') return Number(pk) > 0 ? row + 1 : (INTEGERS[row % INTEGERS.length] ?? 0n)
      if (name === 'iceberg_type') return row % 2 === 0 ? 'TABLE' : null
      if (Number(pk) > 0 || uniques.has(name)) return keyOf(String(name), row)
      const text = MORE_TEXTS[row % MORE_TEXTS.length] ?? ''
      return isShort ? text.slice(0, 1000) : text
    })
    insert.run(...values)
  }
}

/** Keys whose order by bytes differs from that by a language. */
function keyOf(column: string, row: number): string {
  const letter = ['a', 'B', 'ä', '\u{1F600}', '_', 'Z', "'", '"', '%', '\u001F'][row % 10]
  return `${letter}${column}-${row}`
}

/** All rows of every table, with exact integers. */
export function readAllRows(file: string): Record<string, unknown[]> {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    return Object.fromEntries(
      [...COPIED_TABLES.map(({ name }) => name), 'lakeshore_migrations'].map((name) => {
        const statement = database.prepare(`SELECT * FROM ${name} ORDER BY 1, 2`)
        statement.setReadBigInts(true)
        return [name, statement.all().map((row) => ({ ...row }))]
      }),
    )
  } finally {
    database.close()
  }
}
