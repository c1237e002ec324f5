import Link from 'next/link'
import { Fragment } from 'react'
import { ExactTime } from '@/components/ui/values/exact-time'
import { Mono } from '@/components/ui/values/mono'
import { MAX_LISTED_CORRECTIONS } from '@/lib/contract/shapes/plain-values'
import type { PastLoad } from '@/lib/client/jobs/past-load'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { sum } from '@/lib/sum'
import { paths } from '@/lib/paths/paths'

/** The corrections of a load, and how many of its rejected rows were saved to be corrected. */
type CorrectionsProps = { past: Pick<PastLoad, 'corrections' | 'recordsSaved'> }

/** The corrections whose rows are in the table, or may still be loaded. */
export function listStanding({ corrections }: Pick<PastLoad, 'corrections'>): PastLoad['corrections'] {
  return corrections.filter(({ isUndone }) => !isUndone)
}

/** How many rejected rows no correction has loaded, as far as their number says: a correction may have other rows. */
export function countUncorrected(past: CorrectionsProps['past']): number {
  return Math.max(0, past.recordsSaved - sum(listStanding(past).map(({ rowsCommitted }) => rowsCommitted ?? 0)))
}

/** The loads that correct the rejected rows of a load, each with a link, as one sentence for each. */
export function Corrections({ loadId, past }: CorrectionsProps & { loadId: string }) {
  const { corrections, recordsSaved } = past
  const leftCount = countUncorrected(past)
  const isSettled = corrections.every(({ state }) => state === 'succeeded')
  const corrected = leftCount === 0 ? 'The rejected rows' : `Of ${formatQuantity(recordsSaved, 'rejected row')}, some`
  return (
    <>
      {corrections.toReversed().map(({ runId, correctsRunId, state, rowsCommitted, isUndone, finishedAtMs }) => (
        <Fragment key={runId}>
          {isUndone ? (
            <>
              Run <RunLink runId={runId} /> committed {formatQuantity(rowsCommitted ?? 0, 'corrected row')}
              <At atMs={finishedAtMs} />, but the table no longer has {rowsCommitted === 1 ? 'it' : 'them'}: the
              snapshot was rolled back or replaced.{' '}
            </>
          ) : state === 'succeeded' ? (
            <>
              {correctsRunId === loadId ? (
                <>
                  {corrected} were corrected: run <RunLink runId={runId} /> committed{' '}
                  {formatQuantity(rowsCommitted ?? 0, 'row')}
                </>
              ) : (
                <>
                  Run <RunLink runId={runId} /> committed {formatQuantity(rowsCommitted ?? 0, 'row')} that run{' '}
                  <RunLink runId={correctsRunId} /> had rejected again
                </>
              )}
              <At atMs={finishedAtMs} />.{' '}
            </>
          ) : (
            <>
              Run <RunLink runId={runId} /> {state === 'running' ? 'is loading' : 'waits to load'} corrected rows.{' '}
            </>
          )}
        </Fragment>
      ))}
      {isSettled && leftCount > 0 && (
        <b>
          {corrections.some(({ isUndone }) => isUndone)
            ? formatQuantity(leftCount, 'rejected row')
            : formatCount(leftCount)}{' '}
          {leftCount === 1 ? 'is' : 'are'} still missing.
        </b>
      )}
      {corrections.length === MAX_LISTED_CORRECTIONS && 'Older corrections are not listed.'}
    </>
  )
}

/**
 * Warns before the rejected rows of a load are corrected a second time.
 *
 * @param addsRows whether the rows would be in the table twice; otherwise they replace others
 */
export function CorrectedAlready({ past, addsRows }: CorrectionsProps & { addsRows: boolean }) {
  const { recordsSaved } = past
  const standing = listStanding(past)
  const [newest] = standing
  if (newest === undefined) return null
  const { runId, state, finishedAtMs } = standing.find((one) => one.state === 'succeeded') ?? newest
  const leftCount = countUncorrected(past)
  if (state === 'succeeded' && leftCount > 0)
    return (
      <>
        {formatCount(recordsSaved - leftCount)} of these {formatQuantity(recordsSaved, 'row')} were already corrected
        and loaded, last by run <RunLink runId={runId} />
        <At atMs={finishedAtMs} />
        {addsRows ? ': leave them out, or they are added a second time.' : '.'}
      </>
    )
  return (
    <>
      {state === 'succeeded' ? (
        <>
          These rows were already corrected and loaded by run <RunLink runId={runId} />
          <At atMs={finishedAtMs} />
        </>
      ) : (
        <>
          Run <RunLink runId={runId} /> is already loading these rows
        </>
      )}
      {addsRows ? ': loading them again adds them a second time.' : '.'}
    </>
  )
}

function RunLink({ runId }: { runId: string }) {
  return (
    <Link href={paths.loadRun(runId)}>
      <Mono>{runId}</Mono>
    </Link>
  )
}

function At({ atMs }: { atMs: number | null }) {
  return (
    atMs !== null && (
      <>
        {' '}
        on <ExactTime atMs={atMs} />
      </>
    )
  )
}
