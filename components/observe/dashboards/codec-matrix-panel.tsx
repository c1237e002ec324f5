import { Bytes } from '@/components/ui/values/bytes'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Panel } from '@/components/ui/panel'
import type { TableCompression } from '@/lib/contract/dashboards'
import { formatQuantity, formatCount } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import { codecColour, codecMatrix, type MatrixRow, NOT_SET } from './codecs'
import classes from './dashboards.module.css'
import { coverageGap } from './file-coverage'

/** Configured against actual codecs: bytes off the diagonal are marked as a warning. */
export function CodecMatrixPanel({ tables }: { tables: readonly TableCompression[] }) {
  const { codecs, rows } = codecMatrix(tables)
  const differingCount = tables.filter(({ configuredCodec, codecs: written }) =>
    configuredCodec === null ? false : written.some(({ codec }) => codec !== configuredCodec),
  ).length
  const columns: Column<MatrixRow>[] = [
    {
      id: 'set',
      header: 'Configured',
      sortBy: ({ set }) => set,
      cell: ({ set }) => (set === NOT_SET ? set : <code>{set}</code>),
    },
    {
      id: 'tables',
      header: 'Tables',
      align: 'end',
      sortBy: ({ tableCount }) => tableCount,
      cell: ({ tableCount }) => formatCount(tableCount),
    },
    ...codecs.map(
      (codec): Column<MatrixRow> => ({
        id: codec,
        header: codec,
        align: 'end',
        sortBy: ({ written }) => written.get(codec) ?? 0,
        cell: (row) => <MatrixCell row={row} codec={codec} />,
      }),
    ),
    { id: 'share', header: 'Actual', cell: (row) => <CodecShares row={row} codecs={codecs} /> },
  ]
  return (
    <Panel
      title="Configured vs. actual codec"
      subtitle="stored bytes by codec"
      actions={<span className="secondary">{formatQuantity(differingCount, 'table differs', 'tables differ')}</span>}
      flush
    >
      <DataTable label="Configured vs. actual codec" columns={columns} rows={rows} rowKey={({ set }) => set} />
    </Panel>
  )
}

function MatrixCell({ row, codec }: { row: MatrixRow; codec: string }) {
  const bytes = row.written.get(codec) ?? 0
  const state =
    row.set === NOT_SET ? undefined : row.set === codec ? classes.asSet : bytes > 0 ? classes.notAsSet : undefined
  const title =
    row.set === codec ? 'as configured' : bytes > 0 && row.set !== NOT_SET ? `${row.set} is configured` : undefined
  return (
    <div className={state} title={title}>
      <Bytes value={bytes} {...(bytes > 0 && { atLeast: coverageGap(row.files) })} />
    </div>
  )
}

function CodecShares({ row, codecs }: { row: MatrixRow; codecs: readonly string[] }) {
  const shares = codecs.flatMap((codec) => {
    const bytes = row.written.get(codec) ?? 0
    return bytes === 0 ? [] : [{ codec, share: bytes / row.totalBytes }]
  })
  const gap = coverageGap(row.files)
  const label = [
    ...shares.map(({ codec, share }) => `${codec} ${formatPercent(share)}`),
    ...(gap === undefined ? [] : [gap]),
  ].join(', ')
  return (
    <span className={classes.parts} role="img" aria-label={label} title={label}>
      {shares.map(({ codec, share }) => (
        <span key={codec} style={{ width: `${share * 100}%`, background: codecColour(codec) }} />
      ))}
    </span>
  )
}
