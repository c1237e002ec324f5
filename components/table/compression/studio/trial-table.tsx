'use client'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Bytes } from '@/components/ui/values/bytes'
import { Unknown } from '@/components/ui/values/unknown'
import { formatBytes } from '@/lib/format/bytes'
import { formatPercent } from '@/lib/format/percent'
import { MIN_SHOWN_CHANGE, speedText, type TrialRow } from './trial-rows'
import classes from './what-if.module.css'

/** Sizes and speeds by codec; a row can be chosen. */
export function TrialTable({
  rows,
  chosen,
  onChoose,
}: {
  rows: readonly TrialRow[]
  chosen: TrialRow | null
  onChoose: (row: TrialRow) => void
}) {
  const largest = rows.reduce((most, { projectedBytes }) => Math.max(most, projectedBytes), 1)
  const columns: Column<TrialRow>[] = [
    {
      id: 'codec',
      header: 'Codec',
      weight: 'name',
      cell: (row) => (
        <>
          <code>{row.label}</code>
          {row.isSet && <span className={classes.quiet}> set</span>}
          {row === chosen && <span className={classes.chosen}> chosen</span>}
        </>
      ),
      sortBy: ({ label }) => label,
    },
    {
      id: 'size',
      header: 'Size',
      align: 'end',
      weight: 'figure',
      cell: ({ projectedBytes, errorBytes }) =>
        errorBytes === 0 ? (
          <Bytes value={projectedBytes} />
        ) : (
          <Bytes
            value={projectedBytes}
            approximate={`projected from the sample, within ± ${formatBytes(errorBytes)} (95 % confidence)`}
          />
        ),
      sortBy: ({ projectedBytes }) => projectedBytes,
    },
    {
      id: 'bar',
      header: 'Share',
      headerTitle: 'Of the largest',
      wideOnly: true,
      roomyOnly: true,
      cell: ({ projectedBytes }) => (
        <span className={classes.sizeBar} aria-hidden>
          <span style={{ width: `${(projectedBytes / largest) * 100}%` }} />
        </span>
      ),
    },
    {
      id: 'change',
      header: 'Against now',
      align: 'end',
      cell: ({ change, changeError }) => (
        <span
          data-change={Math.abs(change) < MIN_SHOWN_CHANGE ? 'same' : change < 0 ? 'less' : 'more'}
          className={classes.against}
        >
          {Math.abs(change) < MIN_SHOWN_CHANGE ? '0.0%' : `${change > 0 ? '+' : ''}${formatPercent(change)}`}
          {changeError >= MIN_SHOWN_CHANGE && <span className={classes.quiet}> ±{formatPercent(changeError)}</span>}
        </span>
      ),
      sortBy: ({ change }) => change,
    },
    {
      id: 'decode',
      header: 'Decode',
      headerTitle: 'By Lakeshore’s own reader, on one core',
      align: 'end',
      cell: ({ codec, decodeBytesPerS, slowDecodeBytesPerS }) => (
        <Speed codec={codec} bytesPerSecond={decodeBytesPerS} slowBytesPerS={slowDecodeBytesPerS} />
      ),
      sortBy: ({ decodeBytesPerS }) => decodeBytesPerS,
    },
    {
      id: 'encode',
      header: 'Encode',
      wideOnly: true,
      headerTitle: 'On one core',
      align: 'end',
      cell: ({ codec, encodeBytesPerS, slowEncodeBytesPerS }) => (
        <Speed codec={codec} bytesPerSecond={encodeBytesPerS} slowBytesPerS={slowEncodeBytesPerS} />
      ),
      sortBy: ({ encodeBytesPerS }) => encodeBytesPerS,
    },
  ]
  return (
    <div className={classes.table}>
      <DataTable
        label="Codecs"
        columns={columns}
        rows={rows}
        rowKey={({ label }) => label}
        onOpen={onChoose}
        {...(chosen && { selectedKey: chosen.label })}
        rowHeight={28}
      />
    </div>
  )
}

type SpeedProps = { codec: TrialRow['codec']; bytesPerSecond: number; slowBytesPerS: number | null }

function Speed({ codec, bytesPerSecond, slowBytesPerS }: SpeedProps) {
  // Copying bytes does not measure a codec.
  if (codec === 'uncompressed') return <Unknown reason="nothing to compress" />
  const { text, title } = speedText(bytesPerSecond, slowBytesPerS)
  return <span title={title}>{text}</span>
}
