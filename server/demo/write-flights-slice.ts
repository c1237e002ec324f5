import 'server-only'
import { DuckDBInstance } from '@duckdb/node-api'
import type { FlightsSlice } from './flights-slices'
import { sourceFile } from './sources'

export async function writeFlightsSlice(
  { from, to, delayName, hasRoute }: FlightsSlice,
  target: string,
): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  try {
    const route = hasRoute ? ", origin || '-' || destination AS route" : ''
    await connection.run(
      `COPY (SELECT date, delay AS ${delayName}, distance, origin, destination${route} FROM read_parquet('${sourceFile('flights-3m.parquet')}')
        WHERE date >= TIMESTAMP '${from}' AND date < TIMESTAMP '${to}')
       TO '${target}' (FORMAT parquet, COMPRESSION snappy)`,
    )
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
