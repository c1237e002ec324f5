import { parseAsStringLiteral, useQueryState } from 'nuqs'

export const VIEW_ACTIONS = ['about', 'properties', 'roll-back', 'rename', 'drop'] as const
export type ViewAction = (typeof VIEW_ACTIONS)[number]

/** The action whose panel is open. It is in the address, so that Back closes it. */
export function useViewAction() {
  return useQueryState('action', parseAsStringLiteral(VIEW_ACTIONS).withOptions({ history: 'push' }))
}
