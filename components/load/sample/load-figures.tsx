import type { ReactNode } from 'react'
import { Count } from '@/components/ui/values/count'
import { RowCount } from '@/components/ui/values/row-count'
import { Unknown } from '@/components/ui/values/unknown'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import type { LoadOperation } from '@/lib/ingest/load-landing'
import type { RejectLimit } from '@/lib/ingest/reject-limit'
import type { LoadBranch } from '../landing/use-load-branch'
import { limitText } from './limit-text'
import type { LoadEstimate } from './load-estimate'
import type { SampledEstimate } from './use-load-estimate'
import classes from './sample.module.css'

const UNKNOWN = { rowCount: null, deleteFileCount: null, dataFileCount: null, liveBytes: null }

/** The sentence below the table has the reason, once for all figures. */
const NOT_KNOWN = (
  <span className="quiet" aria-hidden>
    –
  </span>
)

/** The branch now, and what the load adds to it, as a sample lets expect; the same lines while the sample is read. */
export function LoadFigures({
  branch: { name, figures, error: unknownBecause },
  toLoad,
  sampled: { estimate, isReading, error },
  isExpected,
  operation,
  limit,
}: {
  branch: Pick<LoadBranch, 'name' | 'figures' | 'error'>
  /** The files and their bytes: `2 files, 1.4 GiB`. */
  toLoad: string
  sampled: SampledEstimate
  /** Whether there can be a sample of the file. */
  isExpected: boolean
  operation: LoadOperation
  limit: RejectLimit
}) {
  const { rowCount, deleteFileCount, dataFileCount, liveBytes } = figures ?? UNKNOWN
  const reason = unknownBecause?.message ?? (figures === null ? `${name} is being read` : 'not known')
  const mark = estimate?.isExact === true ? '' : '≈ '
  const filesMark = estimate?.isAtLeast === true ? '≥ ' : mark
  const toChange = (now: number | null, added: number | undefined) => ({
    added: added ?? null,
    // Only an append leaves all that is there, and a table that is replaced has nothing left of it.
    after:
      added === undefined
        ? null
        : operation === 'append' && now !== null
          ? now + added
          : operation === 'replace-table'
            ? added
            : null,
  })
  return (
    <div className={classes.summary}>
      <table className={classes.figures} aria-label={`${name} before and after the load`} aria-busy={isReading}>
        <thead>
          <tr>
            <td />
            <th scope="col">Now</th>
            <th scope="col">Adds</th>
            <th scope="col">Then</th>
          </tr>
        </thead>
        <tbody>
          <Line
            name="Rows"
            now={<RowCount {...{ rowCount, deleteFileCount, reason }} />}
            {...toChange(rowCount, estimate?.rowsAdded)}
            mark={mark}
          />
          <Line
            name="Data files"
            now={<Count value={dataFileCount} reason={reason} />}
            {...toChange(dataFileCount, estimate?.dataFiles)}
            mark={filesMark}
          />
          <Line
            name="Stored"
            now={liveBytes === null ? <Unknown reason={reason} /> : formatBytes(liveBytes)}
            {...toChange(liveBytes, estimate?.storedBytes)}
            mark={mark}
            format={formatBytes}
          />
          <tr>
            <th scope="row">Rejected</th>
            <td />
            <td data-some={(estimate?.rowsRejected ?? 0) > 0 || undefined}>
              {estimate ? `${estimate.rowsRejected > 0 ? mark : ''}${formatCount(estimate.rowsRejected)}` : NOT_KNOWN}
            </td>
            <td className="secondary">
              {estimate !== null && estimate.rowsRejected > 0 && `${formatPercent(estimate.rejectedShare)}, `}
              {limitText(limit)}
            </td>
          </tr>
        </tbody>
      </table>
      <p className="bare secondary dense">
        {toLoad}. {estimate && originText(estimate)}
        {estimate !== null &&
          operation !== 'append' &&
          operation !== 'replace-table' &&
          ' Then depends on the rows that are replaced.'}
        {estimate === null &&
          !isReading &&
          error === null &&
          isExpected &&
          'What the load adds is known only from a sample of the file.'}
        {isReading && 'A sample of the file is being read …'}
        {error && `The figures are not known: ${error.message}`}
      </p>
    </div>
  )
}

function Line({
  name,
  now,
  added,
  after,
  mark,
  format = formatCount,
}: {
  name: string
  now: ReactNode
  added: number | null
  after: number | null
  mark: string
  format?: (value: number) => string
}) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{now}</td>
      <td className={classes.added}>{added === null ? NOT_KNOWN : `${mark}+${format(added)}`}</td>
      <td className="medium">{after === null ? NOT_KNOWN : `${mark}${format(after)}`}</td>
    </tr>
  )
}

/** Where the figures come from. */
function originText({ isExact, sample: { from, rowsRead } }: LoadEstimate): string {
  if (isExact) return 'Every row of the file was read.'
  const rows = formatQuantity(rowsRead, 'row')
  switch (from) {
    case 'whole':
      return `≈ from the ${rows} of the first file.`
    case 'beginning':
      return `≈ from the first ${rows}: such a file is read from its beginning.`
    case 'spread':
      return `≈ from ${rows} across the first file.`
  }
}
