'use client'
import { type ReactNode, useEffect, useState } from 'react'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { toFailure } from '@/lib/client/failure'
import { openStoredRun } from '@/lib/client/stored-results'
import { restoreInTab } from '@/lib/client/query/tab-runs'
import type { AppError } from '@/lib/errors'
import { formatNearbyTime } from '@/lib/format/time'
import classes from './result-pane.module.css'

type State =
  | { kind: 'opening' }
  | { kind: 'none' }
  | { kind: 'removed'; storedAtMs: number; source: string }
  | { kind: 'failed'; error: AppError }

type StoredResultProps = { userId: string; tabId: string; children: ReactNode }

/**
 * Shows the stored result of a tab once the server has said that the user may still read what it was made from.
 *
 * @param props.children instead of a result when there is none
 */
export function StoredResult(props: StoredResultProps) {
  const [attempt, setAttempt] = useState(0)
  return <OpenedResult key={attempt} {...props} onRetry={() => setAttempt(attempt + 1)} />
}

function OpenedResult({ userId, tabId, children, onRetry }: StoredResultProps & { onRetry: () => void }) {
  const [state, setState] = useState<State>({ kind: 'opening' })
  const timeZone = useTimeZone()
  const nowMs = useNow()
  useEffect(() => {
    let isCurrent = true
    openStoredRun(userId, tabId).then(
      (opened) => {
        if (!isCurrent) return
        if (opened.kind === 'found') restoreInTab(tabId, opened.runs)
        else setState(opened)
      },
      (error: unknown) => {
        if (isCurrent) setState({ kind: 'failed', error: toFailure(error) })
      },
    )
    return () => {
      isCurrent = false
    }
  }, [userId, tabId])
  switch (state.kind) {
    case 'opening':
      return (
        <p role="status" className={classes.cancelled}>
          Opening the last result…
        </p>
      )
    case 'none':
      return children
    case 'removed':
      return (
        <p role="status" className={classes.cancelled}>
          The result of {formatNearbyTime(state.storedAtMs, nowMs, timeZone)} was deleted from this browser, because you
          can no longer read {state.source} as it was then. Run the query again.
        </p>
      )
    case 'failed':
      return (
        <div className={classes.problem}>
          <ProblemNote
            error={state.error}
            subject="The last result"
            next="It is shown once the server has confirmed that you may read its tables."
            onRetry={onRetry}
          />
        </div>
      )
  }
}
