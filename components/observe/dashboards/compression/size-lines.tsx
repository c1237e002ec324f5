'use client'
import { ChartPanel } from '@/components/chart/chart-panel'
import type { ChartMark } from '@/components/chart/event-marks'
import { TimeLines } from '@/components/chart/time-lines'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { Compression } from '@/lib/contract/dashboards'
import { formatPercent } from '@/lib/format/percent'
import { formatInUnit, type SharedUnit } from '@/lib/format/shared-unit'
import { formatDay } from '@/lib/format/time'
import { growthOf } from './growth'
import { levelNumbers } from './level-numbers'
import { approximately, notReadReason } from './sizes'

const HEIGHT = 196
const NAMES = ['plain', 'encoded', 'stored']
const COLOURS = ['var(--c2)', 'var(--c3)', 'var(--c1)']
const STORED = 2

export const SCALES = ['linear', 'log'] as const
export type Scale = (typeof SCALES)[number]
const SCALE_NAMES = { linear: 'Linear', log: 'Log' } as const

/** Plain, encoded and stored bytes over time, and of how many of them the footers were read. */
export function SizeLines({
  data,
  unit,
  scale,
  onScale,
  marks,
  rangeEndMs,
}: {
  data: Pick<Compression, 'levels' | 'sizes' | 'files'>
  unit: SharedUnit
  scale: Scale
  onScale: (scale: Scale) => void
  marks: readonly ChartMark[]
  /** When the week, month or quarter ends that is shown; null: the range ends now. */
  rangeEndMs: number | null
}) {
  const { levels, sizes } = data
  const last = levels.at(-1)
  const points = levels.map(({ atMs, plainBytes, encodedBytes, storedBytes }) => ({
    atMs,
    values: [plainBytes, encodedBytes, storedBytes].map((bytes) => (bytes === null ? null : bytes / unit.bytes)),
  }))
  const mark = approximately(sizes)
  const growth = growthOf(levels, rangeEndMs)
  const timeZone = useTimeZone()
  return (
    <ChartPanel
      title="Plain, encoded, stored"
      subtitle={`live files, ${unit.name}`}
      height={HEIGHT}
      fileName="compression-sizes"
      numbers={levelNumbers(levels, [
        { name: 'Plain', measure: 'bytes', valueOf: ({ plainBytes }) => plainBytes },
        { name: 'Encoded', measure: 'bytes', valueOf: ({ encodedBytes }) => encodedBytes },
        { name: 'Stored', measure: 'bytes', valueOf: ({ storedBytes }) => storedBytes },
        { name: 'Footers read', measure: 'share', valueOf: ({ readShare }) => readShare },
      ])}
      actions={
        <SegmentedChoice
          label="Scale"
          value={scale}
          onChange={onScale}
          options={SCALES.map((value) => ({ value, label: SCALE_NAMES[value] }))}
        />
      }
    >
      <TimeLines
        label="Plain, encoded and stored bytes by day"
        names={NAMES}
        colours={COLOURS}
        points={points}
        measure="ratio"
        height={HEIGHT}
        isByDay
        isLog={scale === 'log'}
        marks={marks}
        ahead={
          growth && {
            toMs: growth.toMs,
            values: [growth.plainBytes, growth.encodedBytes, growth.storedBytes].map((bytes) => bytes / unit.bytes),
          }
        }
        texts={{
          tick: (value) => value.toLocaleString('en-US'),
          value: (value, line) => `${line === STORED ? '' : mark}${formatInUnit(value * unit.bytes, unit)}`,
        }}
        lane={{
          text: `footers ${last?.readShare == null ? '–' : formatPercent(last.readShare)}`,
          shares: levels.map(({ readShare }) => readShare),
        }}
        emptyText={`No sizes: ${notReadReason(data)}.`}
      />
      {growth && (
        <p className="bare secondary small">
          Dashed: as in the last {growth.dayCount} days, stored ≈ {formatInUnit(growth.storedBytes, unit)} {unit.name}{' '}
          on {formatDay(growth.toMs - 1, timeZone)}.
        </p>
      )}
    </ChartPanel>
  )
}
