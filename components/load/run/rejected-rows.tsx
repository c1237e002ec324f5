'use client'
import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useState } from 'react'
import { RejectedText, RejectedValue } from '@/components/about/rejected-text'
import { Unloaded } from '@/components/shell/unloaded'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { downloadCsvFile } from '@/components/ui/download-file'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { toListing } from '@/components/ui/table/listing'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { PastLoad } from '@/lib/client/jobs/past-load'
import { rejectsQuery } from '@/lib/client/jobs/rejects'
import type { LoadReject } from '@/lib/contract/jobs'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { toCsv } from '@/lib/format/csv'
import { recordPosition } from '@/lib/ingest/rejects/record-position'
import { paths } from '@/lib/paths/paths'
import { listStanding } from './corrections'
import { toLoadCounts } from './load-progress'
import { RejectFilters, useRejectFilter } from './reject-filters'
import classes from './rejected-rows.module.css'
import { isLoadOfFiles, type TableLoad } from './table-load'

const TITLE = 'Rejected rows'
/** How much of a row is shown before the part that does not fit. */
const CONTEXT_CHARS = 28

type RejectedRowsProps = { run: TableLoad; past: PastLoad | undefined }

/** The rows that a load rejected: the part that does not fit, why, and the line as it came. */
export function RejectedRows(props: RejectedRowsProps) {
  const { run } = props
  const { rowsRead } = toLoadCounts(run)
  if (run.canChange && hasList(run)) return <RejectList {...props} />
  return (
    <Panel title={TITLE} subtitle={`of ${formatCount(rowsRead)} read`}>
      <EmptyState>
        {run.canChange
          ? 'The list of rejected rows was removed with the files of the load, because it stopped for another reason.'
          : 'Only users who may write the table see rejected rows, because they have all fields of the file.'}
      </EmptyState>
    </Panel>
  )
}

/** Whether there is a list, or may be one while the load runs. */
function hasList({ finishedAtMs, outcome, error }: TableLoad): boolean {
  return finishedAtMs === null || typeof (outcome?.['rejectsFile'] ?? error?.facts['rejectsFile']) === 'string'
}

function RejectList({ run, past }: RejectedRowsProps) {
  const filtered = useRejectFilter()
  const { filter } = filtered
  const query = useInfiniteQuery(rejectsQuery(run.id, { isFinal: run.finishedAtMs !== null, filter }))
  const { rowsRead, rowsRejected } = toLoadCounts(run)
  const subtitle = `of ${formatCount(rowsRead)} read`
  const [first] = query.data?.pages ?? []
  if (first === undefined)
    return (
      <Panel title={TITLE} subtitle={subtitle}>
        <Unloaded query={query} subject="The rejected rows" skeleton={[6, 5, 'Reading the rejected rows']} />
      </Panel>
    )
  const { rows, isWhole } = toListing(query, ({ rejects }) => rejects)
  const listing = { rows: rows.map((reject, index) => ({ ...reject, index })), isWhole }
  const isComplete = first.listedRowCount >= rowsRejected
  return (
    <Panel
      title={TITLE}
      subtitle={subtitle}
      flush
      actions={rows.length > 0 && <DownloadButton runId={run.id} query={query} />}
    >
      {first.totalCount === 0 ? (
        <EmptyState>
          {formatQuantity(rowsRejected, 'row')} rejected so far. They are listed when their file is finished.
        </EmptyState>
      ) : (
        <>
          <RejectFilters counts={first} {...filtered} />
          <div className={classes.rows} data-fades={query.isPlaceholderData || undefined}>
            {rows.length === 0 ? (
              <EmptyState
                action={
                  <Button variant="default" onClick={() => filtered.setFilter({})}>
                    Clear filters
                  </Button>
                }
              >
                No rejected rows match.
              </EmptyState>
            ) : (
              <DataTable
                label={TITLE}
                columns={toColumns(rows, past?.files.length ?? 0)}
                rows={listing}
                rowKey={({ index }) => String(index)}
                rowHeight={28}
                scrolls
                stacks
              />
            )}
          </div>
          <div className={classes.foot}>
            <NextPageButton query={query}>Load more</NextPageButton>
            {!isComplete && (
              <span>
                {formatCount(first.listedRowCount)} of {formatQuantity(rowsRejected, 'rejected row')} listed
                {run.finishedAtMs === null ? ' so far' : '; the others are only counted'}
              </span>
            )}
            <Correction run={run} past={past} />
          </div>
        </>
      )}
    </Panel>
  )
}

