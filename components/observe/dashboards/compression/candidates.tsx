import Link from 'next/link'
import { TableLink, tableLabel } from '@/components/about/table-link'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Bytes } from '@/components/ui/values/bytes'
import type { Compression } from '@/lib/contract/dashboards'
import { formatBytes, formatBytesChange, formatExactBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { formatPercent, formatPercentChange } from '@/lib/format/percent'
import { formatDate, formatDay } from '@/lib/format/time'
import { paths } from '@/lib/paths/paths'
import classes from './compression.module.css'

type Candidate = Compression['candidates'][number]
type Done = Compression['done'][number]

/** The tables whose files are in another codec than the one that is set, those with a sample first, and the rewrites of the period. */
export function Candidates({
  data: { candidates, candidateCount, done, files },
}: {
  data: Pick<Compression, 'candidates' | 'candidateCount' | 'done' | 'files'>
}) {
  return (
    <Panel
      title="Written otherwise than set"
      subtitle={
        candidateCount > candidates.length
          ? `most saved first, then not sampled; ${candidates.length} of ${formatQuantity(candidateCount, 'table')}`
          : 'most saved first, by samples; then not sampled'
      }
      flush
    >
      {candidates.length === 0 ? (
        <EmptyState>
          {files.read === 0
            ? 'No footer was read, so nothing is known of the codecs of files.'
            : 'All files that were read have the codec that is set for them.'}
        </EmptyState>
      ) : (
        <div className={classes.list}>
          <DataTable
            label="Written otherwise than set"
            columns={CANDIDATE_COLUMNS}
            rows={candidates}
            rowKey={({ table }) => `${table.catalog} ${tableLabel(table)}`}
            scrolls
            stacks
          />
        </div>
      )}
      {done.length > 0 && <DoneRewrites done={done} />}
    </Panel>
  )
}

const CANDIDATE_COLUMNS: readonly Column<Candidate>[] = [
  {
    id: 'table',
    header: 'Table',
    weight: 'name',
    fills: true,
    sortBy: ({ table }) => tableLabel(table),
    cell: ({ table }) => <TableLink table={table} />,
  },
  { id: 'why', header: 'Why', cell: (row) => <span className="secondary">{whyText(row)}</span> },
  {
    id: 'otherwise',
    header: 'Not as set',
    align: 'end',
    weight: 'figure',
    sortBy: ({ otherwiseBytes }) => otherwiseBytes,
    cell: ({ otherwiseBytes }) => <Bytes value={otherwiseBytes} />,
  },
  {
    id: 'stored',
    header: 'Stored',
    align: 'end',
    sortBy: ({ storedBytes }) => storedBytes,
    cell: ({ storedBytes }) => <Bytes value={storedBytes} />,
  },
  {
    id: 'forecast',
    header: 'Forecast',
    align: 'end',
    sortBy: ({ forecast }) => forecast?.bytes ?? null,
    cell: ({ forecast }) =>
      forecast === null ? (
        <span className="quiet" title="No user tried the codec on its columns.">
          not sampled
        </span>
      ) : (
        <span
          title={`${formatQuantity(forecast.columns, 'column')} that users tried codecs on, since ${formatDate(forecast.atMs, 'UTC')}`}
        >
          ≈ {formatBytesChange(forecast.bytes)}
        </span>
      ),
  },
  {
    id: 'plan',
    header: '',
    align: 'end',
    cell: ({ table }) => (
      <Link
        href={`${paths.compressionStudio(table)}?rewrite=true`}
        prefetch={false}
        aria-label={`Plan a rewrite of ${tableLabel(table)}`}
      >
        Plan
      </Link>
    ),
  },
]

function whyText({ codec, written, otherwiseBytes }: Candidate): string {
  const all = written.reduce((total, one) => total + one.storedBytes, 0)
  const [other] = written.filter((one) => one.codec !== codec)
  const share = all === 0 ? '' : `${formatPercent(otherwiseBytes / all)} `
  const set = codec === null ? 'set by column' : `${codec} is set`
  return other === undefined ? `${set}, ${share}written otherwise` : `${set}, ${share}written as ${other.codec}`
}

function DoneRewrites({ done }: { done: readonly Done[] }) {
  const [before, after] = (['bytesBefore', 'bytesAfter'] as const).map((size) =>
    done.reduce((total, one) => total + one[size], 0),
  )
  return (
    <>
      <p className={classes.subhead}>
        <b>Done</b> in this period, measured on the files that were written
        <span className={classes.came}>
          {foretoldText(done)}came {formatBytesChange((after ?? 0) - (before ?? 0))}
        </span>
      </p>
      <DataTable label="Rewrites of this period" columns={DONE_COLUMNS} rows={done} rowKey={({ run }) => run} stacks />
    </>
  )
}

/** The forecast of the rewrites that were sampled before, next to their change. */
function foretoldText(done: readonly Done[]): string {
  const sampled = done.filter(({ forecastBytes }) => forecastBytes !== null)
  if (sampled.length === 0) return ''
  const forecast = sampled.reduce((total, { forecastBytes }) => total + (forecastBytes ?? 0), 0)
  const came = sampled.reduce((total, one) => total + cameOf(one), 0)
  const share = forecast < 0 ? `, ${formatPercent(came / forecast)}` : ''
  return sampled.length === done.length
    ? `forecast ≈ ${formatBytesChange(forecast)}${share}; `
    : `forecast ≈ ${formatBytesChange(forecast)} for ${sampled.length} of ${done.length}, came ${formatBytesChange(came)}${share}; all `
}

function cameOf({ bytesBefore, bytesAfter }: Done): number {
  return bytesAfter - bytesBefore
}

function Foretold({ rewrite }: { rewrite: Done }) {
  const { forecastBytes } = rewrite
  if (forecastBytes === null) return null
  return (
    <span title="By the codecs that users tried before the run">
      ≈ {formatBytesChange(forecastBytes)}
      {forecastBytes < 0 && <span className="quiet"> {formatPercent(cameOf(rewrite) / forecastBytes)} came</span>}
    </span>
  )
}

const DONE_COLUMNS: readonly Column<Done>[] = [
  {
    id: 'table',
    header: 'Table',
    weight: 'name',
    fills: true,
    cell: ({ table }) => <TableLink table={table} />,
  },
  {
    id: 'what',
    header: 'Run',
    cell: ({ run, files, atMs, codecs }) => (
      <Link href={paths.run(run)} prefetch={false}>
        {formatQuantity(files, 'file')}
        {codecs !== null && `, ${codecs}`}, {formatDay(atMs, 'UTC')}
      </Link>
    ),
  },
  {
    id: 'before',
    header: 'Before',
    align: 'end',
    sortBy: ({ bytesBefore }) => bytesBefore,
    cell: ({ bytesBefore }) => <Bytes value={bytesBefore} />,
  },
  {
    id: 'after',
    header: 'After',
    align: 'end',
    sortBy: ({ bytesAfter }) => bytesAfter,
    cell: ({ bytesAfter }) => <Bytes value={bytesAfter} />,
  },
  {
    id: 'foretold',
    header: 'Forecast',
    align: 'end',
    sortBy: ({ forecastBytes }) => forecastBytes,
    tableOnly: ({ forecastBytes }) => forecastBytes === null,
    cell: (one) => <Foretold rewrite={one} />,
  },
  {
    id: 'came',
    header: 'Came',
    align: 'end',
    weight: 'figure',
    sortBy: ({ bytesBefore, bytesAfter }) => bytesAfter - bytesBefore,
    cell: ({ bytesBefore, bytesAfter }) => (
      <span title={`${formatBytes(bytesBefore)} before, ${formatExactBytes(bytesAfter)} after`}>
        {formatBytesChange(bytesAfter - bytesBefore)}
        {bytesBefore > 0 && (
          <span className="quiet"> {formatPercentChange((bytesAfter - bytesBefore) / bytesBefore)}</span>
        )}
      </span>
    ),
  },
]
