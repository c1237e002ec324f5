import { AppError } from '@/lib/errors'
import { caseWarnings, requireName } from '../edits/column-edits'
import { isRedundantTerm, requireDistinctFieldName, requireNewSortField, requireValues } from '../edits/layout-rules'
import {
  identifierProblem,
  requireFormatSupportsSchema,
  requireValidSortOrder,
  requireValidSpec,
} from '../../iceberg/metadata/table-rules'
import { measuredColumnProblem } from '../../iceberg/properties/column-properties'
import { propertyProblem } from '../../iceberg/properties/new-property-problem'
import { isRuleKey, RULE_PREFIX } from '../../iceberg/properties/value-rules'
import { canHaveDefault } from '../../iceberg/schema/default-value'
import { parsePrimitive } from '../../iceberg/schema/primitive'
import { reservedNameProblem } from '../../iceberg/schema/reserved-names'
import { findFieldByName, type IndexedField, indexFields } from '../../iceberg/schema/schema'
import { childFields } from '../../iceberg/schema/child-fields'
import type { NestedField, Schema } from '../../iceberg/schema/types'
import { toColumnRule } from '../../rules/column-rules'
import type { NewTableDraft } from './new-table-draft'

/** The part of a draft that a problem belongs to. */
export type NewTablePart =
  | { kind: 'columns' }
  | { kind: 'column'; fieldId: number }
  | { kind: 'identifier'; fieldId: number }
  | { kind: 'partition-field'; index: number }
  | { kind: 'sort-field'; index: number }
  | { kind: 'property'; key: string }

export type NewTableProblem = { part: NewTablePart; message: string }

/** Every reason why a table cannot be created like this, each at the part that it belongs to. */
export function findNewTableProblems(draft: NewTableDraft): NewTableProblem[] {
  const { schema } = draft
  const fields = indexFields(schema)
  return [
    ...(schema.fields.length === 0
      ? [{ part: { kind: 'columns' } as const, message: 'A table needs at least one column.' }]
      : []),
    ...findColumnProblems(draft, fields),
    ...schema.identifierFieldIds.flatMap((fieldId): NewTableProblem[] => {
      const problem = identifierProblem(fieldId, fields)
      const name = fields.get(fieldId)?.path.join('.') ?? `Column ${fieldId}`
      return problem === null ? [] : [{ part: { kind: 'identifier', fieldId }, message: `${name} ${problem}.` }]
    }),
    ...partitionProblems(draft),
    ...draft.sortFields.flatMap((field, index): NewTableProblem[] => {
      const message =
        problemOf(() => requireValidSortOrder({ orderId: 1, fields: [field] }, schema)) ??
        problemOf(() => requireNewSortField(draft.sortFields.slice(0, index), field))
      return message === null ? [] : [{ part: { kind: 'sort-field', index }, message }]
    }),
    ...Object.entries(draft.properties).flatMap(([key, value]): NewTableProblem[] => {
      const message =
        propertyProblem(key, value) ??
        measuredColumnProblem((name) => findFieldByName(schema, name) !== null, key) ??
        (isRuleKey(key) ? problemOf(() => toColumnRule(key.slice(RULE_PREFIX.length), value, schema)) : null)
      return message === null ? [] : [{ part: { kind: 'property', key }, message }]
    }),
  ]
}

/** @throws {AppError} invalid-request with the first problem */
export function requireNoProblems(draft: NewTableDraft): void {
  const [problem] = findNewTableProblems(draft)
  if (problem) throw new AppError('invalid-request', problem.message)
}

/** The problems of columns, each at its column. */
export function findColumnProblems(
  { schema, formatVersion }: Pick<NewTableDraft, 'schema' | 'formatVersion'>,
  fields: ReadonlyMap<number, IndexedField> = indexFields(schema),
): NewTableProblem[] {
  const earlierNames = new Map<string, string>()
  return [...fields.values()].flatMap(({ field, parentId, path }): NewTableProblem[] => {
    const parent = parentId === null ? null : (fields.get(parentId)?.field ?? null)
    const message =
      nameProblem(schema, parent, field) ??
      dottedNameProblem(earlierNames, path.join('.')) ??
      typeProblem(field, formatVersion) ??
      defaultProblem(field, formatVersion)
    return message === null ? [] : [{ part: { kind: 'column', fieldId: field.id }, message }]
  })
}

function nameProblem(schema: Schema, parent: NestedField | null, field: NestedField): string | null {
  const siblings = parent === null ? schema.fields : childFields(parent.type)
  const problem = problemOf(() => requireName(field.name, 'column'))
  if (problem !== null) return problem
  const reserved = parent === null ? reservedNameProblem(field.name) : null
  if (reserved !== null) return reserved
  const earlier = siblings.slice(
    0,
    siblings.findIndex(({ id }) => id === field.id),
  )
  if (earlier.some(({ name }) => name === field.name)) return `There is already a column ${field.name}.`
  const [clash] = caseWarnings(earlier, field.name)
  return clash === undefined ? null : `${clash} Choose another name.`
}

/**
 * Engines find columns by their dotted names, with and without case.
 *
 * @param earlier dotted names by their lower case, to which the name is added
 */
function dottedNameProblem(earlier: Map<string, string>, name: string): string | null {
  const other = earlier.get(name.toLowerCase())
  if (other === undefined) {
    earlier.set(name.toLowerCase(), name)
    return null
  }
  return other === name
    ? `There is already a column ${name}: engines find it by its dotted name.`
    : `${name} and the column ${other} differ in case alone. Choose another name.`
}

/** The problem of the column itself: nested columns have problems of their own. */
function typeProblem(field: NestedField, formatVersion: number): string | null {
  const { type } = field
  if (typeof type !== 'string')
    return type.type === 'struct' && type.fields.length === 0 ? `The struct ${field.name} needs a column.` : null
  if (parsePrimitive(type).kind === 'unrecognized') return `${type} is not a type of Iceberg.`
  return problemOf(() =>
    requireFormatSupportsSchema({ schemaId: 0, identifierFieldIds: [], fields: [field] }, formatVersion),
  )
}

function defaultProblem(
  { name, type, initialDefault, writeDefault }: NestedField,
  formatVersion: number,
): string | null {
  if (initialDefault === undefined && writeDefault === undefined) return null
  if (formatVersion < 3) return `${name} has a default, which needs format version 3.`
  return canHaveDefault(type) ? null : `${name} cannot have a default: its type has none but null.`
}

function partitionProblems({ schema, partitionFields }: NewTableDraft): NewTableProblem[] {
  return partitionFields.flatMap((field, index): NewTableProblem[] => {
    const earlier = partitionFields.slice(0, index)
    // The reference implementation refuses a second time field of a column, and the same transform twice.
    const twin = earlier.find((one) => isRedundantTerm(one, field))
    const message =
      problemOf(() => requireName(field.name, 'partition field')) ??
      problemOf(() => requireValues(field.transform, 'partition')) ??
      problemOf(() => requireValidSpec({ specId: 0, fields: [{ ...field, fieldId: 0 }] }, schema)) ??
      (earlier.some(({ name }) => name === field.name) ? `Two partition fields are named ${field.name}.` : null) ??
      (twin ? `${twin.name} already divides the rows by this column.` : null) ??
      problemOf(() => requireDistinctFieldName(earlier, schema, field))
    return message === null ? [] : [{ part: { kind: 'partition-field', index }, message }]
  })
}

function problemOf(check: () => void): string | null {
  try {
    check()
    return null
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return error.message.endsWith('.') ? error.message : `${error.message}.`
  }
}