function Correction({ run, past }: RejectedRowsProps) {
  if (run.state === 'failed')
    return (
      <>
        <span>Nothing was loaded.</span>
        {isLoadOfFiles(run) && <Link href={paths.loadAgain(run.table, run.id)}>Change and load again</Link>}
      </>
    )
  if (run.state !== 'succeeded' || past === undefined || past.recordsSaved === 0) return null
  return (
    <>
      <span>
        {listStanding(past).length > 0
          ? 'Another run corrects them: see the top of this page.'
          : 'Stored unchanged until this run is removed.'}
      </span>
      <Link href={paths.loadAgain(run.table, run.id)}>Correct and load again</Link>
    </>
  )
}

type ListedReject = LoadReject & { index: number }

function toColumns(rows: readonly LoadReject[], fileCount: number): Column<ListedReject>[] {
  // Files of a load may be counted in both ways.
  const areRecords = rows.length > 0 && rows.every(({ record }) => record !== undefined)
  const number = areRecords ? 'Record' : 'Line'
  const hasFiles = fileCount > 1 || new Set(rows.map(({ file }) => file)).size > 1
  const file: Column<ListedReject> = {
    id: 'file',
    header: 'File',
    longTableWidth: 130,
    cell: (reject) => reject.file !== null && <VisibleText>{reject.file}</VisibleText>,
  }
  return [
    ...(hasFiles ? [file] : []),
    {
      id: 'line',
      header: number,
      align: 'end',
      longTableWidth: 74,
      cell: ({ line, record }) => (
        <>
          <span className={classes.cardWord}>{number} </span>
          {!areRecords && record !== undefined ? recordPosition({ line, record }) : formatCount(record ?? line)}
        </>
      ),
    },
    {
      id: 'column',
      header: 'Column',
      weight: 'name',
      longTableWidth: 120,
      cell: ({ column }) => (column === null ? 'the line' : <VisibleText>{column}</VisibleText>),
    },
    { id: 'value', header: 'Value', longTableWidth: 170, cell: ({ value }) => <RejectedValue value={value} /> },
    {
      id: 'why',
      header: 'Why',
      longTableWidth: 220,
      cell: ({ reason }) => (
        <span className={classes.why} title={reason}>
          {reason}
        </span>
      ),
    },
    {
      id: 'text',
      header: 'In the file',
      fills: true,
      cell: (reject) =>
        reject.text !== null && (
          <span className={classes.line} title={reject.text}>
            <RejectedText reject={reject} contextChars={CONTEXT_CHARS} />
          </span>
        ),
    },
  ]
}

/** Reads the rest of the list first: a file with a part of it would look like the whole. */
function DownloadButton({
  runId,
  query,
}: {
  runId: string
  query: {
    fetchNextPage: () => Promise<{
      data?: { pages: readonly { rejects: readonly LoadReject[] }[] } | undefined
      hasNextPage: boolean
      isError: boolean
    }>
    data?: { pages: readonly { rejects: readonly LoadReject[] }[] } | undefined
    hasNextPage: boolean
  }
}) {
  const [isReading, setIsReading] = useState(false)
  const readAll = async () => {
    setIsReading(true)
    try {
      let { data, hasNextPage } = query
      while (hasNextPage) {
        const next = await query.fetchNextPage()
        if (next.isError) return
        data = next.data
        hasNextPage = next.hasNextPage
      }
      download(runId, toListing({ data, hasNextPage, isPlaceholderData: false }, ({ rejects }) => rejects).rows)
    } finally {
      setIsReading(false)
    }
  }
  return (
    <WaitingButton
      variant="default"
      loading={isReading}
      leftSection={<IconDownload size={14} stroke={1.6} aria-hidden />}
      onClick={() => void readAll()}
    >
      CSV
    </WaitingButton>
  )
}

function download(runId: string, rejects: readonly LoadReject[]): void {
  const hasRecords = rejects.some(({ record }) => record !== undefined)
  const header = ['file', 'line', ...(hasRecords ? ['record'] : []), 'column', 'value', 'reason', 'text']
  const rows = rejects.map(({ file, line, record = null, column, value, reason, text }) => [
    file,
    line,
    ...(hasRecords ? [record] : []),
    column,
    value,
    reason,
    text,
  ])
  downloadCsvFile(`rejects-${runId}.csv`, toCsv(header, rows))
}
