'use client'
import { ActionIcon } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { TableLink, tableLabel } from '@/components/about/table-link'
import { TrendLine } from '@/components/chart/trend-line'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { downloadCsvFile } from '@/components/ui/download-file'
import { Panel } from '@/components/ui/panel'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Unknown } from '@/components/ui/values/unknown'
import type { Compression } from '@/lib/contract/dashboards'
import { formatExactBytes } from '@/lib/format/bytes'
import { toCsv } from '@/lib/format/csv'
import { formatRatio } from '@/lib/format/ratio'
import { toStorageCut } from '@/lib/facts/storage-cuts'
import { formatInUnit, type SharedUnit } from '@/lib/format/shared-unit'
import { formatDay } from '@/lib/format/time'
import { paths } from '@/lib/paths/paths'
import Link from 'next/link'
import classes from './compression.module.css'
import { type Cut, CUT_NAMES, CUTS, type MadeOfRow, toMadeOfRows } from './made-of-rows'
import { missingText } from './sizes'

/** The sizes by column, codec, table, writer or age of the files, with their ratios at both ends of the period. The last line is their sum. */
export function MadeOf({
  data,
  unit,
  cut,
  onCut,
}: {
  data: Compression
  unit: SharedUnit
  cut: Cut
  onCut: (cut: Cut) => void
}) {
  const groupedBy = toStorageCut(cut)
  // Until the groups are read, those of the former cut are here.
  const isGroupMissing = groupedBy !== null && data.fileGroups?.by !== groupedBy
  const { rows, lastRows } = isGroupMissing ? { rows: [], lastRows: [] } : toMadeOfRows(data, cut)
  const missing = missingText(data)
  const hasEnded = data.span.toMs <= data.readAtMs
  return (
    <Panel
      title="What makes it up"
      subtitle={`${unit.name}, most stored first`}
      flush
      actions={
        <>
          <SegmentedChoice
            label="Split by"
            value={cut}
            onChange={onCut}
            options={CUTS.map((value) => ({ value, label: CUT_NAMES[value] }))}
          />
          <Tooltip label="Download CSV">
            <ActionIcon
              aria-label="Download CSV: What makes it up"
              onClick={() => downloadCsvFile(`compression-by-${cut}.csv`, toCsvText([...rows, ...lastRows], cut))}
            >
              <IconDownload size={16} stroke={1.6} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </>
      }
    >
      {isGroupMissing && hasEnded && (
        <EmptyState>
          Who wrote the files and when is known of the files now only. Choose a period that ends now.
        </EmptyState>
      )}
      {isGroupMissing && !hasEnded && <SkeletonRows rows={6} columns={5} label="Reading who wrote the files" />}
      {!isGroupMissing && (
        <div className={`${classes.list} ${classes.summed}`}>
          <DataTable
            label="What makes it up"
            columns={toColumns(data, cut, unit)}
            rows={rows}
            lastRows={lastRows}
            rowKey={({ key }) => key}
            scrolls
            stacks
          />
        </div>
      )}
      {missing !== null && <p className={classes.foot}>{missing}</p>}
    </Panel>
  )
}

function toColumns(data: Compression, cut: Cut, unit: SharedUnit): Column<MadeOfRow>[] {
  const size = (id: string, header: string, bytesOf: (row: MadeOfRow) => number | null): Column<MadeOfRow> => ({
    id,
    header,
    align: 'end',
    ...(id === 'stored' && { weight: 'figure' as const }),
    sortBy: bytesOf,
    tableOnly: (row) => bytesOf(row) === null,
    cell: (row) => {
      const bytes = bytesOf(row)
      if (bytes === null) return <Unknown reason={row.unknownReason} />
      const isStored = id === 'stored'
      return (
        <span title={formatExactBytes(bytes)} className={row.isTotal ? classes.total : undefined}>
          {row.isApproximate && !isStored && '≈ '}
          {formatInUnit(bytes, unit)}
        </span>
      )
    },
  })
  return [
    { id: 'name', header: CUT_NAMES[cut], weight: 'name', fills: true, sortBy: ({ name }) => name, cell: NameCell },
    ...(cut === 'codec' || toStorageCut(cut) !== null
      ? []
      : [
          {
            id: 'codec',
            header: cut === 'table' ? 'Codec set' : 'Codec',
            sortBy: ({ codec }: MadeOfRow) => codec,
            tableOnly: ({ codec }: MadeOfRow) => codec === null,
            cell: ({ codec, codecTitle }: MadeOfRow) => (
              <span className="mono" title={codecTitle}>
                {codec}
              </span>
            ),
          },
        ]),
    size('plain', 'Plain', ({ plainBytes }) => plainBytes),
    size('encoded', 'Encoded', ({ encodedBytes }) => encodedBytes),
    size('stored', 'Stored', ({ storedBytes }) => storedBytes),
    {
      id: 'ratio',
      header:
        toStorageCut(cut) === null ? `Ratio, ${formatDay(data.span.fromMs, 'UTC')} to ${endText(data)}` : 'Ratio, now',
      align: 'end',
      sortBy: ({ ratio }) => ratio,
      tableOnly: ({ ratio }) => ratio === null,
      cell: RatioCell,
    },
  ]
}

function endText({ span: { toMs }, readAtMs }: Compression): string {
  return toMs > readAtMs ? 'now' : formatDay(toMs - 1, 'UTC')
}

function NameCell({ name, table, prefix, isTotal }: MadeOfRow): ReactNode {
  if (isTotal) return <b className={classes.total}>{name}</b>
  if (table === null) return <span className="secondary">{name}</span>
  if (prefix === null) return <TableLink table={table} />
  return (
    <Link
      href={paths.compressionStudio(table)}
      prefetch={false}
      title={`${tableLabel(table)}.${name}`}
      className={classes.column}
    >
      <span className="quiet">{prefix}.</span>
      {name}
    </Link>
  )
}

function RatioCell({ ratio, ratios, isTotal, isApproximate }: MadeOfRow): ReactNode {
  if (ratio === null) return null
  const start = ratios.find((one) => one !== null) ?? null
  const text = `${isApproximate ? '≈ ' : ''}${formatRatio(ratio)}`
  return (
    <span className={classes.ratio}>
      {start !== null && <span className="quiet">{formatRatio(start)}</span>}
      {start !== null && <TrendLine values={ratios} label={`from ${formatRatio(start)} to ${text}`} />}
      <b className={isTotal ? classes.total : classes.now}>{text}</b>
    </span>
  )
}

function toCsvText(rows: readonly MadeOfRow[], cut: Cut): string {
  return toCsv(
    [CUT_NAMES[cut], 'Codec', 'Plain', 'Encoded', 'Stored', 'Ratio'],
    rows.map((row) => [
      row.table === null || row.prefix === null ? row.name : `${tableLabel(row.table)}.${row.name}`,
      row.codec,
      row.plainBytes,
      row.encodedBytes,
      row.storedBytes,
      row.ratio,
    ]),
  )
}
