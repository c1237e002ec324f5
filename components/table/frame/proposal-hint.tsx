'use client'
import { useQuery } from '@tanstack/react-query'
import { changePolicyQuery } from '@/lib/client/table/proposals'
import { namespaceLabel } from '@/lib/names/identifiers'
import { useShownTable } from './shown-table'
import type { useCanEdit } from './use-can-change'

const EFFECT = 'changes become a proposal for another user to commit.'

/** Says before the review that edits of the shown table become a proposal, and why; nothing if they are committed. */
export function ProposalHint({
  canEdit: { isOffered, proposeOnly },
  className,
}: {
  canEdit: ReturnType<typeof useCanEdit>
  className?: string | undefined
}) {
  const { catalog, namespace } = useShownTable().table
  const policy = useQuery({ ...changePolicyQuery(catalog, namespace), enabled: isOffered === true && !proposeOnly })
  const requiredBy = isOffered === true ? (policy.data?.requiredBy ?? null) : null
  if (!proposeOnly && requiredBy === null) return null
  return (
    <p className={`bare ${className ?? 'quiet'}`}>
      {proposeOnly || requiredBy === null
        ? `Your ${EFFECT}`
        : `Changes of tables in ${namespaceLabel(requiredBy)} need two people: your ${EFFECT}`}
    </p>
  )
}
