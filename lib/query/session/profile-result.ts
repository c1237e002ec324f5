import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { profileRows } from '@/lib/query/column-profile'
import type { ColumnProfile } from '@/lib/query/column-profile-types'
import type { Engine } from '@/lib/query/duckdb/engine'
import { duckdbType } from '@/lib/query/duckdb/duckdb-type'
import type { QueryResult } from '@/lib/query/engine'
import { quoteIdentifier } from '@/lib/sql/quote-identifier'
import { toResultBatch } from './result-rows'
import { toIcebergType } from './result-values'
import { selectSchema } from './zones'

/** In schema `held` for as long as one profile takes. */
const TABLE = 'profiled result'

/**
 * Profiles a column of a result. Its rows are loaded into DuckDB as they are in memory, so the profile is that of the
 * result, also after its tables have changed.
 *
 * @throws {AppError} cancelled; not-supported for rows that are not in Arrow's format
 */
export async function profileResult(
  engine: Engine,
  { columns, batches, rowCount }: Pick<QueryResult, 'columns' | 'batches' | 'rowCount'>,
  column: number,
  signal: AbortSignal,
): Promise<ColumnProfile> {
  const field: NestedField = { id: 0, name: 'value', type: columns[column]?.type ?? 'unknown', required: false }
  const source = `held.${quoteIdentifier(TABLE)}`
  const drop = () => engine.query(`DROP TABLE IF EXISTS ${source}`)
  await drop()
  try {
    await selectSchema(engine, 'lake', false)
    await engine.query(`CREATE TABLE ${source} (${quoteIdentifier(field.name)} ${duckdbType(field.type)})`)
    for (const batch of batches) {
      if (signal.aborted) throw new AppError('cancelled', 'The profile was cancelled.')
      if (batch.toArrow === undefined)
        throw new AppError('not-supported', 'The rows of this result cannot be profiled.')
      await engine.insert(TABLE, batch.toArrow(column))
    }
    return await profileRows(field, [field], { source, rowCount }, async (sql) => {
      if (signal.aborted) throw new AppError('cancelled', 'The profile was cancelled.')
      const { schema, batches: rows } = await engine.query(sql)
      return {
        columns: schema.fields.map(({ name, type }) => ({ name, type: toIcebergType(type), sqlType: '' })),
        batches: rows.map((batch) => toResultBatch(batch, batch.numRows)),
      }
    })
  } finally {
    if (engine.isRunning) await drop()
  }
}
