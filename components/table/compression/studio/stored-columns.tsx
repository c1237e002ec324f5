'use client'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { bytesColumn } from '@/components/ui/table/figure-columns'
import { Bytes } from '@/components/ui/values/bytes'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { Unknown } from '@/components/ui/values/unknown'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { ColumnStorage, StoredColumn } from '@/lib/contract/table/compression'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatMonthlyCost } from '@/lib/format/money'
import { formatPercent } from '@/lib/format/percent'
import { formatRatio, formatRatioToOne } from '@/lib/format/ratio'
import { columnCompression, compressionLabel } from '@/lib/iceberg/properties/column-compression'
import { columnSettingKey } from '@/lib/iceberg/properties/column-settings'
import { CodecChoice } from '../codec-choice'
import classes from './stored-columns.module.css'
import { encodingLabel, writtenShares } from './written-as-set'

type Properties = Readonly<Record<string, string>>

type StoredColumnsProps = {
  storage: ColumnStorage
  now: Properties
  /** With the pending changes. */
  after: Properties
  /** Its codec can be edited in its row. */
  chosenId: number | null
  onChoose: (fieldId: number) => void
  setValue: (key: string, newValue: string | null) => void
  canChange: boolean
}

/** The codec set for each column next to the codecs found in the files. */
export function StoredColumns(props: StoredColumnsProps) {
  const { storage, chosenId, onChoose } = props
  const { columns, columnCount } = storage
  return (
    <Panel title="Columns" subtitle={<Coverage storage={storage} />} flush>
      <DataTable
        label="Columns"
        columns={buildColumns(props)}
        rows={columns}
        rowKey={({ fieldId }) => String(fieldId)}
        onOpen={({ fieldId }) => onChoose(fieldId)}
        {...(chosenId !== null && { selectedKey: String(chosenId) })}
        rowHeight={28}
        stacks
      />
      {columns.length < columnCount && (
        <p className={classes.note}>
          The {formatCount(columns.length)} columns with the most stored bytes, of {formatCount(columnCount)}.
        </p>
      )}
    </Panel>
  )
}

/** Sums of the files that were read, and how many of all they are. */
function Coverage({ storage }: { storage: ColumnStorage }) {
  const { columns, readFileCount, fileCount, droppedColumnBytes, storagePrice } = storage
  const total = (bytesOf: (column: StoredColumn) => number) => columns.reduce((sum, column) => sum + bytesOf(column), 0)
  const plainBytes = total((column) => column.plainBytes)
  const storedBytes = total((column) => column.storedBytes)
  if (readFileCount === 0) return 'no footers read'
  const sums = [
    `${columns.some(({ isPlainEstimated }) => isPlainEstimated) ? '≈ ' : ''}${formatBytes(plainBytes)} plain`,
    `${formatBytes(total((column) => column.encodedBytes))} encoded`,
    `${formatBytes(storedBytes)} stored`,
    ...(storagePrice === null ? [] : [formatMonthlyCost(storedBytes, storagePrice)]),
    ...(storedBytes > 0 ? [formatRatioToOne(plainBytes / storedBytes)] : []),
    ...(droppedColumnBytes > 0 ? [`${formatBytes(droppedColumnBytes)} of dropped columns`] : []),
  ]
  return (
    <>
      {sums.join(', ')}. Footers of {formatCount(readFileCount)} of {formatQuantity(fileCount, 'file')},{' '}
      <RelativeTime atMs={storage.readAtMs} />
    </>
  )
}

