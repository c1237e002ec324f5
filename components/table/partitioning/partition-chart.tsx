'use client'
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react'
import { ChartPanel } from '@/components/chart/chart-panel'
import { formatTick } from '@/components/chart/format-measure'
import { niceTicks } from '@/components/chart/ticks'
import type { SimulatedLayout } from '@/lib/contract/table/layout'
import { formatCount, formatQuantity } from '@/lib/format/count'
import classes from './partition-chart.module.css'

const HEIGHT = 220
/** More labels than this have no room below their bars. */
const MAX_LABELS = 6

type Listed = SimulatedLayout['listed'][number]

/**
 * The rows of each partition of a layout, against an even distribution, and the reasons against the layout. The table
 * behind it has the numbers and their limits.
 *
 * @param props.rowCount rows of the table
 * @param props.warnings sentences against the layout
 * @param props.doubts why its limits are not exact
 */
export function PartitionChart({
  layout,
  rowCount,
  warnings,
  doubts,
}: {
  layout: SimulatedLayout
  rowCount: number
  warnings: readonly string[]
  doubts: readonly string[]
}) {
  const { listed } = layout
  return (
    <ChartPanel
      title="Rows per partition"
      subtitle={`${layout.label === '' ? 'unpartitioned' : layout.label}${
        layout.isListComplete ? '' : `, the ${formatQuantity(listed.length, 'largest', 'largest')}`
      }`}
      height={HEIGHT + 24}
      fileName="rows-per-partition"
      numbers={{
        rowHeader: 'Partition',
        columns: [
          { name: 'Rows', measure: 'count' },
          { name: 'At least', measure: 'count' },
          { name: 'At most', measure: 'count' },
        ],
        rows: listed.map(({ label, rows }) => ({
          text: partitionName(label),
          csv: partitionName(label),
          values: [rows.low === rows.high ? rows.low : rows.estimate, rows.low, rows.high],
        })),
      }}
    >
      <Bars layout={layout} evenRows={evenRows(layout, rowCount)} />
      {warnings.length + doubts.length > 0 && (
        <ul className={classes.reasons}>
          {warnings.map((text) => (
            <li key={text} data-warning>
              <IconAlertTriangle size={14} stroke={1.6} aria-label="Warning:" />
              <span>{text}</span>
            </li>
          ))}
          {doubts.map((text) => (
            <li key={text}>
              <IconInfoCircle size={14} stroke={1.6} aria-hidden />
              <span>{text}</span>
            </li>
          ))}
        </ul>
      )}
    </ChartPanel>
  )
}

/** Rows of each partition if all had the same; null with one partition, or if their number is unknown. */
function evenRows({ partitions: { low, estimate, high } }: SimulatedLayout, rowCount: number): number | null {
  const count = low === high ? low : estimate
  return count === null || count <= 1 ? null : rowCount / count
}

function Bars({ layout: { listed }, evenRows: even }: { layout: SimulatedLayout; evenRows: number | null }) {
  const ticks = niceTicks(0, Math.max(even ?? 0, ...listed.map(({ rows }) => rows.high)), 'count')
  const most = ticks.at(-1) ?? 1
  const heightOf = (rows: number) => `${(rows / most) * 100}%`
  const labels = listed.map(({ label }) => shortLabel(label))
  const areAllLabelled = labels.length <= MAX_LABELS
  return (
    <div
      className={classes.chart}
      role="img"
      aria-label={`Rows of ${formatQuantity(listed.length, 'partition')}. The table has the numbers.`}
    >
      <div className={classes.plot} style={{ height: HEIGHT }}>
        {ticks.map((tick) => (
          <span key={tick} className={classes.tick} style={{ bottom: heightOf(tick) }}>
            <span>{formatTick('count', tick)}</span>
          </span>
        ))}
        <div className={classes.bars} data-dense={listed.length > 60 || undefined}>
          {listed.map((partition, i) => (
            <span key={i} className={classes.bar} title={barTitle(partition)}>
              <span className={classes.range} style={{ height: heightOf(partition.rows.high) }} />
              <span style={{ height: heightOf(partition.rows.estimate ?? partition.rows.low) }} />
            </span>
          ))}
        </div>
        {even !== null && (
          <span
            className={classes.even}
            style={{ bottom: heightOf(even) }}
            title={`${formatCount(Math.round(even))} rows`}
          >
            <span>even</span>
          </span>
        )}
      </div>
      <div className={classes.labels} data-all={areAllLabelled || undefined}>
        {(areAllLabelled ? labels : [labels[0], labels.at(-1)]).map((label, i) => (
          <span key={i} className={areAllLabelled ? classes.wrapped : 'truncate'} title={label}>
            {label}
          </span>
        ))}
      </div>
    </div>
  )
}

function partitionName(label: string): string {
  return label === '' ? 'all rows' : label
}

/** The value alone if the partition has one field, whose name the panel has. */
function shortLabel(label: string): string {
  return label.includes('/') ? label : partitionName(label.slice(label.indexOf('=') + 1))
}

function barTitle({ label, rows: { low, estimate, high } }: Listed): string {
  const name = partitionName(label)
  if (low === high) return `${name}: ${formatQuantity(low, 'row')}`
  const limits = `${formatCount(low)} to ${formatCount(high)} rows`
  return estimate === null ? `${name}: ${limits}` : `${name}: ≈ ${formatCount(estimate)}, ${limits}`
}
