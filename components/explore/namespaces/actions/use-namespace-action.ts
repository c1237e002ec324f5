import { parseAsStringLiteral, useQueryState } from 'nuqs'

export const NAMESPACE_ACTIONS = ['new', 'about', 'properties', 'policy', 'dropped', 'drop'] as const
export type NamespaceAction = (typeof NAMESPACE_ACTIONS)[number]

/** The action whose panel is open. It is in the address, so that Back closes it. */
export function useNamespaceAction() {
  return useQueryState('action', parseAsStringLiteral(NAMESPACE_ACTIONS).withOptions({ history: 'push' }))
}
