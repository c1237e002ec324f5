import { visibleText } from '@/lib/format/visible-text'
import type { NestedField } from '@/lib/iceberg/schema/types'

/** DuckDB's messages for a name that is not in a table; the name may contain quotes. */
const UNQUALIFIED = /^Binder error: Referenced column "(.+)" not found in FROM clause/
const QUALIFIED = /^Binder error: Table "(.+)" does not have a column named "(.+)"/

/** A column that a statement names, and the name or alias of the table in front of it. */
export type MissingColumn = { name: string; table: string | null }

/** The column that the tables of a failed statement do not have; null for any other failure. */
export function findMissingColumn(message: string): MissingColumn | null {
  const name = UNQUALIFIED.exec(message)?.[1]
  if (name !== undefined) return { name, table: null }
  const [, table, column] = QUALIFIED.exec(message) ?? []
  return table === undefined || column === undefined ? null : { name: column, table }
}

type Schema = readonly NestedField[]

/**
 * Explains why a schema does not have a column that another schema of the table has; null if it has the column, or if
 * no schema does.
 *
 * @param schemas of the table: the current one first, then the newest first
 * @returns a sentence, and the name that the column has in the schema; null if the schema does not have it
 */
export function explainMissingColumn(
  name: string,
  read: Schema,
  schemas: readonly Schema[],
): { sentence: string; readName: string | null } | null {
  const isNamed = (field: NestedField) => field.name.toLowerCase() === name.toLowerCase()
  const named = schemas.flat().find(isNamed)
  if (named === undefined || read.some(isNamed)) return null
  const [current = []] = schemas
  const nameIn = (schema: Schema) => schema.find(({ id }) => id === named.id)?.name
  const column = `column “${visibleText(named.name)}”`
  const [readName, currentName] = [nameIn(read), nameIn(current)]
  if (readName === undefined)
    return {
      sentence:
        currentName === undefined ? `The ${column} was removed.` : `At this snapshot the table has no ${column}.`,
      readName: null,
    }
  const called = `called “${visibleText(readName)}”`
  return {
    sentence:
      readName === currentName ? `The ${column} is now ${called}.` : `At this snapshot the ${column} is ${called}.`,
    readName,
  }
}
