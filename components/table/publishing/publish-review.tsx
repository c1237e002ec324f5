import { IconChecks, IconGitBranch, IconShieldCheck } from '@tabler/icons-react'
import { CommitRequest } from '@/components/changes/commit-request'
import { ImpactIds } from '@/components/table/impact/impact-review'
import impactClasses from '@/components/table/impact/impact-review.module.css'
import { ImpactTable } from '@/components/table/impact/impact-table'
import type { Publication } from '@/lib/contract/table/publications'
import type { RefMoveImpact } from '@/lib/contract/table/refs'
import { formatQuantity } from '@/lib/format/count'
import { CheckLine } from './check-state'
import { RecentReaders } from '@/components/table/impact/recent-readers'

/** The effect of fast-forwarding `main` to audited commits, the results of the checks, and the exact commit. */
export function PublishReview({ publication, impact }: { publication: Publication; impact: RefMoveImpact }) {
  const { branch, checks } = publication
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
        <RecentReaders />
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
      <CommitRequest {...impact.request} />
    </>
  )
}

function checksSentence(checks: readonly { state: string }[]): string {
  if (checks.length === 0) return 'The table has no saved checks, so nothing was audited.'
  const missing = checks.filter(({ state }) => state !== 'passed').length
  return missing === 0
    ? `${formatQuantity(checks.length, 'check')} passed on exactly this snapshot. The entry in History names them.`
    : `${missing} of ${formatQuantity(checks.length, 'check')} did not pass on exactly this snapshot.`
}
