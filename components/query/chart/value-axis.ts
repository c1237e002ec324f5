import { niceTicks } from '@/components/chart/ticks'
import type { ChartKind } from '@/lib/query/result-display'
import { formatCountTick } from '@/lib/format/count'
import type { ChartPoint } from './chart-source'

/** Ticks of the axis of values. It begins at zero, except that of a line, which may be near its values. */
export function valueTicks(kind: ChartKind, points: readonly ChartPoint[]): number[] {
  let [least, greatest] = kind === 'line' ? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] : [0, 0]
  for (const { y } of points) {
    least = Math.min(least, y)
    greatest = Math.max(greatest, y)
  }
  return niceTicks(least, greatest, kind === 'histogram' ? 'count' : 'ratio')
}

/** Says so when an axis does not include zero; null if it does. */
export function axisNote(ticks: readonly number[]): string | null {
  const [first = 0, last = 0] = [ticks[0], ticks.at(-1)]
  if (first > 0) return `vertical axis starts at ${tickFormatter(ticks)(first)}, not at 0`
  return last < 0 ? `vertical axis ends at ${tickFormatter(ticks)(last)}, not at 0` : null
}

/** Short ticks, unless these would be the same for different values. */
export function tickFormatter(ticks: readonly number[]): (value: number) => string {
  const areDistinct = new Set(ticks.map(formatCountTick)).size === ticks.length
  return areDistinct ? formatCountTick : (value) => String(Number(value.toPrecision(12))).replace('-', '−')
}
