'use client'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ActionWords } from '@/components/proposals/action-words'
import type { ProposalReview } from '@/components/proposals/proposal-decision'
import { EntryProposalFrame } from '@/components/proposals/proposal-frame'
import type { Decision } from '@/components/proposals/use-proposal-decision'
import { useHasPermission } from '@/lib/client/session/permissions'
import { viewQuery } from '@/lib/client/views'
import type { ViewProposal } from '@/lib/contract/lifecycle/view-proposals'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'

type ViewProposalFrameProps = {
  view: ViewIdentifier
  proposal: ViewProposal
  decision: Decision
  /** Null while it is being prepared. */
  review: ProposalReview | null
  /** What it would do. */
  children: ReactNode
}

/** What the catalog has to be able to do, and what its user needs. */
const NEEDS = {
  'change-view': { ability: 'commit-view', permission: 'table:write' },
  'rename-view': { ability: 'rename-view', permission: 'table:maintain' },
  'drop-view': { ability: 'drop-view', permission: 'table:maintain' },
} as const

/** The frame of a proposal of a view. */
export function ViewProposalFrame({ view, proposal, children, ...frame }: ViewProposalFrameProps) {
  const { ability, permission } = NEEDS[proposal.action.kind]
  const table = asTableIdentifier(view)
  const canMaintain = useHasPermission('table:maintain', table) === true
  const canReadAudit = useHasPermission('audit:read') === true
  const { auditId } = proposal
  const { data: detail } = useQuery(viewQuery(view))
  const isAble = detail === undefined || detail.abilities.includes(ability)
  return (
    <EntryProposalFrame
      {...frame}
      proposal={proposal}
      entry={{
        kind: 'view',
        table,
        permission,
        readOnlyReason: isAble ? null : 'Read only: the catalog does not let Lakeshore change this view.',
        canMaintain,
      }}
      // A view has no page of its history, and only admins see the audit.
      commit={
        auditId !== null && canReadAudit ? { href: paths.auditEntry(auditId), label: 'entry in the audit' } : null
      }
    >
      <ActionWords action={proposal.action} />
      {children}
    </EntryProposalFrame>
  )
}
