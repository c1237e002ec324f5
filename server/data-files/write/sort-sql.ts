import 'server-only'
import { AppError } from '@/lib/errors'
import type { SortOrder } from '@/lib/iceberg/partitioning/sort-order'
import { transformLabel, parseTransform } from '@/lib/iceberg/partitioning/transform'
import type { PrimitiveType, Schema } from '@/lib/iceberg/schema/types'
import { type BucketFunction, createFindSource, type PartitionColumn, transformColumn } from './partition-sql'

export type SortSql = {
  /** The expressions of `ORDER BY`, without the keyword. */
  orderBy: string
  /** Functions that the SQL calls and this process has to register. */
  buckets: readonly BucketFunction[]
}

/**
 * A sort order over rows with the columns of the schema. Iceberg spec, *Sort Orders*: floating-point values are in the
 * order -Infinity, …, -0, +0, …, Infinity, NaN.
 *
 * @param toColumn the column of a top-level field, by its index in the schema
 * @returns null for an order without fields
 * @throws {AppError} not-supported for a column or a transform that this program cannot sort by
 */
export function sortSql(order: SortOrder, schema: Schema, toColumn: (columnIndex: number) => string): SortSql | null {
  if (order.fields.length === 0) return null
  const findSource = createFindSource(schema, toColumn)
  const columns = order.fields.map(({ sourceId, transform, direction, nullOrder }, i) => {
    const source = findSource(sourceId)
    const parsed = parseTransform(transform)
    if (source === null || parsed.kind === 'unknown') {
      const label = transformLabel(parsed, `field ${sourceId}`)
      throw new AppError('not-supported', `Lakeshore cannot sort by ${label}.`)
    }
    return { column: transformColumn(transform, source, `sort_bucket_${i}`), direction, nullOrder }
  })
  const keys = columns.flatMap(({ column, direction, nullOrder }) =>
    sortKeys(column).map((key) => `${key} ${direction.toUpperCase()} ${nullOrder.replace('-', ' ').toUpperCase()}`),
  )
  return { orderBy: keys.join(', '), buckets: columns.flatMap(({ column }) => column.bucket ?? []) }
}

/**
 * DuckDB takes -0 and +0 for the same. It also reads sorted columns back from the keys of the sort, in which both are +0,
 * so that the key is an expression and not the column.
 */
function sortKeys({ type, sortKey }: PartitionColumn): string[] {
  return isFloatingPoint(type) ? [`(${sortKey} + 0)`, `(${sortKey} = 0 AND NOT signbit(${sortKey}))`] : [sortKey]
}

function isFloatingPoint(type: PrimitiveType): boolean {
  return type === 'float' || type === 'double'
}
