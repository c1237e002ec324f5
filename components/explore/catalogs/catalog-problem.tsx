import Link from 'next/link'
import { RelativeTime } from '@/components/ui/values/relative-time'
import type { InlineProblem } from '@/lib/contract/shapes/inline-problem'
import { ERROR_CODES } from '@/lib/errors'
import { paths } from '@/lib/paths/paths'

/** Why a catalog could not be read, in one line. */
export function CatalogProblem({ problem: { code, detail, attemptStartedAtMs } }: { problem: InlineProblem }) {
  return (
    // One element, because a flex row with gaps would spread several apart.
    <span>
      {ERROR_CODES[code].title}. {detail}
      {code === 'credentials-required' && (
        <>
          {' '}
          <Link href={paths.account()} prefetch={false}>
            Open your account
          </Link>
        </>
      )}
      {attemptStartedAtMs !== undefined && (
        <>
          {' '}
          Last tried <RelativeTime atMs={attemptStartedAtMs} />.
        </>
      )}
    </span>
  )
}
