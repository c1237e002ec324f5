'use client'
import { changePolicyQuery } from '@/lib/client/table/proposals'
import { joinNamespace, namespaceLabel } from '@/lib/names/identifiers'
import { ProposalFrame } from '../frame/proposal-frame'
import type { ProposedActionProps } from '../frame/proposed-action-props'
import { useProposedReview } from '../frame/use-proposed-review'

/** A proposed weaker policy: the rule that holds now, and the one after. */
export function ProposedPolicy({ entry, proposal, action }: ProposedActionProps<'relax-change-policy'>) {
  const { catalog, namespace } = entry
  const { frame, data } = useProposedReview(entry, proposal, changePolicyQuery(catalog, namespace))
  const isOwn = (by: readonly string[] | null) => by !== null && joinNamespace(by) === joinNamespace(namespace)
  const fits = data && isOwn(action.requiresProposal ? data.enginesBlockedBy : data.requiredBy)
  return (
    <ProposalFrame
      {...frame}
      verdict={
        data && {
          fits: fits === true,
          commitProblem: proposal.isOwn ? 'Another user has to commit your proposal.' : null,
        }
      }
    >
      {data &&
        (fits ? (
          <p className="bare">
            Changes of tables and views in {namespaceLabel(namespace)} and the namespaces within it need two people now
            {isOwn(data.enginesBlockedBy) && ', and commits of engines are refused, except appends'}.{' '}
            {action.requiresProposal
              ? 'Afterwards, engines can commit alone again; users still need a second person.'
              : 'Afterwards, a user who may commit changes can do so alone.'}
          </p>
        ) : (
          <p className="bare">{namespaceLabel(namespace)} no longer has this rule, so there is nothing to change.</p>
        ))}
    </ProposalFrame>
  )
}
