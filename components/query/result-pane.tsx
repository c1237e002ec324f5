'use client'
import { Button } from '@mantine/core'
import { useEffect, useSyncExternalStore } from 'react'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Key } from '@/components/ui/values/key'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import type { QueryCost, QueryRequest, QueryResult } from '@/lib/query/engine'
import { CONFIRM_BYTES } from '@/lib/query/engine'
import type { EngineName } from '@/lib/client/query/engine-names'
import type { QueryTab } from '@/lib/client/query/query-tabs'
import { findMissingColumn } from '@/lib/query/missing-column'
import type { QueryRunState } from '@/lib/client/query/query-run'
import { mightHaveStoredResults } from '@/lib/client/query/stored-result-marker'
import type { AppError } from '@/lib/errors'
import { joinSentences } from '@/lib/format/sentence'
import { formatPreciseTime } from '@/lib/format/precise-time'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import classes from './result-pane.module.css'
import type { ResultShowing } from './results'
import { MissingColumn } from './missing-column'
import { RunProgress } from './run-progress'

const LazyResults = lazyComponent(async () => (await loadResults()).Results, {
  loading: () => <section aria-label="Result" aria-busy className={classes.pane} />,
})

const LazyStoredResult = lazyComponent(async () => (await import('./stored-result')).StoredResult)

/** Below the editor: the result, the progress or the problem of a query. */
export function ResultPane({
  state,
  asOf,
  engine,
  showing,
  tab,
  onRetry,
  onRunOnServer,
  onRunAgain,
  onSave,
}: {
  state: QueryRunState
  /** The version that the query is set to read now; absent if it cannot have changed. */
  asOf?: QueryTab['asOf']
  /** Where the last run runs, or ran. */
  engine: EngineName
  /** How results are shown. */
  showing?: ResultShowing
  /** The tab whose stored result is shown while it has no other; absent: none. */
  tab?: { userId: string; id: string } | null
  onRetry: () => void
  /** Runs the query on the server instead; null where that is impossible. */
  onRunOnServer: (() => void) | null
  /** Reads the rows of a cached result again. */
  onRunAgain: () => void
  /** Saves the result as rows of a table; absent where that is impossible. */
  onSave?: ((request: QueryRequest, result: QueryResult) => void) | undefined
}) {
  useEffect(() => {
    // A failure is reported when the result is shown.
    if (state.status === 'running') void loadResults().catch(() => undefined)
  }, [state.status])
  const hasStored = useSyncExternalStore(
    () => () => undefined,
    () => mightHaveStoredResults(tab?.userId ?? null),
    () => false,
  )
  switch (state.status) {
    case 'idle': {
      const empty = (
        <EmptyState>
          {state.isDropped === true && 'The result of this tab made room for newer ones: run the query again. '}
          Write a query and run it
          <span className={classes.keys}>
            {' '}
            with <Key>Ctrl ↵</Key>
          </span>
          . A table or view is named <code>namespace.table</code>; add <code>FOR VERSION AS OF</code> or{' '}
          <code>FOR TIMESTAMP AS OF</code> to a table to query an older snapshot.
        </EmptyState>
      )
      return (
        <section aria-label="Result" className={classes.pane}>
          {tab && hasStored ? (
            <LazyStoredResult userId={tab.userId} tabId={tab.id}>
              {empty}
            </LazyStoredResult>
          ) : (
            empty
          )}
        </section>
      )
    }
    case 'waiting':
    case 'skipped':
      return (
        <section aria-label="Result" className={classes.pane}>
          <p role="status" className={classes.cancelled}>
            {state.status === 'waiting'
              ? 'This statement runs after those before it.'
              : 'Not run, because a statement before it did not finish.'}
          </p>
        </section>
      )
    case 'running':
      return (
        <section aria-label="Result" className={classes.pane}>
          {state.costPrompt === null ? (
            <RunProgress progress={state.progress} startedAtMs={state.startedAtMs} engine={engine} />
          ) : (
            <LoadConfirmation
              cost={state.costPrompt.cost}
              onAnswer={state.costPrompt.answer}
              onRunOnServer={onRunOnServer}
            />
          )}
        </section>
      )
    case 'failed':
      return (
        <section aria-label="Result" className={classes.pane}>
          {state.error.code === 'cancelled' ? (
            <p role="status" className={classes.cancelled}>
              {state.unconfirmed
                ? `Not run: reading ${formatBytes(state.unconfirmed.readBytes)} was not confirmed.`
                : `Cancelled after ${formatDuration(state.elapsedMs)}.`}
            </p>
          ) : (
            <div className={classes.problem}>
              {state.position && (
                <p className={classes.position}>
                  Statement {state.position.number} of {state.position.count}, line {state.position.line}
                </p>
              )}
              <QueryFailure
                error={state.error}
                request={state.request}
                onRetry={onRetry}
                onRunOnServer={onRunOnServer}
              />
            </div>
          )}
        </section>
      )
    case 'done':
      return (
        <LazyResults
          result={state.result}
          storage={state.storage}
          asOf={asOf === undefined ? undefined : { read: state.request.asOf ?? null, set: asOf }}
          engine={engine}
          showing={showing}
          onRunAgain={onRunAgain}
          onSave={onSave && (() => onSave(state.request, state.result))}
        />
      )
  }
}

