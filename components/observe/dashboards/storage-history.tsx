'use client'
import { ChartPanel } from '@/components/chart/chart-panel'
import { LazyTimeLines } from '@/components/chart/lazy-charts'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { Compression } from '@/lib/contract/dashboards'
import { formatExactTime } from '@/lib/format/time'

const HEIGHT = 200
const EMPTY_TEXT = 'No snapshots from this period: they have expired, or the tables are newer. Choose another range.'

type History = Compression['history']

/** Plain and stored bytes on one scale from zero. */
export function StorageHistory({ history }: { history: History }) {
  const timeZone = useTimeZone()
  return (
    <ChartPanel
      title="Plain and stored"
      subtitle="live data files of the lake"
      height={HEIGHT}
      fileName="plain-and-stored"
      numbers={{
        rowHeader: 'Time',
        columns: [
          { name: 'Plain', measure: 'bytes' },
          { name: 'Stored', measure: 'bytes' },
        ],
        rows: history.map(({ atMs, plainBytes, storedBytes }) => toChartRow(atMs, [plainBytes, storedBytes], timeZone)),
      }}
    >
      <LazyTimeLines
        label="Plain and stored bytes of the lake over time"
        names={['plain', 'stored']}
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
  const points = history.map(({ atMs, plainBytes, storedBytes }) => ({
    atMs,
    values: [plainBytes === null || !storedBytes ? null : plainBytes / storedBytes],
  }))
  return (
    <ChartPanel
      title="Ratio"
      subtitle="plain to stored; the axis need not start at 0"
      height={HEIGHT}
      fileName="ratio"
      numbers={{
        rowHeader: 'Time',
        columns: [{ name: 'Ratio', measure: 'ratio' }],
        rows: points.map(({ atMs, values }) => toChartRow(atMs, values, timeZone)),
      }}
    >
      <LazyTimeLines
        label="Ratio of plain to stored bytes of the lake over time"
        names={['ratio']}
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

function toChartRow(atMs: number, values: readonly (number | null)[], timeZone: string) {
  return { text: formatExactTime(atMs, timeZone), csv: new Date(atMs).toISOString(), values }
}
