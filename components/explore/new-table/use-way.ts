import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'

const WAYS = ['declare', 'paste', 'file', 'like', 'register'] as const

/** The way in, and the table that the new one begins as, in the address. */
export function useWay() {
  return useQueryStates({ way: parseAsStringLiteral(WAYS).withDefault('declare'), like: parseAsString.withDefault('') })
}