function buildColumns({ now, after, chosenId, setValue, canChange }: StoredColumnsProps): Column<StoredColumn>[] {
  return [
    {
      id: 'column',
      header: 'Column',
      weight: 'name',
      fills: true,
      cell: ({ column }) => <VisibleText>{column.join('.')}</VisibleText>,
      sortBy: ({ column }) => column.join('.'),
    },
    {
      id: 'type',
      header: 'Type',
      wideOnly: true,
      roomyOnly: true,
      cell: ({ type }) => <code>{type}</code>,
      sortBy: ({ type }) => type,
    },
    {
      id: 'set',
      header: 'Set',
      cell: ({ fieldId, column }) =>
        fieldId === chosenId && canChange ? (
          <CodecFields fieldId={fieldId} name={column.join('.')} {...{ now, after, setValue }} />
        ) : (
          <SetCodec fieldId={fieldId} now={now} after={after} />
        ),
      sortBy: ({ fieldId }) => setLabel(after, fieldId),
    },
    {
      id: 'written',
      header: 'Actually written',
      headerTitle: 'By stored bytes. Files do not say the level.',
      cell: (row) => <Written column={row} configuredCodec={columnCompression(now, row.fieldId).codec} />,
      sortBy: (row) => writtenShares(row, columnCompression(now, row.fieldId).codec).asSetShare,
    },
    {
      id: 'encoding',
      header: 'Encoding',
      roomyOnly: true,
      cell: (row) => (
        <code
          className={row.hasDictionaryFallback === true ? 'warn' : undefined}
          title={row.hasDictionaryFallback === true ? 'Dictionary fallback in some chunks' : undefined}
        >
          {encodingLabel(row)}
        </code>
      ),
      sortBy: encodingLabel,
    },
    {
      id: 'plain',
      header: 'Plain',
      align: 'end',
      roomyOnly: true,
      cell: ({ plainBytes, isPlainEstimated }) => (
        <span title={isPlainEstimated ? 'estimated from the footers' : undefined}>
          {isPlainEstimated && '≈ '}
          <Bytes value={plainBytes} />
        </span>
      ),
      sortBy: ({ plainBytes }) => plainBytes,
    },
    bytesColumn('encoded', 'Encoded', ({ encodedBytes }) => encodedBytes, { roomyOnly: true }),
    bytesColumn('stored', 'Stored', ({ storedBytes }) => storedBytes, { weight: 'figure' }),
    {
      id: 'ratio',
      header: 'Ratio',
      headerTitle: 'Plain to stored',
      align: 'end',
      weight: 'figure',
      cell: (row) => (row.storedBytes === 0 ? <Unknown reason="nothing is stored" /> : formatRatio(ratioOf(row))),
      sortBy: (row) => (row.storedBytes === 0 ? null : ratioOf(row)),
    },
    {
      id: 'pages',
      header: 'Pages, stored',
      roomyOnly: true,
      headerTitle: 'How many data pages, and their median size',
      align: 'end',
      cell: ({ pages }) =>
        pages === null ? (
          <Unknown reason="a file has no offset index" />
        ) : (
          `${formatCount(pages.count)} × ${formatBytes(pages.medianStoredBytes)}`
        ),
      sortBy: ({ pages }) => pages?.count ?? null,
    },
  ]
}

function ratioOf({ plainBytes, storedBytes }: StoredColumn): number {
  return plainBytes / storedBytes
}

function setLabel(properties: Properties, fieldId: number): string {
  const compression = columnCompression(properties, fieldId)
  return compression.isOwn ? compressionLabel(compression) : 'as table'
}

/** The fields for a column's own codec and level, after the committed one if that changes. */
function CodecFields({
  fieldId,
  name,
  now,
  after,
  setValue,
}: Pick<StoredColumnsProps, 'now' | 'after' | 'setValue'> & { fieldId: number; name: string }) {
  const [codecKey, levelKey] = [
    columnSettingKey(fieldId, 'compression-codec'),
    columnSettingKey(fieldId, 'compression-level'),
  ]
  const { [codecKey]: codec = null, [levelKey]: level = null, ...ofTable } = after
  const before = setLabel(now, fieldId)
  return (
    <span className={classes.codec}>
      {before !== setLabel(after, fieldId) && (
        <span className={classes.change} title="Changed, not committed">
          <span className="warn strong">~</span>
          <s>{before}</s>
        </span>
      )}
      <CodecChoice
        of={name}
        codec={codec}
        level={level}
        appliedCodec={columnCompression(after, fieldId).codec}
        unsetCodec={`as table, ${compressionLabel(columnCompression(ofTable, fieldId))}`}
        canChange
        onCodec={(value) => {
          setValue(codecKey, value)
          // A level is valid for one codec only.
          setValue(levelKey, null)
        }}
        onLevel={(value) => setValue(levelKey, value)}
      />
    </span>
  )
}

function SetCodec({ fieldId, now, after }: { fieldId: number; now: Properties; after: Properties }) {
  const [before, requested] = [setLabel(now, fieldId), setLabel(after, fieldId)]
  if (before === requested)
    return requested === 'as table' ? <span className="quiet">{requested}</span> : <code>{requested}</code>
  return (
    <span className={classes.change} title="Changed, not committed">
      <span className="warn strong">~</span>
      <s>{before}</s>
      <code>{requested}</code>
    </span>
  )
}

/** Only the share written with another codec has the warning colour. */
function Written({ column, configuredCodec }: { column: StoredColumn; configuredCodec: string | null }) {
  const { asSetShare, others } = writtenShares(column, configuredCodec)
  if (asSetShare === null) return <span className="quiet">nothing</span>
  return (
    <span className={classes.written}>
      <span className={classes.bar} aria-hidden>
        <span style={{ width: `${asSetShare * 100}%` }} />
      </span>
      {asSetShare > 0 && (
        <span>
          {configuredCodec} {formatPercent(asSetShare)}
        </span>
      )}
      {others.length > 0 && (
        <span className="warn" title={others.map(({ codec, share }) => `${codec} ${formatPercent(share)}`).join(', ')}>
          {others.length === 1 ? others[0]?.codec : 'others'} {formatPercent(1 - asSetShare)}
        </span>
      )}
    </span>
  )
}
