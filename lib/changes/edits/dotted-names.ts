import { AppError } from '@/lib/errors'
import { parseTransform } from '../../iceberg/partitioning/transform'
import { indexFields } from '../../iceberg/schema/schema'
import type { Schema } from '../../iceberg/schema/types'
import { idsWithin } from './column-edits'
import type { TableDraft } from './table-draft'

/**
 * Requires that a column that was added or renamed, and the columns within it, have dotted names of their own. Engines
 * find columns by these: a column `p.name` and the column `name` of a struct `p` have one name for them, and Java and
 * PyIceberg no longer load a table with both. Partition fields have names among them, too. A name that differs from
 * another column's in case alone is free only in a table that has such names already.
 *
 * @param next the schema with the column
 * @throws {AppError} already-exists
 */
export function requireDottedNames(draft: TableDraft, next: Schema, fieldId: number): void {
  const within = idsWithin(next, fieldId)
  const columns = dottedNames(next)
  const mixesCases = hasOtherCases(dottedNames(draft.schema).map(({ name }) => name))
  for (const { id, name } of columns.filter((column) => within.has(column.id))) {
    const fields = draft.partitionFields.filter(({ sourceId, transform }) => {
      const { kind } = parseTransform(transform)
      return kind !== 'void' && !(kind === 'identity' && sourceId === id)
    })
    const fieldNames = fields.map((field) => field.name)
    const others = columns.filter((column) => column.id !== id).map((column) => column.name)
    requireFree(name, 'column', others, mixesCases)
    requireFree(name, 'partition field', fieldNames, false)
  }
}

function dottedNames(schema: Schema): { id: number; name: string }[] {
  return [...indexFields(schema)].map(([id, { path }]) => ({ id, name: path.join('.') }))
}

function hasOtherCases(names: readonly string[]): boolean {
  return new Set(names.map((name) => name.toLowerCase())).size < new Set(names).size
}

function requireFree(name: string, kind: string, others: readonly string[], mayDifferInCase: boolean): void {
  const other = others.find((one) => one === name) ?? others.find((one) => one.toLowerCase() === name.toLowerCase())
  if (other === undefined || (other !== name && mayDifferInCase)) return
  throw new AppError(
    'already-exists',
    other === name
      ? `There is already a ${kind} ${name}. Choose another name.`
      : `${name} and the ${kind} ${other} differ in case alone. Spark, Trino and SQL here compare names without case and cannot tell them apart. Choose another name.`,
    { facts: { column: name } },
  )
}
