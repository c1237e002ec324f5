'use client'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { Bytes } from '@/components/ui/values/bytes'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { bytesColumn } from '@/components/ui/table/figure-columns'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { Unknown } from '@/components/ui/values/unknown'
import type { ColumnCompression, Compression, TableCompression } from '@/lib/contract/dashboards'
import { formatCount } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import { formatRatio } from '@/lib/format/ratio'
import classes from './dashboards.module.css'
import { TableLink, tableLabel } from '@/components/about/table-link'

const VIEWS = ['table', 'column', 'codec'] as const
const ESTIMATED = 'plain estimated from Parquet footers'
const NO_FILES = 'there are no data files'

function noPlainReason(fileCount: number): string {
  return fileCount === 0 ? NO_FILES : 'the plain size of some files is not known'
}

/** Stored bytes by table, by column or by codec. */
export function CompressionTables({ data }: { data: Compression }) {
  const [view, setView] = useQueryState('view', parseAsStringLiteral(VIEWS).withDefault('table'))
  const subtitles = {
    table: 'stored as a share of plain',
    column:
      data.columns.length < data.columnCount
        ? `the largest ${formatCount(data.columns.length)} of ${formatCount(data.columnCount)}`
        : 'all columns of live files',
    codec: 'stored bytes of live files',
  }
  return (
    <Panel
      title={`By ${view}`}
      subtitle={subtitles[view]}
      flush
      actions={
        <SegmentedChoice
          label="Sizes by"
          value={view}
          onChange={(chosen) => void setView(chosen)}
          options={[
            { value: 'table', label: 'Table' },
            { value: 'column', label: 'Column' },
            { value: 'codec', label: 'Codec' },
          ]}
        />
      }
    >
      <div className={classes.list}>
        {data.tables.length === 0 ? (
          <EmptyState>
            {data.unreadableCount > 0 ? (
              'No table could be read. The reasons are above.'
            ) : (
              <>
                No tables yet. Create one in a namespace with <strong>New table</strong>, or load one from the command
                line with <code>npm run lakeshore -- ingest</code>.
              </>
            )}
          </EmptyState>
        ) : view === 'table' ? (
          <DataTable
            label="Sizes by table"
            columns={TABLE_COLUMNS}
            rows={data.tables}
            rowKey={({ table }) => `${table.catalog} ${tableLabel(table)}`}
          />
        ) : view === 'column' ? (
          <DataTable
            label="Sizes by column"
            columns={COLUMN_COLUMNS}
            rows={data.columns}
            rowKey={({ table, column }) => `${table.catalog} ${tableLabel(table)} ${column}`}
          />
        ) : (
          <DataTable
            label="Sizes by codec"
            columns={CODEC_COLUMNS}
            rows={codecRows(data.tables)}
            rowKey={({ codec }) => codec}
          />
        )}
      </div>
    </Panel>
  )
}

type CodecRow = { codec: string; storedBytes: number; tableCount: number; share: number }

function codecRows(tables: readonly TableCompression[]): CodecRow[] {
  const rows = new Map<string, { storedBytes: number; tableCount: number }>()
  for (const { codec, storedBytes } of tables.flatMap((table) => table.codecs)) {
    const row = rows.get(codec) ?? { storedBytes: 0, tableCount: 0 }
    rows.set(codec, { storedBytes: row.storedBytes + storedBytes, tableCount: row.tableCount + 1 })
  }
  const totalBytes = [...rows.values()].reduce((sum, { storedBytes }) => sum + storedBytes, 0)
  return [...rows]
    .map(([codec, row]) => ({ codec, ...row, share: row.storedBytes / Math.max(1, totalBytes) }))
    .sort((a, b) => b.storedBytes - a.storedBytes)
}

function ShareBar({ value: share }: { value: number }) {
  const label = formatPercent(share)
  return (
    <span className={classes.bar} role="img" aria-label={label} title={label}>
      <span style={{ width: `${Math.min(1, share) * 100}%` }} />
    </span>
  )
}

