import 'server-only'
import { AppError } from '@/lib/errors'
import type { Schema } from '@/lib/iceberg/schema/types'
import { hasWriteDefault } from '../cast/write-default'

/**
 * Finds the table's columns among the input's, by their exact names.
 *
 * @param names the input's columns, in its order
 * @returns for each column of the schema its index in the input; null when the input does not have it
 * @throws {AppError} invalid-request naming every column that is duplicate, unknown, or required and absent without a
 *   write default
 */
export function matchColumns(schema: Schema, names: readonly string[], ignoreExtra: boolean): (number | null)[] {
  const duplicates = names.filter((name, i) => names.indexOf(name) !== i)
  if (duplicates.length > 0) throw columnsError('The input names columns twice', duplicates)
  const known = new Set(schema.fields.map((field) => field.name))
  const extra = ignoreExtra ? [] : names.filter((name) => !known.has(name))
  if (extra.length > 0) {
    throw columnsError('The input has columns the table does not have (--ignore-extra skips them)', extra)
  }
  const absent = schema.fields.filter(
    (field) => field.required && !hasWriteDefault(field) && !names.includes(field.name),
  )
  if (absent.length > 0) {
    throw columnsError(
      'The input lacks columns the table requires',
      absent.map((field) => field.name),
    )
  }
  return schema.fields.map((field) => {
    const index = names.indexOf(field.name)
    return index < 0 ? null : index
  })
}

const SHOWN_NAMES = 20

function columnsError(what: string, names: readonly string[]): AppError {
  const more = names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : ''
  const shown = [...new Set(names.slice(0, SHOWN_NAMES))].map((name) => JSON.stringify(name)).join(', ')
  return new AppError('invalid-request', `${what}: ${shown}${more}.`, { facts: { columns: shown } })
}
