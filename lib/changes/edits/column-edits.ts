import { AppError } from '@/lib/errors'
import type { TableMetadata } from '../../iceberg/metadata/table-metadata'
import { currentSchema } from '../../iceberg/metadata/current-layout'
import { parseTransform } from '../../iceberg/partitioning/transform'
import { reservedNameProblem } from '../../iceberg/schema/reserved-names'
import { type IndexedField, indexFields } from '../../iceberg/schema/schema'
import { childFields } from '../../iceberg/schema/child-fields'
import type { NestedField, Schema, Type } from '../../iceberg/schema/types'
import { type ColumnTarget, columnLabel, lastName } from './column-target'
import type { TableDraft } from './table-draft'

/**
 * Finds and replaces columns at any depth of a schema, and knows which of them the table's layout needs.
 *
 * Spec: Iceberg table spec, *Schema Evolution*.
 */

/** Null when the table no longer has such a column. */
export function findColumn(schema: Schema, fieldId: number): IndexedField | null {
  return indexFields(schema).get(fieldId) ?? null
}

/** Whether the column is there under the name that the person saw, as text of a comparison. */
export function compareName(metadata: TableMetadata, target: ColumnTarget, requested: string | null) {
  const now = findColumn(currentSchema(metadata), target.fieldId)
  return { base: lastName(target), current: now?.field.name ?? null, requested }
}

/** The target with the names that the column has now; null when it is gone. */
export function rebaseColumn<Target extends ColumnTarget>(metadata: TableMetadata, target: Target): Target | null {
  const now = findColumn(currentSchema(metadata), target.fieldId)
  return now && { ...target, column: now.path }
}

/** @throws {AppError} not-found when the column is gone; invalid-request within the key of a map, which cannot change */
export function requireColumn(draft: TableDraft, { fieldId, column }: ColumnTarget): IndexedField {
  const fields = indexFields(draft.schema)
  const found = fields.get(fieldId)
  if (found === undefined) {
    throw new AppError('not-found', `The table no longer has a column ${columnLabel(column)}.`, { facts: { fieldId } })
  }
  for (let at: IndexedField | undefined = found; at; at = fields.get(at.parentId ?? Number.NaN)) {
    const parent: IndexedField | undefined = fields.get(at.parentId ?? Number.NaN)
    if (parent && typeof parent.field.type !== 'string' && parent.field.type.type === 'map') {
      if (parent.field.type.keyId === at.field.id)
        throw new AppError('invalid-request', `The key of the map ${columnLabel(parent.path)} cannot change.`)
    }
  }
  return found
}

/** As {@link requireColumn}, for a column with a name of its own: not the element of a list or the value of a map. */
export function requireNamedColumn(draft: TableDraft, target: ColumnTarget): IndexedField {
  const found = requireColumn(draft, target)
  const parent = found.parentId === null ? null : findColumn(draft.schema, found.parentId)
  if (parent === null || (typeof parent.field.type !== 'string' && parent.field.type.type === 'struct')) return found
  throw new AppError('invalid-request', `${columnLabel(found.path)} has no name of its own.`, {
    facts: { fieldId: found.field.id },
  })
}

/** Changes a column in place. */
export function updateColumn(
  draft: { schema: Schema },
  fieldId: number,
  toNext: (field: NestedField) => NestedField,
): void {
  draft.schema = {
    ...draft.schema,
    fields: draft.schema.fields.map((field) => updateField(field, fieldId, toNext)),
  }
}

/** Changes the columns of the table (null) or of a struct: their order, and which there are. */
export function updateSiblings(
  draft: { schema: Schema },
  parentId: number | null,
  toNext: (fields: readonly NestedField[]) => readonly NestedField[],
): void {
  if (parentId === null) {
    draft.schema = { ...draft.schema, fields: toNext(draft.schema.fields) }
    return
  }
  updateColumn(draft, parentId, (field) => {
    if (typeof field.type === 'string' || field.type.type !== 'struct')
      throw new AppError('invalid-request', `${field.name} is not a struct, so it has no columns.`)
    return { ...field, type: { ...field.type, fields: toNext(field.type.fields) } }
  })
}

function updateField(field: NestedField, fieldId: number, toNext: (field: NestedField) => NestedField): NestedField {
  if (field.id === fieldId) return toNext(field)
  if (!childFields(field.type).length) return field
  const type = updateType(field.type, (child) => updateField(child, fieldId, toNext))
  return type === field.type ? field : { ...field, type }
}

/** Returns the same object when no field within changed. */
function updateType(type: Type, toNext: (field: NestedField) => NestedField): Type {
  const before = childFields(type)
  const after = before.map(toNext)
  if (after.every((field, i) => typeof type !== 'string' && isSameField(field, before[i], type.type === 'struct')))
    return type
  if (typeof type === 'string') return type
  const [first, second] = after
  switch (type.type) {
    case 'struct':
      return { ...type, fields: after }
    case 'list':
      return first ? { ...type, element: first.type, elementRequired: first.required } : type
    case 'map':
      return first && second ? { ...type, key: first.type, value: second.type, valueRequired: second.required } : type
  }
}

