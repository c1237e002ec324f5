import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'

export const WAYS = ['declare', 'paste', 'file', 'like', 'register'] as const
export type Way = (typeof WAYS)[number]

/** The way in, and the table that the new one begins as, in the address. */
export function useWay() {
  return useQueryStates({ way: parseAsStringLiteral(WAYS).withDefault('declare'), like: parseAsString.withDefault('') })
}