/** The grid and its code are loaded while the first query runs. */
function loadResults() {
  return import('./results')
}

/** Errors in the SQL have to be corrected in the editor. Other errors offer a retry. */
function QueryFailure({
  error,
  request,
  onRetry,
  onRunOnServer,
}: {
  error: AppError
  request: QueryRequest
  onRetry: () => void
  onRunOnServer: (() => void) | null
}) {
  const next = nextStep(error)
  // A result that is too large for the page stays so.
  if (error.code === 'too-large' && error.facts['maxBytes'] === undefined && onRunOnServer !== null)
    return (
      <ProblemNote
        error={error}
        next="The server has more memory. It runs the query in a process of its own."
        back={{ label: 'Run on the server', onBack: onRunOnServer }}
      />
    )
  const missing = error.code === 'query-failed' ? findMissingColumn(error.message) : null
  if (missing !== null) return <MissingColumn error={error} missing={missing} request={request} next={next} />
  if (error.code === 'query-failed' || next !== null)
    return <ProblemNote error={error} {...(next !== null && { next })} />
  return <ProblemNote error={error} onRetry={onRetry} />
}

/** Advice after a failure; null for the usual advice for its kind. */
function nextStep(error: AppError): string | null {
  const { hint, refName, snapshotId, earliestMs } = error.facts
  if (typeof hint === 'string') {
    const again = hint.endsWith('?') ? 'Correct it and run it again' : 'Then run the query again'
    return joinSentences(hint, error.code === 'query-failed' ? again : '')
  }
  if (error.code !== 'not-found') return null
  if (refName !== undefined) return 'The Snapshots tab of the table lists its branches and tags.'
  if (snapshotId !== undefined) return 'The Snapshots tab of the table lists the snapshots that it still has.'
  if (typeof earliestMs === 'number')
    return `Its record begins at ${formatPreciseTime(earliestMs, 'UTC')}. Name that time or a later one.`
  return null
}

function LoadConfirmation({
  cost,
  onAnswer,
  onRunOnServer,
}: {
  cost: QueryCost
  onAnswer: (isYes: boolean) => void
  onRunOnServer: (() => void) | null
}) {
  return (
    <div role="alertdialog" aria-label="Large query" className={classes.confirm}>
      <p>
        This query needs {formatQuantity(cost.columns, 'column')} in {formatQuantity(cost.files, 'file')}:{' '}
        {formatBytes(cost.readBytes)} to read and ≈ {formatBytes(cost.decodedBytes)} in this browser’s memory, estimated
        from file sizes. Lakeshore asks before it loads more than {formatBytes(CONFIRM_BYTES)}.
      </p>
      <div className="columns gap-8">
        <Button onClick={() => onAnswer(true)}>Load data</Button>
        {onRunOnServer !== null && (
          <Button variant="default" onClick={onRunOnServer}>
            Run on the server
          </Button>
        )}
        <Button variant="default" onClick={() => onAnswer(false)} autoFocus>
          Cancel
        </Button>
      </div>
    </div>
  )
}
