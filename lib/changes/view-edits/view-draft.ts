import { AppError } from '@/lib/errors'
import { findColumnProblems, type NewTablePart } from '../new-table/new-table-problems'
import { renumberFields } from '../../iceberg/schema/renumber-type'
import { highestFieldId } from '../../iceberg/schema/schema'
import { childFields } from '../../iceberg/schema/child-fields'
import type { NestedField, Schema } from '../../iceberg/schema/types'
import { viewPropertyProblem } from '../../iceberg/view/view-properties'

/** A version of a view as people write it: SQL in one or more dialects, and where its names are looked up. */
export type ViewVersionDraft = {
  representations: readonly SqlDraft[]
  defaultCatalog: string | null
  defaultNamespace: readonly string[]
  schema: Schema
}

export type SqlDraft = { dialect: string; sql: string }

/** The part of a draft that a problem belongs to. `index` is that of a representation. */
export type ViewPart =
  | NewTablePart
  | { kind: 'representations' }
  | { kind: 'dialect'; index: number }
  | { kind: 'sql'; index: number }

export type ViewProblem = { part: ViewPart; message: string }

/** The most characters of a query here. Catalogs and engines accept more, and views that they wrote stay readable. */
export const MAX_SQL_CHARS = 400_000
export const MAX_DIALECTS = 12
export const MAX_VIEW_COLUMNS = 2_000
const DIALECT = /^[a-z][a-z0-9_.-]{0,39}$/i
/** A view may have columns of any table, so of the newest format. */
const LATEST_TABLE_FORMAT = 3

/**
 * Why a version cannot be like this, apart from its SQL.
 *
 * @param retainedDialects the unchanged dialects that the version has in addition
 */
export function findDraftProblems(
  { representations, schema }: Pick<ViewVersionDraft, 'representations' | 'schema'>,
  retainedDialects: readonly string[] = [],
): ViewProblem[] {
  const count = representations.length + retainedDialects.length
  return [
    ...(count === 0 ? [problem({ kind: 'representations' }, 'A view needs SQL in at least one dialect.')] : []),
    ...(count > MAX_DIALECTS
      ? [problem({ kind: 'representations' }, `A version has SQL in at most ${MAX_DIALECTS} dialects here.`)]
      : []),
    ...representations.flatMap(({ dialect, sql }, index) => {
      const others = [...retainedDialects, ...representations.slice(0, index).map((one) => one.dialect)]
      const message = dialectProblem(dialect, others)
      return [
        ...(message === null ? [] : [problem({ kind: 'dialect', index }, message)]),
        ...(sql.length > MAX_SQL_CHARS
          ? [problem({ kind: 'sql', index }, `The SQL has more than ${MAX_SQL_CHARS.toLocaleString('en')} characters.`)]
          : []),
      ]
    }),
    ...findSchemaProblems(schema),
  ]
}

/** Why a view cannot have these properties. */
export function findPropertyProblems(properties: Readonly<Record<string, string>>): ViewProblem[] {
  return Object.entries(properties).flatMap(([key, value]) => {
    const message = viewPropertyProblem(key, value)
    return message === null ? [] : [problem({ kind: 'property', key }, message)]
  })
}

/** @throws {AppError} invalid-request with the first problem */
export function requireNoViewProblems(problems: readonly ViewProblem[]): void {
  const [first] = problems
  if (first) throw new AppError('invalid-request', first.message)
}

/**
 * The columns with the ids that they had before: one of the same name and type keeps its id, and others get ids that no
 * column of that version has.
 */
export function keepFieldIds(schema: Schema, before: Schema | null): Schema {
  let lastId = before === null ? 0 : highestFieldId(before)
  const known = new Map((before?.fields ?? []).map((field) => [field.name, field]))
  const fields = schema.fields.map((field) => {
    const earlier = known.get(field.name)
    if (earlier && isSameField(earlier, field)) return withIdsOf(field, earlier)
    const [fresh = field] = renumberFields([field], () => (lastId += 1))
    return fresh
  })
  return { schemaId: 0, identifierFieldIds: [], fields }
}

function findSchemaProblems(schema: Schema): ViewProblem[] {
  const { fields } = schema
  const columns: ViewPart = { kind: 'columns' }
  if (fields.length === 0) return [problem(columns, 'A view needs at least one column.')]
  if (fields.length > MAX_VIEW_COLUMNS)
    return [problem(columns, `A view has at most ${MAX_VIEW_COLUMNS.toLocaleString('en')} columns here.`)]
  return findColumnProblems({ schema, formatVersion: LATEST_TABLE_FORMAT })
}

function dialectProblem(dialect: string, others: readonly string[]): string | null {
  if (dialect === '') return 'Name the dialect.'
  if (!DIALECT.test(dialect))
    return 'A dialect begins with a letter and has at most 40 letters, digits, dots, hyphens and underscores.'
  return others.some((other) => other.toLowerCase() === dialect.toLowerCase())
    ? `There is already SQL in the dialect ${dialect.toLowerCase()}.`
    : null
}

function problem(part: ViewPart, message: string): ViewProblem {
  return { part, message }
}

function isSameField(one: NestedField, other: NestedField): boolean {
  const shape = ({ name, required, type }: NestedField): unknown =>
    typeof type === 'string' ? [name, required, type] : [name, required, type.type, childFields(type).map(shape)]
  return JSON.stringify(shape(one)) === JSON.stringify(shape(other))
}

function withIdsOf({ doc }: NestedField, earlier: NestedField): NestedField {
  const { doc: _, ...rest } = earlier
  return { ...rest, ...(doc !== undefined && { doc }) }
}
