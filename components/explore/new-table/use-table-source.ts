import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'

/** How a new table can begin; see `source-cells`. */
export const TABLE_SOURCES = ['declare', 'paste', 'file', 'like', 'register'] as const

/** The way in, and the table that the new one begins as, in the address. */
export function useTableSource() {
  return useQueryStates({
    source: parseAsStringLiteral(TABLE_SOURCES).withDefault('declare'),
    like: parseAsString.withDefault(''),
  })
}
