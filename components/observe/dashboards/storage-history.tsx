'use client'
import { ChartPanel } from '@/components/chart/chart-panel'
import { lineTicks } from '@/components/chart/ticks'
import { type LinePoint, TimeLines } from '@/components/chart/time-lines'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { Compression } from '@/lib/contract/dashboards'
import { formatQuantity } from '@/lib/format/count'
import { formatExactTime } from '@/lib/format/time'

const HEIGHT = 200
const EMPTY_TEXT = 'No snapshots from this period: they have expired, or the tables are newer. Choose another range.'

type History = Compression['history']

/** The most files that a sum of the history leaves out; null if it is complete. */
function historyGap(history: History): string | null {
  const most = Math.max(0, ...history.map(({ unmeasuredCount }) => unmeasuredCount))
  return most === 0 ? null : `up to ${formatQuantity(most, 'file')} at a time not measured`
}

/** Plain and stored bytes on one scale from zero. */
export function StorageHistory({ history }: { history: History }) {
  const timeZone = useTimeZone()
  const gap = historyGap(history)
  return (
    <ChartPanel
      title="Plain and stored"
      subtitle={gap === null ? 'live data files of the lake' : `at least; ${gap}`}
      height={HEIGHT}
      fileName="plain-and-stored"
      numbers={{
        rowHeader: 'Time',
        columns: [
          { name: gap === null ? 'Plain' : 'Plain, at least', measure: 'bytes' },
          { name: gap === null ? 'Stored' : 'Stored, at least', measure: 'bytes' },
        ],
        rows: history.map(({ atMs, plainBytes, storedBytes }) => toChartRow(atMs, [plainBytes, storedBytes], timeZone)),
      }}
    >
      <TimeLines
        label="Plain and stored bytes of the lake over time"
        names={gap === null ? ['plain', 'stored'] : ['plain ≥', 'stored ≥']}
        colours={['var(--c2)', 'var(--c1)']}
        points={history.map(({ atMs, plainBytes, storedBytes }) => ({ atMs, values: [plainBytes, storedBytes] }))}
        measure="bytes"
        height={HEIGHT}
        emptyText={EMPTY_TEXT}
      />
    </ChartPanel>
  )
}

export function RatioHistory({ history }: { history: History }) {
  const timeZone = useTimeZone()
  const gap = historyGap(history)
  const points = history.map(({ atMs, plainBytes, storedBytes }) => ({
    atMs,
    values: [plainBytes === null || !storedBytes ? null : plainBytes / storedBytes],
  }))
  return (
    <ChartPanel
      title="Ratio"
      subtitle={ratioSubtitle(points, gap)}
      height={HEIGHT}
      fileName="ratio"
      numbers={{
        rowHeader: 'Time',
        columns: [{ name: gap === null ? 'Ratio' : 'Ratio of measured files', measure: 'ratio' }],
        rows: points.map(({ atMs, values }) => toChartRow(atMs, values, timeZone)),
      }}
    >
      <TimeLines
        label="Ratio of plain to stored bytes of the lake over time"
        names={[gap === null ? 'ratio' : 'ratio ≈']}
        colours={['var(--c1)']}
        points={points}
        measure="ratio"
        height={HEIGHT}
        fromZero={false}
        emptyText={EMPTY_TEXT}
      />
    </ChartPanel>
  )
}

/** The axis is mentioned only when it starts above 0, because it then exaggerates changes. */
function ratioSubtitle(points: readonly LinePoint[], gap: string | null): string {
  const values = points.flatMap((point) => point.values.filter((value) => value !== null))
  const [lowest] = lineTicks(values, 'ratio', { fromZero: false })
  const startsAtZero = values.length === 0 || lowest === 0
  const texts = gap === null ? ['plain to stored'] : ['of measured files', gap]
  return [...texts, ...(startsAtZero ? [] : ['the axis does not start at 0'])].join('; ')
}

function toChartRow(atMs: number, values: readonly (number | null)[], timeZone: string) {
  return { text: formatExactTime(atMs, timeZone), csv: new Date(atMs).toISOString(), values }
}
