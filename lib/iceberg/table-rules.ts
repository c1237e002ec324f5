import { AppError } from '@/lib/errors'
import { parsePrimitive } from './primitive'
import { indexFields } from './schema'
import type { PartitionSpec, SortOrder } from './table-metadata'
import { canTransform, parseTransform } from './transform'
import type { Schema } from './types'

/**
 * What must hold between a table's schema, partition spec and sort order. All throw {AppError} invalid-request.
 *
 * Spec: Iceberg table spec, *Partitioning*, *Sorting*, *Schemas and Data Types*.
 */

export function requireSpecFits(spec: PartitionSpec, schema: Schema): void {
  const fields = indexFields(schema)
  const names = new Set<string>()
  for (const { sourceId, name, transform } of spec.fields) {
    if (name === '') throw new AppError('invalid-request', 'A partition field has no name')
    if (names.has(name)) throw new AppError('invalid-request', `Two partition fields are named ${name}`)
    names.add(name)
    // A field whose column was dropped stays in a v1 spec as void.
    if (parseTransform(transform).kind === 'void') continue
    requireSource({ sourceId, transform, what: `Partition field ${name}` }, fields)
    const column = schema.fields.find((field) => field.name === name)
    if (column !== undefined && (column.id !== sourceId || transform !== 'identity')) {
      throw new AppError('invalid-request', `The partition field ${name} has the name of a column`, {
        facts: { partitionField: name },
      })
    }
  }
}

export function requireSortOrderFits(order: SortOrder, schema: Schema): void {
  const fields = indexFields(schema)
  for (const { sourceId, transform } of order.fields) {
    requireSource({ sourceId, transform, what: 'Sort field' }, fields)
  }
}

/** Types that came with format v3 may not be in an older table. */
export function requireTypesOfFormat(schema: Schema, formatVersion: number): void {
  if (formatVersion > 2) return
  for (const { field, path } of indexFields(schema).values()) {
    if (typeof field.type !== 'string') continue
    const { kind } = parsePrimitive(field.type)
    if (kind === 'timestamp_ns' || kind === 'timestamptz_ns' || kind === 'unknown' || kind === 'variant') {
      throw new AppError('invalid-request', `Column ${path.join('.')} is ${kind}, which needs format version 3`, {
        facts: { column: path.join('.'), type: kind },
      })
    }
  }
}

type Source = { sourceId: number; transform: string; what: string }

function requireSource({ sourceId, transform, what }: Source, fields: ReturnType<typeof indexFields>): void {
  const source = fields.get(sourceId)
  if (source === undefined) {
    throw new AppError(
      'invalid-request',
      `${what} takes its values from column ${sourceId}, which is not in the schema`,
      {
        facts: { sourceId },
      },
    )
  }
  const column = source.path.join('.')
  if (source.isRepeated) throw new AppError('invalid-request', `${what} takes its values from inside a list or a map`)
  if (typeof source.field.type !== 'string' || !canTransform(parseTransform(transform), source.field.type)) {
    throw new AppError('invalid-request', `${what} cannot apply ${transform} to column ${column}`, {
      facts: { column, transform },
    })
  }
}
