'use client'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { Bytes } from '@/components/ui/values/bytes'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { checkChoice } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { Unknown } from '@/components/ui/values/unknown'
import type { ColumnCompression, Compression, TableCompression } from '@/lib/contract/dashboards'
import { formatCount } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import { formatRatio } from '@/lib/format/ratio'
import type { TableIdentifier } from '@/lib/names/identifiers'
import classes from './dashboards.module.css'
import { coverageGap, tableGap, tableGaps, unmeasuredReason } from './file-coverage'
import { TableLink, tableLabel } from '@/components/about/table-link'

const VIEWS = ['table', 'column', 'codec'] as const

export const VIEW_CHECK = checkChoice('view', VIEWS, 'The sizes are listed by table.')

const ESTIMATED = 'plain estimated from Parquet footers'

/** Whether ratios can be formed: of the measured files, if some are not. */
function isCompared({ compared }: TableCompression): boolean {
  return compared.plainBytes > 0 && compared.storedBytes > 0
}

function ratioNotes(row: TableCompression): string[] {
  return [row.isEstimated ? ESTIMATED : undefined, tableGap(row)].filter((note) => note !== undefined)
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
                No tables yet. Create one in a namespace with <strong>New table</strong>, then load files into it.
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
            columns={columnColumns(tableGaps(data.tables))}
            rows={data.columns}
            rowKey={({ table, column }) => `${table.catalog} ${tableLabel(table)} ${column}`}
          />
        ) : (
          <DataTable
            label="Sizes by codec"
            columns={codecColumns(coverageGap(data.files))}
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

/** Unknown, and not at least nothing, when no file is measured. */
function StoredBytes({ bytes, gap }: { bytes: number; gap: string | undefined }) {
  return <Bytes value={bytes === 0 && gap !== undefined ? null : bytes} reason={gap} atLeast={gap} />
}

/** Hatched when it covers only a part of the files. */
function ShareBar({ value: share, gap }: { value: number; gap: string | undefined }) {
  const label = gap === undefined ? formatPercent(share) : `≈ ${formatPercent(share)}, ${gap}`
  return (
    <span
      className={classes.bar}
      role="img"
      aria-label={label}
      title={label}
      data-partial={gap !== undefined || undefined}
    >
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
  {
    id: 'stored',
    header: 'Stored',
    align: 'end',
    sortBy: ({ storedBytes }) => storedBytes,
    cell: (row) => <StoredBytes bytes={row.storedBytes} gap={tableGap(row)} />,
  },
  {
    id: 'plain',
    header: 'Plain',
    align: 'end',
    sortBy: ({ compared }) => compared.plainBytes,
    cell: (row) => (
      <span className="secondary">
        <Bytes
          value={isCompared(row) || row.plainBytes === 0 ? row.compared.plainBytes : null}
          reason={unmeasuredReason(row)}
          approximate={row.isEstimated ? ESTIMATED : undefined}
          atLeast={tableGap(row)}
        />
      </span>
    ),
  },
  {
    id: 'ratio',
    header: 'Ratio',
    headerTitle: 'plain to stored',
    align: 'end',
    weight: 'figure',
    sortBy: (row) => (isCompared(row) ? row.compared.plainBytes / row.compared.storedBytes : null),
    cell: (row) =>
      isCompared(row) ? (
        <span title={ratioNotes(row).join(', ') || undefined}>
          {ratioNotes(row).length > 0 ? '≈ ' : ''}
          {formatRatio(row.compared.plainBytes / row.compared.storedBytes)}
        </span>
      ) : (
        <Unknown reason={unmeasuredReason(row)} />
      ),
  },
  {
    id: 'codec-ratio',
    header: 'Codec ratio',
    headerTitle: 'encoded to stored',
    align: 'end',
    sortBy: (row) => (isCompared(row) ? row.compared.encodedBytes / row.compared.storedBytes : null),
    cell: (row) =>
      isCompared(row) ? (
        <span className="secondary" title={tableGap(row)}>
          {tableGap(row) === undefined ? '' : '≈ '}
          {formatRatio(row.compared.encodedBytes / row.compared.storedBytes)}
        </span>
      ) : (
        <Unknown reason={unmeasuredReason(row)} />
      ),
  },
  {
    id: 'share',
    header: 'Stored share',
    cell: (row) =>
      isCompared(row) ? (
        <ShareBar value={row.compared.storedBytes / row.compared.plainBytes} gap={tableGap(row)} />
      ) : (
        <Unknown reason={unmeasuredReason(row)} />
      ),
  },
]

function columnColumns(gapOf: (table: TableIdentifier) => string | undefined): readonly Column<ColumnCompression>[] {
  return [
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
    {
      id: 'stored',
      header: 'Stored',
      align: 'end',
      sortBy: ({ storedBytes }) => storedBytes,
      cell: ({ table, storedBytes }) => <StoredBytes bytes={storedBytes} gap={gapOf(table)} />,
    },
    {
      id: 'ratio',
      header: 'Ratio',
      headerTitle: 'plain to stored',
      align: 'end',
      weight: 'figure',
      sortBy: ({ plainBytes, storedBytes }) =>
        plainBytes === null || storedBytes === 0 ? null : plainBytes / storedBytes,
      cell: ({ table, plainBytes, storedBytes }) =>
        plainBytes === null || storedBytes === 0 ? (
          <Unknown reason="lengths of strings and binaries are recorded per file, not per column" />
        ) : (
          <span title={gapOf(table)}>
            {gapOf(table) === undefined ? '' : '≈ '}
            {formatRatio(plainBytes / storedBytes)}
          </span>
        ),
    },
  ]
}

function codecColumns(gap: string | undefined): readonly Column<CodecRow>[] {
  return [
    { id: 'codec', header: 'Codec', sortBy: ({ codec }) => codec, cell: ({ codec }) => <code>{codec}</code> },
    {
      id: 'tables',
      header: 'Tables',
      align: 'end',
      sortBy: ({ tableCount }) => tableCount,
      cell: ({ tableCount }) => formatCount(tableCount),
    },
    {
      id: 'stored',
      header: 'Stored',
      align: 'end',
      weight: 'figure',
      sortBy: ({ storedBytes }) => storedBytes,
      cell: ({ storedBytes }) => <StoredBytes bytes={storedBytes} gap={gap} />,
    },
    {
      id: 'percent',
      header: 'Share',
      align: 'end',
      cell: ({ share }) => <span title={gap}>{`${gap === undefined ? '' : '≈ '}${formatPercent(share)}`}</span>,
    },
    { id: 'bar', header: 'Share of stored', cell: ({ share }) => <ShareBar value={share} gap={gap} /> },
  ]
}