/** The fields of lists and maps are made for each call, so only their parts can be compared. */
function isSameField(a: NestedField, b: NestedField | undefined, isOfStruct: boolean): boolean {
  return isOfStruct ? a === b : a.type === b?.type && a.required === b.required
}

/**
 * Why a column, or one within it, cannot be dropped; null if it can. Specs that new data no longer uses count, too:
 * engines fail to read files of a spec whose source column is gone.
 */
export function dropProblem({ base, schema, partitionFields, sortFields }: TableDraft, fieldId: number): string | null {
  const within = idsWithin(schema, fieldId)
  if (schema.identifierFieldIds.some((id) => within.has(id))) return 'is an identifier field'
  if (partitionFields.some((field) => within.has(field.sourceId) && !isVoid(field.transform)))
    return 'is a source of the partition spec'
  const spec = base.partitionSpecs.find(({ fields }) =>
    fields.some((field) => within.has(field.sourceId) && !isVoid(field.transform)),
  )
  if (spec) return `is used by the partition spec ${spec.specId}, which data files may still have`
  // Orders that new data no longer uses are not read with the schema.
  return sortFields.some((field) => within.has(field.sourceId)) ? 'is in the sort order' : null
}

function isVoid(transform: string): boolean {
  return parseTransform(transform).kind === 'void'
}

/** The ids of a column and of all columns within it. */
export function idsWithin(schema: Schema, fieldId: number): Set<number> {
  const found = indexFields(schema).get(fieldId)
  if (!found) return new Set()
  return new Set([fieldId, ...indexFields({ fields: childFields(found.field.type) }).keys()])
}

/**
 * A name that differs from a sibling's in case alone is free only in a table that has such names already: most engines
 * could no longer read either column.
 *
 * @param parentId of the column around it; null: it is at the top
 * @throws {AppError} invalid-request for an empty name, one with spaces around it, or that of a metadata column;
 *   already-exists for a taken one
 */
export function requireFreeName(siblings: readonly NestedField[], name: string, parentId: number | null): void {
  requireName(name, 'column')
  const reserved = parentId === null ? reservedNameProblem(name) : null
  if (reserved !== null) throw new AppError('invalid-request', reserved, { facts: { column: name } })
  if (siblings.some((field) => field.name === name))
    throw new AppError('already-exists', `There is already a column ${name}.`, { facts: { column: name } })
  const [problem] = caseWarnings(siblings, name)
  if (problem === undefined || siblings.some((field) => caseWarnings(siblings, field.name).length > 0)) return
  throw new AppError('already-exists', `${problem} Choose another name.`, { facts: { column: name } })
}

/** Control characters, line ends and marks of direction: SQL cannot write some of them, and lists show others as other names. */
const UNWRITABLE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u

/**
 * @throws {AppError} invalid-request for an empty name, one with spaces around it, or with characters that are
 *   invisible or hard to type
 */
export function requireName(name: string, kind: 'column' | 'partition field'): void {
  if (name.trim() === '' || name !== name.trim())
    throw new AppError('invalid-request', `The name of a ${kind} must not be empty or have spaces around it.`)
  if (UNWRITABLE.test(name))
    throw new AppError(
      'invalid-request',
      `The name of a ${kind} must not have control characters, line ends or marks of direction.`,
    )
}

/** The columns in the same struct, or the top-level ones. */
export function siblingsOf(schema: Schema, parentId: number | null): readonly NestedField[] {
  if (parentId === null) return schema.fields
  const parent = findColumn(schema, parentId)
  return parent === null ? [] : childFields(parent.field.type)
}

/** The names of a column of the draft, from the top; none for the table itself, or a column that is gone. */
export function columnPath({ schema }: TableDraft, fieldId: number | null): readonly string[] {
  return fieldId === null ? [] : (findColumn(schema, fieldId)?.path ?? [])
}

/** The name of the sibling that a column follows, by id or by name; null: it is first. */
export function siblingName(
  { schema }: TableDraft,
  parentId: number | null,
  after: number | string | null,
): string | null {
  return siblingsOf(schema, parentId).find(({ id, name }) => id === after || name === after)?.name ?? null
}

/** Warns when a name differs from a sibling's only in case: most engines compare names without case. */
export function caseWarnings(siblings: readonly NestedField[], name: string): string[] {
  const clash = siblings.find((field) => field.name !== name && field.name.toLowerCase() === name.toLowerCase())
  if (!clash) return []
  return [
    `${name} and ${clash.name} differ in case alone. Spark, Trino and SQL here compare names without case and cannot tell them apart.`,
  ]
}

/**
 * The columns with one more.
 *
 * @param after the sibling that it follows, by id or by name; null: it is first
 * @throws {AppError} not-found when the sibling no longer exists
 */
export function placeAfter(
  siblings: readonly NestedField[],
  field: NestedField,
  after: number | string | null,
): NestedField[] {
  if (after === null) return [field, ...siblings]
  const index = siblings.findIndex(({ id, name }) => id === after || name === after)
  if (index < 0) throw new AppError('not-found', `The column that ${field.name} was to follow is gone.`)
  return [...siblings.slice(0, index + 1), field, ...siblings.slice(index + 1)]
}
