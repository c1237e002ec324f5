import { formatCount } from '@/lib/format/count'
import { type LabelWidth, labelWidths } from './bar-labels'
import classes from './range-bars.module.css'

type RangeBar = {
  /** The first value of the range, and the first one after it. */
  from: number
  to: number
  count: number
  /** Below the bar. */
  label: string
  /** The range, the count and other figures, on hover. */
  title: string
}

type RangeBarsProps = {
  ranges: readonly RangeBar[]
  /** Accessible name, which says what the chart shows. */
  label: string
  /** In pixels. */
  height: number
  /** A value that is marked by a line if it is a limit of a range (see `isLimit`), and its name. */
  reference?: { value: number; name: string }
}

/** A bar for each range of values, as high as its count. */
export function RangeBars({ ranges, label, height, reference }: RangeBarsProps) {
  const most = Math.max(...ranges.map(({ count }) => count), 1)
  const last = ranges.at(-1)
  const labels = labelWidths(ranges.map((range) => range.label))
  return (
    <div
      className={classes.plot}
      style={{ height }}
      role="img"
      aria-label={label}
      data-reference={(reference && isLimit(ranges, reference.value)) || undefined}
    >
      {ranges.map((range, index) => {
        const side = reference && sideOf(range, reference.value, range === last)
        return (
          <div key={range.from} className={classes.range} title={range.title} data-reference={side}>
            {side && <span className={classes.reference}>{reference.name}</span>}
            <span className={classes.count}>{range.count === 0 ? '' : formatCount(range.count)}</span>
            <span className={classes.bar} style={{ height: `${(range.count / most) * 100}%` }} />
            <Tick label={range.label} widths={labels[index] ?? []} />
          </div>
        )
      })}
    </div>
  )
}

/** Part of the axis below a bar, with the label of the bar at the widths of the plot at which it is whole. */
function Tick({ label, widths }: { label: string; widths: readonly LabelWidth[] }) {
  return (
    <span className={classes.tick}>
      <span data-labelled={widths.join(' ')}>{label}</span>
    </span>
  )
}

/** Whether the value is at an end of a range, where a line can mark it. */
export function isLimit(ranges: readonly Pick<RangeBar, 'from' | 'to'>[], value: number): boolean {
  return ranges.some(({ from, to }) => from === value || to === value)
}

function sideOf({ from, to }: RangeBar, value: number, isLast: boolean): 'start' | 'end' | undefined {
  if (from === value) return 'start'
  return isLast && to === value ? 'end' : undefined
}
