import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { indexFields } from '@/lib/iceberg/schema/schema'
import { tryDecodeSingleValue } from '@/lib/iceberg/schema/single-value'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { NestedField, PrimitiveType, Schema, StructType, Value } from '@/lib/iceberg/schema/types'
import type { RowValue } from '../read/row-value'
import type { ReportUnreadable } from './metadata-table'

/** Above the ids of all other columns of the tables. */
const FIRST_ID = 10_000

/** The metrics of each column by its name, with bounds of the column's type. */
export type ReadableMetrics = {
  /** Null when the table has no column with metrics. */
  type: StructType | null
  /** With null for a bound that is reported. */
  toRow(file: DataFile, report: ReportUnreadable): RowValue
}

/** Whether the engine that shows metadata tables can hold a value. */
export type CanHold = (type: PrimitiveType, value: Value) => boolean

/**
 * The metrics of all primitive columns of the schema, including columns in structs, lists and maps, in the order of
 * their names.
 */
export function createReadableMetrics(schema: Schema, canHold: CanHold): ReadableMetrics {
  let nextId = FIRST_ID
  const columns = [...indexFields(schema).values()].flatMap(({ field, path }) =>
    typeof field.type === 'string' && hasMetrics(field.type)
      ? [{ fieldId: field.id, name: path.join('.'), type: field.type }]
      : [],
  )
  columns.sort((a, b) => Number(a.name > b.name) - Number(a.name < b.name))
  const fields = columns.map(({ name, type }): NestedField => {
    const id = nextId++
    const parts: [string, PrimitiveType][] = [
      ['column_size', 'long'],
      ['value_count', 'long'],
      ['null_value_count', 'long'],
      ['nan_value_count', 'long'],
      ['lower_bound', boundType(type)],
      ['upper_bound', boundType(type)],
    ]
    const metrics = parts.map(([part, partType]) => ({ id: nextId++, name: part, type: partType, required: false }))
    return { id, name, type: { type: 'struct', fields: metrics }, required: false }
  })
  return {
    type: fields.length === 0 ? null : { type: 'struct', fields },
    toRow({ metrics, filePath }, report) {
      // Every access decodes a map.
      const { columnSizesBytes, valueCounts, nullValueCounts, nanValueCounts, lowerBounds, upperBounds } = metrics
      const counts = [columnSizesBytes, valueCounts, nullValueCounts, nanValueCounts]
      return columns.map(({ fieldId, name, type }) => [
        ...counts.map((count) => toLong(count.get(fieldId))),
        ...[lowerBounds, upperBounds].map((bounds) => {
          const bytes = bounds.get(fieldId)
          if (bytes === undefined || type === 'unknown') return null
          const value = tryDecodeSingleValue(boundType(type), bytes)
          if (value !== null && canHold(type, value)) return value
          report({ column: name, file: filePath })
          return null
        }),
      ])
    },
  }
}

/** Variants have bounds per path, which no column could hold. */
function hasMetrics(type: PrimitiveType): boolean {
  return type !== 'variant'
}

const SHOWN_AS_BYTES = ['fixed', 'geometry', 'geography', 'unrecognized']

/** The bounds of geometries are points, which are shown as they are stored. Bounds of `fixed` may be truncated. */
function boundType(type: PrimitiveType): PrimitiveType {
  return SHOWN_AS_BYTES.includes(parsePrimitive(type).kind) ? 'binary' : type
}

function toLong(count: number | undefined): bigint | null {
  return count === undefined ? null : BigInt(count)
}
