import { AppError } from '@/lib/errors'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { partitionColumns } from '@/lib/iceberg/partitioning/partition-spec'
import type { PrimitiveType, StructType, Value } from '@/lib/iceberg/schema/types'

/** Partitions of all specs of a table as one struct. */
export type PartitionRows = {
  /** Null when no spec partitions by a column that the table still has: the tables then have no `partition`. */
  type: StructType | null
  /** Values of the struct's fields for a partition of a spec. @param values in the order of the spec's fields */
  toRow(specId: number, values: readonly (Value | null)[]): readonly (Value | null)[]
  /** How many fields of the struct the spec has. */
  fieldCountOf(specId: number): number
}

/**
 * The partition fields of all specs by their ids, with the names and types of the newest spec that has them, without
 * fields whose source column was dropped. A field that format v1 replaced by `void` keeps its type.
 *
 * @throws {AppError} not-supported for a transform whose result type is not known, and for specs of format v1 that use
 *   one field id for different fields
 */
export function createPartitionRows(metadata: TableMetadata): PartitionRows {
  const schema = currentSchema(metadata)
  const found = new Map<number, { name: string; type: PrimitiveType; sourceId: number; transform: string }>()
  const positions = new Map<number, ReadonlyMap<number, number>>()
  for (const spec of metadata.partitionSpecs.toSorted((a, b) => b.specId - a.specId)) {
    positions.set(spec.specId, new Map(spec.fields.map(({ fieldId }, index) => [fieldId, index])))
    for (const [index, { fieldId, name, type, transform, sourceName }] of partitionColumns(spec, schema).entries()) {
      const field = spec.fields[index]
      if (sourceName === null || !field) continue
      if (transform.kind === 'unknown')
        throw new AppError(
          'not-supported',
          `The type of partition values of the transform ${field.transform} is not known.`,
          {
            facts: { transform: field.transform },
          },
        )
      const known = found.get(fieldId)
      const isVoid = known?.transform === 'void'
      const isOther = known && (known.sourceId !== field.sourceId || known.transform !== field.transform)
      if (isOther && !isVoid && transform.kind !== 'void')
        throw new AppError('not-supported', `Two partition specs use the field id ${fieldId} for different fields.`, {
          facts: { fieldId },
        })
      if (!known) found.set(fieldId, { name, type, sourceId: field.sourceId, transform: field.transform })
      else if (isVoid) found.set(fieldId, { ...known, type, transform: field.transform })
    }
  }
  const fields = [...found]
    .toSorted(([a], [b]) => a - b)
    .map(([id, { name, type }]) => ({ id, name, type, required: false }))
  return {
    type: fields.length === 0 ? null : { type: 'struct', fields },
    toRow(specId, values) {
      const positionOf = positions.get(specId)
      return fields.map(({ id, type }) => {
        const position = positionOf?.get(id)
        return position === undefined ? null : promote(type, values[position] ?? null)
      })
    },
    fieldCountOf: (specId) => fields.filter(({ id }) => positions.get(specId)?.has(id)).length,
  }
}

/** A value that was read with the type that its column had in an older schema. */
function promote(type: PrimitiveType, value: Value | null): Value | null {
  return type === 'long' && typeof value === 'number' ? BigInt(value) : value
}
