import { AppError } from '@/lib/errors'
import { normalizeTransform, parseTransform } from '../../iceberg/partitioning/transform'
import { indexFields } from '../../iceberg/schema/schema'
import type { Schema } from '../../iceberg/schema/types'

/**
 * Rules of the console for partition fields and sort fields that a user adds, in a table and in a draft of a new one.
 * The specification and its reference implementation allow more, so tables of other writers may break them: existing
 * fields stay, and only new ones are refused.
 */

type Term = { sourceId: number; transform: string }
type NamedTerm = Term & { name: string }

/** Whether two fields have the same values: `BUCKET[016]` is `bucket[16]`. */
export function isSameTerm(a: Term, b: Term): boolean {
  return a.sourceId === b.sourceId && normalizeTransform(a.transform) === normalizeTransform(b.transform)
}

/** Whether one of two fields of a spec is needless: they have the same values, or are times of one column. */
export function isRedundantTerm(a: Term, b: Term): boolean {
  return isSameTerm(a, b) || (a.sourceId === b.sourceId && isTimeTransform(a.transform) && isTimeTransform(b.transform))
}

export function isTimeTransform(transform: string): boolean {
  return ['year', 'month', 'day', 'hour'].includes(parseTransform(transform).kind)
}

/** @throws {AppError} invalid-request for `void`, which has no values, and for a transform that is not known */
export function requireValues(transform: string, purpose: 'partition' | 'sort'): void {
  const { kind } = parseTransform(transform)
  if (kind !== 'unknown' && kind !== 'void') return
  throw new AppError('invalid-request', `${transform} is not a transform to ${purpose} by.`, { facts: { transform } })
}

/**
 * A repeated field does not affect the order: rows that it compares are equal already, in either direction.
 *
 * @param earlier the fields that sort first
 * @throws {AppError} invalid-request
 */
export function requireNewSortField(earlier: readonly Term[], field: Term): void {
  requireValues(field.transform, 'sort')
  if (!earlier.some((one) => isSameTerm(one, field))) return
  throw new AppError('invalid-request', 'The table is already sorted by this.', { facts: { ...field } })
}

/**
 * Engines that compare names without case cannot tell fields apart whose names differ in case alone, and folders of
 * partitions would fall together on some file systems. The name of a column at any depth is taken, too, unless the
 * field has the values of that column.
 *
 * @throws {AppError} already-exists
 */
export function requireDistinctFieldName(others: readonly NamedTerm[], schema: Schema, field: NamedTerm): void {
  const folded = field.name.toLowerCase()
  const twin = others.find(({ name, transform }) => !isVoid(transform) && isOtherCase(name, field.name))
  if (twin) throw caseError(field.name, twin.name)
  const isIdentity = parseTransform(field.transform).kind === 'identity'
  for (const { field: column, path } of indexFields(schema).values()) {
    const name = path.join('.')
    if (name.toLowerCase() !== folded || (isIdentity && column.id === field.sourceId)) continue
    if (name !== field.name) throw caseError(field.name, `the column ${name}`)
    throw new AppError('invalid-request', `The partition field ${field.name} has the same name as a column`, {
      facts: { partitionField: field.name },
    })
  }
}

function isOtherCase(a: string, b: string): boolean {
  return a !== b && a.toLowerCase() === b.toLowerCase()
}

function isVoid(transform: string): boolean {
  return parseTransform(transform).kind === 'void'
}

function caseError(name: string, other: string): AppError {
  return new AppError(
    'already-exists',
    `${name} and ${other} differ in case alone. Spark, Trino and SQL here compare names without case and cannot tell them apart. Choose another name.`,
    { facts: { partitionField: name } },
  )
}
