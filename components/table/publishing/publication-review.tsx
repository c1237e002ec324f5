import { IconChecks, IconGitBranch, IconShieldCheck } from '@tabler/icons-react'
import type { ActionReviewProps } from '@/components/changes/action/action-review'
import { ImpactIds } from '@/components/table/impact/impact-review'
import impactClasses from '@/components/table/impact/impact-review.module.css'
import { ImpactTable } from '@/components/table/impact/impact-table'
import { EmptyState } from '@/components/ui/notes/empty-state'
import type { Publication } from '@/lib/contract/table/publications'
import type { RefMoveImpact } from '@/lib/contract/table/refs'
import { formatQuantity } from '@/lib/format/count'
import { CheckLine } from './check-state'
import type { PublicationReviewState } from './use-publication-review'
import { RecentClients } from '@/components/changes/action/recent-clients'
import { useShownTable } from '@/components/table/frame/shown-table'

/** The parts of the review of a publication: its effect, or why it is unknown, and the exact commit. */
export function publicationParts(snapshotId: string, review: PublicationReviewState): ActionReviewProps {
  const { query, publication, impact, isMissing } = review
  return {
    query,
    skeleton: [6, 4, 'Comparing the two snapshots'],
    request: impact?.request,
    children: isMissing ? (
      <EmptyState>
        Nothing is to be published at snapshot {snapshotId}: it is already on main, or it is gone.
      </EmptyState>
    ) : (
      publication && impact && <PublicationEffect publication={publication} impact={impact} />
    ),
  }
}

/** The effect of fast-forwarding `main` to audited commits, and the results of the checks. */
function PublicationEffect({ publication, impact }: { publication: Publication; impact: RefMoveImpact }) {
  const { branch, checks } = publication
  const { table } = useShownTable()
  return (
    <>
      <ImpactIds impact={impact} />
      <ImpactTable impact={impact} gained="Added" />
      <ul className={impactClasses.sentences}>
        <li>
          <IconGitBranch size={16} stroke={1.6} aria-hidden />
          <span>
            <strong>main</strong> moves forward {formatQuantity(impact.addedSnapshotCount, 'snapshot')}.
            {branch !== null && ` ${branch} stays where it is.`}
          </span>
        </li>
        <li>
          <IconChecks size={16} stroke={1.6} aria-hidden />
          <span>{checksSentence(checks)}</span>
        </li>
        <RecentClients table={table} />
        <li>
          <IconShieldCheck size={16} stroke={1.6} aria-hidden />
          <span>
            Will be rejected if <strong>main</strong>
            {branch !== null && (
              <>
                {' '}
                or <strong>{branch}</strong>
              </>
            )}{' '}
            has moved, or a check is added or changed. You can undo it under History.
          </span>
        </li>
      </ul>
      {checks.map((check) => (
        <CheckLine key={check.name} check={check} />
      ))}
    </>
  )
}

function checksSentence(checks: readonly { state: string }[]): string {
  if (checks.length === 0) return 'No checks yet: main would be fast-forwarded unchecked.'
  const missing = checks.filter(({ state }) => state !== 'passed').length
  return missing === 0
    ? `${formatQuantity(checks.length, 'check')} passed on exactly this snapshot. The entry in History names ${checks.length === 1 ? 'it' : 'them'}.`
    : `${missing} of ${formatQuantity(checks.length, 'check')} did not pass on exactly this snapshot.`
}