const TABLE_COLUMNS: readonly Column<TableCompression>[] = [
  {
    id: 'table',
    header: 'Table',
    fills: true,
    sortBy: ({ table }) => tableLabel(table),
    cell: ({ table }) => <TableLink table={table} tab="settings" />,
  },
  bytesColumn('stored', 'Stored', ({ storedBytes }) => storedBytes),
  {
    id: 'plain',
    header: 'Plain',
    align: 'end',
    sortBy: ({ plainBytes }) => plainBytes,
    cell: ({ plainBytes, fileCount, isEstimated }) => (
      <span className="secondary">
        <Bytes value={plainBytes} reason={noPlainReason(fileCount)} {...(isEstimated && { approximate: ESTIMATED })} />
      </span>
    ),
  },
  {
    id: 'ratio',
    header: 'Ratio',
    headerTitle: 'plain to stored',
    align: 'end',
    weight: 'figure',
    sortBy: ({ plainBytes, storedBytes }) => plainBytes && plainBytes / storedBytes,
    cell: ({ plainBytes, storedBytes, fileCount, isEstimated }) =>
      plainBytes === null || storedBytes === 0 ? (
        <Unknown reason={noPlainReason(fileCount)} />
      ) : (
        <span title={isEstimated ? ESTIMATED : undefined}>
          {isEstimated ? '≈ ' : ''}
          {formatRatio(plainBytes / storedBytes)}
        </span>
      ),
  },
  {
    id: 'codec-ratio',
    header: 'Codec ratio',
    headerTitle: 'encoded to stored',
    align: 'end',
    sortBy: ({ encodedBytes, storedBytes }) => encodedBytes && encodedBytes / storedBytes,
    cell: ({ encodedBytes, storedBytes, fileCount }) =>
      encodedBytes === null || storedBytes === 0 ? (
        <Unknown reason={fileCount === 0 ? NO_FILES : 'some footers were not read'} />
      ) : (
        <span className="secondary">{formatRatio(encodedBytes / storedBytes)}</span>
      ),
  },
  {
    id: 'share',
    header: 'Stored share',
    cell: ({ plainBytes, storedBytes, fileCount }) =>
      plainBytes ? <ShareBar value={storedBytes / plainBytes} /> : <Unknown reason={noPlainReason(fileCount)} />,
  },
]

const COLUMN_COLUMNS: readonly Column<ColumnCompression>[] = [
  {
    id: 'column',
    header: 'Column',
    fills: true,
    sortBy: ({ table, column }) => `${tableLabel(table)}.${column}`,
    cell: ({ table, column }) => (
      <>
        <span className="quiet">
          <TableLink table={table} tab="schema" />.
        </span>
        {column}
      </>
    ),
  },
  {
    id: 'type',
    header: 'Type',
    sortBy: ({ type }) => type,
    cell: ({ type }) => <code className="secondary">{type}</code>,
  },
  {
    id: 'codec',
    header: 'Codec',
    sortBy: ({ codec }) => codec,
    cell: ({ codec }) => (codec === null ? <Unknown reason="no footer was read" /> : <code>{codec}</code>),
  },
  bytesColumn('stored', 'Stored', ({ storedBytes }) => storedBytes),
  {
    id: 'ratio',
    header: 'Ratio',
    headerTitle: 'plain to stored',
    align: 'end',
    weight: 'figure',
    sortBy: ({ plainBytes, storedBytes }) =>
      plainBytes === null || storedBytes === 0 ? null : plainBytes / storedBytes,
    cell: ({ plainBytes, storedBytes }) =>
      plainBytes === null || storedBytes === 0 ? (
        <Unknown reason="lengths of strings and binaries are recorded per file, not per column" />
      ) : (
        formatRatio(plainBytes / storedBytes)
      ),
  },
]

const CODEC_COLUMNS: readonly Column<CodecRow>[] = [
  { id: 'codec', header: 'Codec', sortBy: ({ codec }) => codec, cell: ({ codec }) => <code>{codec}</code> },
  {
    id: 'tables',
    header: 'Tables',
    align: 'end',
    sortBy: ({ tableCount }) => tableCount,
    cell: ({ tableCount }) => formatCount(tableCount),
  },
  bytesColumn('stored', 'Stored', ({ storedBytes }) => storedBytes, { weight: 'figure' }),
  { id: 'percent', header: 'Share', align: 'end', cell: ({ share }) => formatPercent(share) },
  { id: 'bar', header: 'Share of stored', cell: ({ share }) => <ShareBar value={share} /> },
]
