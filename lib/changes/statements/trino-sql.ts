import { quoteIdentifier, quoteString } from '@/lib/sql/quote-identifier'
import type { PartitionField } from '../../iceberg/partitioning/partition-spec'
import type { SortField } from '../../iceberg/partitioning/sort-order'
import { parseTransform } from '../../iceberg/partitioning/transform'
import { parsePrimitive } from '../../iceberg/schema/primitive'
import { typeLabel } from '../../iceberg/schema/type-label'
import type { PrimitiveType, Schema, Type } from '../../iceberg/schema/types'
import { findColumn } from '../edits/column-edits'
import { isMissing, joinParts, type Missing, type SqlStatements } from './intent-statement'
import type { TableDraft } from '../edits/table-draft'

/** SQL of Trino 476. */

export function trinoColumn(path: readonly string[]): string {
  return path.map(quoteIdentifier).join('.')
}

export function alterInTrino(table: string, change: string): string {
  return `ALTER TABLE ${table} ${change}`
}

export const TRINO_REFS: Missing = { reason: 'Trino 476 cannot change branches and tags.' }
export const TRINO_DEFAULTS: Missing = { reason: 'Trino 476 has no defaults of columns.' }
const WITHIN_MAPS: Missing = { reason: 'Trino 476 cannot change the elements of lists and what is within maps.' }

/** Trino writes new names in lower case. */
export function trinoNameProblem(name: string): Missing | null {
  return name === name.toLowerCase() ? null : { reason: 'Trino writes the names of columns in lower case.' }
}

/** Trino reaches columns of structs, also of those in lists. */
export function trinoParentProblem(draft: TableDraft, parentId: number | null): Missing | null {
  for (let at = parentId; at !== null; ) {
    const parent = findColumn(draft.schema, at)
    if (parent === null) return null
    const kind = typeof parent.field.type === 'string' ? null : parent.field.type.type
    if (kind === 'map' || (kind === 'list' && at === parentId)) return WITHIN_MAPS
    at = parent.parentId
  }
  return null
}

/** Trino 476 does not find a quoted column there. Null for a name that has to be quoted. */
export function plainTrinoName(name: string): string | null {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !RESERVED_WORDS.has(name) ? name : null
}

/** Source: Trino documentation, *Keywords and identifiers*. */
const RESERVED_WORDS = new Set(
  (
    'alter and as auto between by case cast constraint create cross cube current_catalog current_date current_path ' +
    'current_role current_schema current_time current_timestamp current_user deallocate delete describe distinct drop ' +
    'else end escape except execute exists extract false for from full group grouping having in inner insert intersect ' +
    'into is join json_array json_exists json_object json_query json_table json_value left like listagg localtime ' +
    'localtimestamp natural normalize not null on or order outer prepare recursive right rollup select skip table then ' +
    'trim true uescape union unnest using values when where with'
  ).split(' '),
)

export function trinoType(type: Type): string | Missing {
  if (typeof type === 'string') return trinoPrimitive(type)
  switch (type.type) {
    case 'struct': {
      if (type.fields.some(({ doc, required }) => doc !== undefined || required))
        return { reason: 'Trino’s rows have no descriptions and no required fields.' }
      const fields = type.fields.map((field) =>
        joinParts([trinoType(field.type)], (parts) => `${quoteIdentifier(field.name)} ${parts.join('')}`),
      )
      return joinParts(fields, (parts) => `row(${parts.join(', ')})`)
    }
    case 'list':
      if (type.elementRequired) return { reason: 'Trino has no lists whose elements are required.' }
      return joinParts([trinoType(type.element)], (parts) => `array(${parts.join('')})`)
    case 'map':
      if (type.valueRequired) return { reason: 'Trino has no maps whose values are required.' }
      return joinParts([trinoType(type.key), trinoType(type.value)], (parts) => `map(${parts.join(', ')})`)
  }
}

