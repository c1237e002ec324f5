import type { Flink } from '@/testing/peers/flink'
import { openFlink } from '@/testing/peers/shared/open-peer'
import { GOLDEN_ROOT, type GoldenRows, type GoldenValue } from './golden-tables'
import { sortGolden } from './golden-value'

/** The statements of each golden table that Flink writes. Each insert is a commit. */
export const FLINK_RECIPES: Readonly<Record<string, readonly string[]>> = {
  flink_upserts: [
    `CREATE TABLE flink_upserts (id BIGINT NOT NULL, city STRING NOT NULL, fare DECIMAL(9, 2), taken_at TIMESTAMP(6), PRIMARY KEY (id, city) NOT ENFORCED)
      PARTITIONED BY (city) WITH ('format-version' = '2', 'write.upsert.enabled' = 'true', 'location' = 'file://${GOLDEN_ROOT}/flink_upserts')`,
    `INSERT INTO flink_upserts VALUES (1, 'ABQ', 1.50, TIMESTAMP '2001-02-03 04:05:06.000007'), (2, 'ABQ', 2.50, CAST(NULL AS TIMESTAMP(6))),
      (1, 'JFK', CAST(NULL AS DECIMAL(9, 2)), TIMESTAMP '1969-12-31 23:59:59.999999')`,
    // Within one commit, the first row of a key is deleted by position and older rows by value.
    `INSERT INTO flink_upserts VALUES (2, 'ABQ', 20.00, CAST(NULL AS TIMESTAMP(6))), (3, 'JFK', 3.50, CAST(NULL AS TIMESTAMP(6))),
      (2, 'ABQ', 200.00, TIMESTAMP '2001-01-01 00:00:00')`,
  ],
  flink_upserts_by_date: [
    `CREATE TABLE flink_upserts_by_date (on_day DATE NOT NULL, name STRING NOT NULL, n INT, PRIMARY KEY (on_day, name) NOT ENFORCED)
      WITH ('format-version' = '2', 'write.upsert.enabled' = 'true', 'location' = 'file://${GOLDEN_ROOT}/flink_upserts_by_date')`,
    `INSERT INTO flink_upserts_by_date VALUES (DATE '1969-12-31', 'a', 1), (DATE '2001-01-01', 'a', 2), (DATE '2001-01-01', '', 3)`,
    `INSERT INTO flink_upserts_by_date VALUES (DATE '1969-12-31', 'a', 10), (DATE '2001-01-01', '', 30), (DATE '2001-01-02', 'Ł', 4)`,
  ],
}

export type GoldenFlink = {
  write: (recipe: string) => Promise<void>
  /** @param options of Flink's hint that chooses a snapshot, branch or tag */
  read: (table: string, columns: readonly string[], options: string) => Promise<GoldenRows>
}

/** @param uri of the REST catalog */
export async function openGoldenFlink(uri: string): Promise<GoldenFlink> {
  const flink = await openFlink()
  const opening = [
    `CREATE CATALOG peer WITH ('type' = 'iceberg', 'catalog-type' = 'rest', 'uri' = '${uri}')`,
    'USE CATALOG peer',
    'USE golden',
    `SET 'table.dml-sync' = 'true'`,
    `SET 'parallelism.default' = '1'`,
    `SET 'execution.runtime-mode' = 'batch'`,
  ]
  const run = (statements: readonly string[]) => flink.run(statements.map((statement) => `${statement};\n`).join(''))
  return {
    write: async (recipe) => {
      // Upserts need the streaming mode.
      const streaming = [...opening.slice(0, -1), ...(FLINK_RECIPES[recipe] ?? [])]
      await run(streaming)
    },
    read: (table, columns, options) => readRows(run, [...opening], table, columns, options),
  }
}

async function readRows(
  run: (statements: readonly string[]) => ReturnType<Flink['run']>,
  opening: readonly string[],
  table: string,
  columns: readonly string[],
  options: string,
): Promise<GoldenRows> {
  const casts = columns.map((name) => `CAST(\`${name}\` AS STRING) AS \`${name}\``).join(', ')
  const output = await run([...opening, `SELECT ${casts} FROM ${table} /*+ OPTIONS(${options}) */`])
  const [, ...rows] = output.split('\n').filter((line) => line.startsWith('| '))
  return { columns, rows: sortGolden(rows.map((line) => line.split('|').slice(1, -1).map(toGolden))) }
}

function toGolden(cell: string): GoldenValue {
  const text = cell.trim()
  if (text === '<NULL>') return null
  if (/^\d{4}-\d\d-\d\d \d\d:/.test(text)) return text.replace(' ', 'T')
  return /^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, '') : text
}
