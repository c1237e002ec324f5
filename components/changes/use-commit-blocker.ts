'use client'
import { useQuery } from '@tanstack/react-query'
import { changePolicyQuery } from '@/lib/client/table/proposals'
import { useHasPermission } from '@/lib/client/session/permissions'
import type { Permission } from '@/lib/permissions'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'

/**
 * Why the user cannot commit changes of the table, in one sentence; null if they probably can. The server checks again,
 * and `lookAgain` then reads the policy that it found.
 *
 * @param table or a view as the table of its name
 * @param options.kind whether it is a table or a view
 * @param options.proposal the one that would be committed
 * @param options.permission that the commit needs
 */
export function useCommitBlocker(
  table: TableIdentifier,
  {
    proposal,
    permission = 'table:write',
    kind = 'table',
  }: { proposal?: { isOwn: boolean }; permission?: Permission; kind?: 'table' | 'view' } = {},
): { reason: string | null; isKnown: boolean; lookAgain: () => unknown } {
  const { catalog, namespace } = table
  const canCommit = useHasPermission(permission, table)
  const policy = useQuery(changePolicyQuery(catalog, namespace))
  const lookAgain = policy.refetch
  if (canCommit === false) {
    const need = 'You need the editor role to commit'
    return {
      reason: proposal ? `${need} a proposal.` : `${need}. Another user can commit what you propose.`,
      isKnown: true,
      lookAgain,
    }
  }
  const { demandedBy = null } = policy.data ?? {}
  const isKnown = canCommit === true && !policy.isPending
  if (demandedBy === null || proposal?.isOwn === false) return { reason: null, isKnown, lookAgain }
  const rule = `Changes of ${kind}s in ${namespaceLabel(demandedBy)} need two people`
  return {
    reason:
      proposal === undefined
        ? `${rule}: propose them, and another user commits them.`
        : `${rule}: another user has to commit your proposal.`,
    isKnown,
    lookAgain,
  }
}