const TRINO_TYPES: Readonly<Record<string, string>> = {
  boolean: 'boolean',
  int: 'integer',
  long: 'bigint',
  float: 'real',
  double: 'double',
  date: 'date',
  time: 'time(6)',
  timestamp: 'timestamp(6)',
  timestamptz: 'timestamp(6) with time zone',
  string: 'varchar',
  uuid: 'uuid',
  binary: 'varbinary',
}

function trinoPrimitive(type: PrimitiveType): string | Missing {
  const primitive = parsePrimitive(type)
  if (primitive.kind === 'decimal') return `decimal(${primitive.precision}, ${primitive.scale})`
  return TRINO_TYPES[primitive.kind] ?? { reason: `Trino 476 cannot create columns of the type ${typeLabel(type)}.` }
}

const TIME_TRANSFORMS: ReadonlySet<string> = new Set(['year', 'month', 'day', 'hour'])

/**
 * Trino writes the whole spec, and names all of its fields itself. It takes a time field that the spec has for another
 * one than it reads from the statement, removes and adds it in one update, and Iceberg's library refuses that ("Cannot
 * add duplicate partition field").
 */
export function partitionInTrino(draft: TableDraft, fields: readonly PartitionField[], table: string): SqlStatements {
  const terms = fields.flatMap((field): (string | Missing)[] => {
    const transform = parseTransform(field.transform)
    if (transform.kind === 'void') return []
    const path = (findColumn(draft.schema, field.sourceId)?.path ?? []).join('.')
    const isRetained = draft.partitionFields.some(({ fieldId }) => fieldId === field.fieldId)
    if (isRetained && TIME_TRANSFORMS.has(transform.kind)) {
      return [{ reason: `Trino 476 cannot change other partition fields while ${field.name} stays.` }]
    }
    const named = trinoFieldName(path, field.transform)
    if (named !== field.name) return [{ reason: `Trino would name the partition field ${field.name} ${named}.` }]
    return [trinoPartitionTerm(field.transform, [path])]
  })
  const array = joinParts(terms, (parts) => `ARRAY[${parts.map(quoteString).join(', ')}]`)
  return isMissing(array) ? array : [alterInTrino(table, `SET PROPERTIES partitioning = ${array}`)]
}

/** A field of the partition spec as Trino's table property has it. */
export function trinoPartitionTerm(transformText: string, path: readonly string[]): string | Missing {
  const transform = parseTransform(transformText)
  const column = quoteIdentifier(path.join('.'))
  switch (transform.kind) {
    case 'identity':
      return column
    case 'bucket':
      return `bucket(${column}, ${transform.buckets})`
    case 'truncate':
      return `truncate(${column}, ${transform.width})`
    case 'void':
    case 'unknown':
      return { reason: `Trino has no transform ${transformText}.` }
    default:
      return `${transform.kind}(${column})`
  }
}

/** The name that Trino gives to a partition field. */
export function trinoFieldName(column: string, transformText: string): string {
  const { kind } = parseTransform(transformText)
  if (kind === 'identity') return column
  return `${column}_${kind === 'truncate' ? 'trunc' : kind}`
}

export function sortInTrino(draft: TableDraft, fields: readonly SortField[], table: string): SqlStatements {
  const array = trinoSortArray(draft.schema, fields)
  return isMissing(array) ? array : [alterInTrino(table, `SET PROPERTIES sorted_by = ${array}`)]
}

/** The value of Trino's table property `sorted_by`. */
export function trinoSortArray(schema: Schema, fields: readonly SortField[]): string | Missing {
  const terms = fields.map(({ sourceId, transform, direction, nullOrder }) => {
    if (parseTransform(transform).kind !== 'identity') return { reason: 'Trino sorts by columns, not by transforms.' }
    const path = findColumn(schema, sourceId)?.path ?? []
    if (path.length !== 1) return { reason: 'Trino sorts by columns of the table, not by those within structs.' }
    return `${trinoColumn(path)} ${direction.toUpperCase()} ${nullOrder.replace('-', ' ').toUpperCase()}`
  })
  return joinParts(terms, (parts) => `ARRAY[${parts.map(quoteString).join(', ')}]`)
}
