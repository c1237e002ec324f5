import { AppError } from '@/lib/errors'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { indexFields } from '@/lib/iceberg/schema/schema'
import { decodeSingleValue } from '@/lib/iceberg/schema/single-value'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { NestedField, PrimitiveType, Schema, StructType } from '@/lib/iceberg/schema/types'
import type { RowValue } from '../read/row-value'

/** Above the ids of all other columns of the tables. */
const FIRST_ID = 10_000

/** The metrics of each column by its name, with bounds of the column's type. */
export type ReadableMetrics = {
  /** Null when the table has no column with metrics. */
  type: StructType | null
  /** @throws {AppError} file-damaged for a bound that is not a value of the column's type */
  toRow(file: DataFile): RowValue
}

/**
 * The metrics of all primitive columns of the schema, including columns in structs, lists and maps, in the order of
 * their names.
 */
export function createReadableMetrics(schema: Schema): ReadableMetrics {
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
    toRow({ metrics, filePath }) {
      // Every access decodes a map.
      const { columnSizesBytes, valueCounts, nullValueCounts, nanValueCounts, lowerBounds, upperBounds } = metrics
      const counts = [columnSizesBytes, valueCounts, nullValueCounts, nanValueCounts]
      return columns.map(({ fieldId, name, type }) => [
        ...counts.map((count) => toLong(count.get(fieldId))),
        ...[lowerBounds, upperBounds].map((bounds) => decodeBound(type, bounds.get(fieldId), { name, filePath })),
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

function decodeBound(
  type: PrimitiveType,
  bytes: Uint8Array | undefined,
  { name, filePath }: { name: string; filePath: string },
): RowValue | null {
  if (bytes === undefined || type === 'unknown') return null
  try {
    return decodeSingleValue(boundType(type), bytes)
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause
    throw new AppError(
      'file-damaged',
      `A bound of ${name} in the manifest entry of ${filePath} is no value of type ${type}. The columns lower_bounds and upper_bounds have the bytes.`,
      { cause, facts: { file: filePath, column: name } },
    )
  }
}

function toLong(count: number | undefined): bigint | null {
  return count === undefined ? null : BigInt(count)
}
