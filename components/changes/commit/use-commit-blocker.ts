'use client'
import { useQuery } from '@tanstack/react-query'
import { changePolicyQuery } from '@/lib/client/table/proposals'
import { useHasPermission } from '@/lib/client/session/permissions'
import type { Permission } from '@/lib/permissions'
import { type EntryIdentifier, entryKind, namespaceLabel, toResource } from '@/lib/names/identifiers'

/**
 * Why the user cannot commit changes of the entry, in one sentence; null: they can, as far as is known. The server
 * checks it again, and then `lookAgain` reads the policy that it found.
 *
 * @param options.proposal the one that would be committed
 * @param options.permission that the commit needs
 */
export function useCommitBlocker(
  entry: EntryIdentifier,
  { proposal, permission = 'table:write' }: { proposal?: { isOwn: boolean }; permission?: Permission } = {},
): { reason: string | null; isKnown: boolean; lookAgain: () => unknown } {
  const { catalog, namespace } = entry
  const canCommit = useHasPermission(permission, toResource(entry))
  const kind = entryKind(entry)
  // The review of a namespace says which policies hold what is in it, at any depth.
  const hasPolicy = kind !== 'namespace'
  const policy = useQuery({ ...changePolicyQuery(catalog, namespace), enabled: hasPolicy })
  const lookAgain = policy.refetch
  if (canCommit === false) {
    const need = 'You need the editor role to commit'
    return {
      reason: proposal ? `${need} a proposal.` : `${need}. Another user can commit what you propose.`,
      isKnown: true,
      lookAgain,
    }
  }
  const { requiredBy = null } = policy.data ?? {}
  const isKnown = canCommit === true && (!hasPolicy || !policy.isPending)
  if (!hasPolicy || requiredBy === null || proposal?.isOwn === false) return { reason: null, isKnown, lookAgain }
  const rule = `Changes of ${kind}s in ${namespaceLabel(requiredBy)} need two people`
  return {
    reason:
      proposal === undefined
        ? `${rule}: propose them, and another user commits them.`
        : `${rule}: another user has to commit your proposal.`,
    isKnown,
    lookAgain,
  }
}
