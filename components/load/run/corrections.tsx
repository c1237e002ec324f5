import Link from 'next/link'
import { Fragment } from 'react'
import { ExactTime } from '@/components/ui/values/exact-time'
import { Mono } from '@/components/ui/values/mono'
import type { LoadCorrection } from '@/lib/contract/loads/loads'
import { MAX_LISTED_CORRECTIONS } from '@/lib/contract/shapes/plain-values'
import { formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'

type CorrectionsProps = { corrections: readonly LoadCorrection[] }

/** The loads that correct the rejected rows of a load, each with a link, as one sentence for each. */
export function Corrections({ corrections }: CorrectionsProps) {
  return (
    <>
      {corrections.map(({ runId, state, rowsCommitted, finishedAtMs }) => (
        <Fragment key={runId}>
          {state === 'succeeded' ? (
            <>
              The rejected rows were corrected: run <RunLink runId={runId} /> committed{' '}
              {formatQuantity(rowsCommitted ?? 0, 'row')}
              <At atMs={finishedAtMs} />.{' '}
            </>
          ) : (
            <>
              Run <RunLink runId={runId} /> {state === 'running' ? 'is loading' : 'waits to load'} corrected rows.{' '}
            </>
          )}
        </Fragment>
      ))}
      {corrections.length === MAX_LISTED_CORRECTIONS && 'Older corrections are not listed.'}
    </>
  )
}

/**
 * Warns before the rejected rows of a load are corrected a second time.
 *
 * @param addsRows whether the rows would be in the table twice; otherwise they replace others
 */
export function CorrectedAlready({ corrections, addsRows }: CorrectionsProps & { addsRows: boolean }) {
  const [newest] = corrections
  if (newest === undefined) return null
  const { runId, state, finishedAtMs } = corrections.find((one) => one.state === 'succeeded') ?? newest
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
