import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

const DAYS = 1_096
const ROWS_PER_DAY = 2_000
const SCHEMA = {
  type: 'struct',
  fields: Object.entries({ date: 'timestamp', arrival_delay: 'int', distance: 'int', origin: 'string' }).map(
    ([name, type], i) => ({ id: i + 1, name, type, required: false }),
  ),
}

/** Loads a table of three years, a partition per month, with the command line. */
export async function loadThreeYears(table, run) {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-years-'))
  try {
    const [file, schema] = [path.join(folder, 'rows.parquet'), path.join(folder, 'schema.json')]
    writeFileSync(schema, JSON.stringify(SCHEMA))
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    await connection.run(`copy (select timestamp '2021-01-01' + to_minutes((i * 1440 // ${ROWS_PER_DAY})) as date,
      ((i * 37) % 181 - 30)::int as arrival_delay, ((i * 13) % 4000)::int as distance,
      ['ABQ', 'BOS', 'CDG', 'DEN', 'OSL'][1 + i % 5] as origin from range(${DAYS * ROWS_PER_DAY}) r(i))
      to '${file}' (format parquet)`)
    connection.closeSync()
    await run('ingest', '--table', table, '--file', file, '--create-schema', schema, '--partition-by', 'month(date)')
  } finally {
    rmSync(folder, { recursive: true })
  }
}
