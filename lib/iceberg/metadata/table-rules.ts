import { AppError } from '@/lib/errors'
import { requireValidDefaults } from '../schema/default-value'
import { hasMultipleSources } from '../partitioning/partition-spec-json'
import { type Primitive, parsePrimitive } from '../schema/primitive'
import { type IndexedField, indexFields } from '../schema/schema'
import { canTransform, parseTransform } from '../partitioning/transform'
import type { Schema } from '../schema/types'
import type { PartitionField, PartitionSpec } from '../partitioning/partition-spec'
import type { SortField, SortOrder } from '../partitioning/sort-order'

/**
 * Rules between a table's schema, partition spec and sort order. All throw {AppError} invalid-request.
 *
 * Spec: Iceberg table spec, *Partitioning*, *Sorting*, *Schemas and Data Types*.
 */

export function requireValidSpec(spec: PartitionSpec, schema: Schema): void {
  const fields = indexFields(schema)
  const names = new Set<string>()
  for (const { sourceId, name, transform } of spec.fields) {
    if (name === '') throw new AppError('invalid-request', 'A partition field has no name')
    if (names.has(name)) throw new AppError('invalid-request', `Two partition fields are named ${name}`)
    names.add(name)
    // In a v1 spec, a field whose column was dropped stays as void.
    if (parseTransform(transform).kind === 'void') continue
    requireSource({ sourceId, transform, subject: `Partition field ${name}` }, fields)
    const column = schema.fields.find((field) => field.name === name)
    if (column !== undefined && (column.id !== sourceId || transform !== 'identity')) {
      throw new AppError('invalid-request', `The partition field ${name} has the same name as a column`, {
        facts: { partitionField: name },
      })
    }
  }
}

export function requireValidSortOrder(order: SortOrder, schema: Schema): void {
  const fields = indexFields(schema)
  for (const { sourceId, transform } of order.fields) {
    requireSource({ sourceId, transform, subject: 'Sort field' }, fields)
  }
}

/** Transforms of several columns require format v3. */
export function requireFormatSupportsSources(
  fields: readonly (PartitionField | SortField)[],
  formatVersion: number,
): void {
  if (formatVersion < 3 && fields.some(hasMultipleSources))
    throw requiresV3Error('A transform takes several columns', {})
}

const V3_KINDS: readonly Primitive['kind'][] = [
  'timestamp_ns',
  'timestamptz_ns',
  'unknown',
  'variant',
  'geometry',
  'geography',
]

/** Version 3 for a schema with types that older tables do not have, otherwise the usual version 2. */
export function minFormatVersion(schema: Pick<Schema, 'fields'>): 2 | 3 {
  const hasV3Type = [...indexFields(schema).values()].some(
    ({ field: { type } }) => typeof type === 'string' && V3_KINDS.includes(parsePrimitive(type).kind),
  )
  return hasV3Type ? 3 : 2
}

/** Types and default values of format v3 are not allowed in an older table. A value of type unknown is always null. */
export function requireFormatSupportsSchema(schema: Schema, formatVersion: number): void {
  for (const { field, path } of indexFields(schema).values()) {
    const column = path.join('.')
    if (formatVersion < 3 && typeof field.type === 'string') {
      const { kind } = parsePrimitive(field.type)
      if (V3_KINDS.includes(kind)) throw requiresV3Error(`Column ${column} is ${kind}`, { column, type: kind })
    }
    if (formatVersion < 3 && field.initialDefault !== undefined) {
      throw requiresV3Error(`Column ${column} has an initial default`, { column })
    }
    if (field.type === 'unknown' && field.required) {
      throw new AppError('invalid-request', `Column ${column} is required, but its type unknown allows only null`, {
        facts: { column },
      })
    }
    requireValidDefaults(field, column)
  }
}

/** An identifier field must be present in every row and have a single value that equals itself. */
export function requireValidIdentifierFields(schema: Schema): void {
  const fields = indexFields(schema)
  for (const fieldId of schema.identifierFieldIds) {
    const problem = identifierProblem(fieldId, fields)
    if (problem === null) continue
    const column = fields.get(fieldId)?.path.join('.')
    const subject = column === undefined ? String(fieldId) : `${column} (field ${fieldId})`
    throw new AppError('invalid-request', `The identifier field ${subject} ${problem}`, { facts: { fieldId } })
  }
}

/** Why a field cannot be an identifier field; null if it can. */
export function identifierProblem(fieldId: number, fields: ReturnType<typeof indexFields>): string | null {
  const indexed = fields.get(fieldId)
  if (indexed === undefined) return 'is not in the schema'
  const { field, isRepeated } = indexed
  if (typeof field.type !== 'string') return 'is not of a primitive type'
  if (field.type === 'float' || field.type === 'double') return `is ${field.type}, which allows NaN`
  if (isRepeated) return 'is inside a list or a map'
  for (
    let ancestor: IndexedField | undefined = indexed;
    ancestor !== undefined;
    ancestor = fields.get(ancestor.parentId ?? Number.NaN)
  ) {
    if (!ancestor.field.required)
      return ancestor === indexed ? 'is optional' : `is inside ${ancestor.field.name}, which is optional`
  }
  return null
}

function requiresV3Error(subject: string, facts: Record<string, string>): AppError {
  return new AppError('invalid-request', `${subject}, which needs format version 3`, { facts })
}

type TransformSource = { sourceId: number; transform: string; subject: string }

function requireSource(
  { sourceId, transform, subject }: TransformSource,
  fields: ReturnType<typeof indexFields>,
): void {
  const source = fields.get(sourceId)
  if (source === undefined) {
    throw new AppError(
      'invalid-request',
      `${subject} takes its values from column ${sourceId}, which is not in the schema`,
      {
        facts: { sourceId },
      },
    )
  }
  const column = source.path.join('.')
  if (source.isRepeated)
    throw new AppError('invalid-request', `${subject} takes its values from inside a list or a map`)
  if (typeof source.field.type !== 'string' || !canTransform(parseTransform(transform), source.field.type)) {
    throw new AppError('invalid-request', `${subject} cannot apply ${transform} to column ${column}`, {
      facts: { column, transform },
    })
  }
}
