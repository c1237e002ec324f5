import type { LoadMapping } from '@/lib/ingest/load-mapping'
import { closestWord } from '@/lib/query/statement/closest-word'

/** Comparing every name with every other one takes too long for files with thousands of unknown fields. */
const MAX_SUGGESTIONS = 100

type Names = { fields: readonly string[]; columns: readonly string[] }

/**
 * Columns for fields of almost the same name, such as `order_id` for `Order ID`: only where one field and one column have
 * it, and neither has been chosen or ignored.
 *
 * @returns the columns by their fields
 */
export function guessColumns({ fields, columns }: Names, mapping: LoadMapping): ReadonlyMap<string, string> {
  const open = openNames({ fields, columns }, mapping)
  const alikeColumns = Map.groupBy(columns, toComparable)
  const alikeFields = Map.groupBy(open.fields, toComparable)
  const openColumns = new Set(open.columns)
  return new Map(
    open.fields.flatMap((field) => {
      const name = toComparable(field)
      const [column, ...others] = alikeColumns.get(name) ?? []
      const isOnly = others.length === 0 && alikeFields.get(name)?.length === 1
      return name !== '' && column !== undefined && isOnly && openColumns.has(column) ? [[field, column]] : []
    }),
  )
}

/** The mapping with the guesses as if they were chosen. */
export function withGuesses(mapping: LoadMapping, guesses: ReadonlyMap<string, string>): LoadMapping {
  if (guesses.size === 0) return mapping
  const guessed = Array.from(guesses, ([field, column]) => [column, { field }] as const)
  return { ...mapping, columns: { ...mapping.columns, ...Object.fromEntries(guessed) } }
}

/**
 * The open column whose name is most like that of each field without a column; a field may have none. Two fields may have
 * the same one: the user chooses.
 *
 * @param mapping with the guesses
 */
export function suggestColumns({ fields, columns }: Names, mapping: LoadMapping): ReadonlyMap<string, string> {
  const open = openNames({ fields, columns }, mapping)
  const byName = new Map(open.columns.map((column) => [toComparable(column), column]))
  byName.delete('')
  return new Map(
    open.fields.slice(0, MAX_SUGGESTIONS).flatMap((field) => {
      const column = byName.get(closestWord(toComparable(field), byName.keys()) ?? '')
      return column === undefined ? [] : [[field, column]]
    }),
  )
}

/** Columns without a source, and the fields that fill none and are not ignored. */
function openNames({ fields, columns }: Names, { columns: sources, ignoredFields }: LoadMapping): Names {
  const ignored = new Set(ignoredFields)
  const columnNames = new Set(columns)
  const mapped = new Set(Object.values(sources).flatMap((source) => ('field' in source ? [source.field] : [])))
  const byName = new Set(
    fields.filter((field) => columnNames.has(field) && !ignored.has(field) && !Object.hasOwn(sources, field)),
  )
  return {
    fields: fields.filter((field) => !byName.has(field) && !mapped.has(field) && !ignored.has(field)),
    columns: columns.filter((column) => !byName.has(column) && !Object.hasOwn(sources, column)),
  }
}

/** Equal for names that differ in case, accents' encoding and separators only. */
function toComparable(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s\p{P}]/gu, '')
}
