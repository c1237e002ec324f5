import 'server-only'
import { AppError } from '@/lib/errors'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { LoadLanding } from '@/lib/ingest/load-landing'
import { readDeleteFilter } from '@/server/table-writes/rows/delete-filter'
import type { RowRequirement } from '../cast/filter-check'
import { findKeyColumns } from './upsert/key-columns'

/**
 * Checks before anything is read. A request checks this too, so the module knows none of the strategies, which need
 * DuckDB: the web server does not load that.
 *
 * @returns the filter that every row of the load has to pass; null if there is none
 * @throws {AppError} invalid-request
 */
export function requirePossibleLanding({ operation, where }: LoadLanding, schema: Schema): RowRequirement | null {
  if (operation === 'upsert') findKeyColumns(schema)
  requireOwnFilter({ operation, where })
  if (where === undefined) return null
  return readDeleteFilter(where, { schemas: [schema], currentSchemaId: schema.schemaId })
}

/** @throws {AppError} invalid-request for an operation without its filter, or with a filter that it does not have */
export function requireOwnFilter({
  operation,
  where,
}: Pick<LoadLanding, 'operation'> & { where?: string | undefined }): void {
  if ((operation === 'replace-where') === (where !== undefined)) return
  throw new AppError(
    'invalid-request',
    where === undefined
      ? 'The filter of the rows to replace is missing. Nothing was started.'
      : `A filter belongs to replace-where, and not to ${operation}. Nothing was started.`,
  )
}
