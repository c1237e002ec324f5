import { type Namespace, namespaceLabel } from './iceberg/identifiers'

export type HeldAct = {
  /** The subject of a sentence: *A rename*. */
  what: string
  by: 'console' | 'engines'
}

/** What a user changes in a view. Views have no proposals. */
export const VIEW_CHANGE_BY_USER: HeldAct = { what: 'A change of a view', by: 'console' }

/** Why nobody may do this alone, in sentences. */
export function heldReason(policy: Namespace, { what, by }: HeldAct): string {
  const label = namespaceLabel(policy)
  const rule = `Changes of tables in ${label} need two people${by === 'engines' ? ', also those of engines' : ''}.`
  return `${rule} ${what} cannot be proposed. An admin can change the policy of ${label}.`
}
