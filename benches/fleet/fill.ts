import { DatabaseSync } from 'node:sqlite'
import { Client } from 'pg'

/**
 * Fills the catalog with rows whose metadata files are never read. A real table takes milliseconds to create, and
 * 100,000 of them would take longer than all measurements.
 */

const TABLES_PER_NAMESPACE = 100
const ROWS_PER_STATEMENT = 1_000
const COLUMNS = 'catalog_name, table_namespace, table_name, metadata_location, iceberg_type'

const FOUND_COLUMNS = 'catalog, namespace, name, kind, folded, text, is_cut'

/** The row by which search finds the name of a table, as a crawl writes it. */
function toFound([catalog = '', namespace = '', table = '']: string[]): string[] {
  return [catalog, namespace, table, 'table', table, `${namespace}.${table}`]
}

type Fill = { from: number; to: number; catalog: string; warehouse: string }

export function fillSqlite(file: string, fill: Fill): void {
  const database = new DatabaseSync(file, { timeout: 10_000 })
  try {
    for (const rows of batches(fill)) {
      const values = rows.map(() => '(?, ?, ?, ?, ?)').join(', ')
      database.prepare(`INSERT INTO iceberg_tables (${COLUMNS}) VALUES ${values}`).run(...rows.flat())
      const found = rows.map(toFound)
      const foundValues = found.map(() => '(?, ?, ?, ?, ?, ?, 0)').join(', ')
      database.prepare(`INSERT INTO search_objects (${FOUND_COLUMNS}) VALUES ${foundValues}`).run(...found.flat())
    }
  } finally {
    database.close()
  }
}

export async function fillPostgres(url: string, fill: Fill): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('SET search_path TO lakeshore')
    for (const rows of batches(fill)) {
      const values = rows.map((_, row) => `(${[1, 2, 3, 4, 5].map((column) => `$${row * 5 + column}`).join(', ')})`)
      await client.query(`INSERT INTO iceberg_tables (${COLUMNS}) VALUES ${values.join(', ')}`, rows.flat())
      const found = rows.map(toFound)
      const foundValues = found.map(
        (_, row) => `(${[1, 2, 3, 4, 5, 6].map((column) => `$${row * 6 + column}`).join(', ')}, 0)`,
      )
      await client.query(`INSERT INTO search_objects (${FOUND_COLUMNS}) VALUES ${foundValues.join(', ')}`, found.flat())
    }
    // As autovacuum would do long before a lake has this size.
    await client.query('ANALYZE')
  } finally {
    await client.end()
  }
}

function* batches({ from, to, catalog, warehouse }: Fill): Generator<string[][]> {
  for (let first = from; first < to; first += ROWS_PER_STATEMENT) {
    const count = Math.min(ROWS_PER_STATEMENT, to - first)
    yield Array.from({ length: count }, (_, index) => {
      const namespace = `fill_${Math.floor((first + index) / TABLES_PER_NAMESPACE)}`
      const table = `table_${first + index}`
      const location = `${warehouse}/${namespace}/${table}/metadata/00000-${first + index}.metadata.json`
      return [catalog, namespace, table, location, 'TABLE']
    })
  }
}
