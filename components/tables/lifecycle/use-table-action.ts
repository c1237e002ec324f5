import { parseAsStringLiteral, useQueryState } from 'nuqs'

export const TABLE_ACTIONS = ['about', 'rename', 'drop'] as const
export type TableAction = (typeof TABLE_ACTIONS)[number]

/** The action whose panel is open. It is in the address, so that Back closes it. */
export function useTableAction() {
  return useQueryState('action', parseAsStringLiteral(TABLE_ACTIONS).withOptions({ history: 'push' }))
}
