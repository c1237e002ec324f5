import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'

const SOURCES = ['declare', 'paste', 'file', 'like', 'register'] as const

/** The way in, and the table that the new one begins as, in the address. */
export function useTableSource() {
  return useQueryStates({
    source: parseAsStringLiteral(SOURCES).withDefault('declare'),
    like: parseAsString.withDefault(''),
  })
}
