import { ChartPanel } from '@/components/chart/chart-panel'
import type { ChartMark } from '@/components/chart/event-marks'
import { Mark } from '@/components/chart/mark'
import { StackedBars } from '@/components/chart/stacked-bars'
import type { Compression } from '@/lib/contract/dashboards'
import { formatExactBytes } from '@/lib/format/bytes'
import { formatInUnit, type SharedUnit } from '@/lib/format/shared-unit'
import { sum } from '@/lib/sum'
import classes from './retained-panel.module.css'
import { levelNumbers } from './level-numbers'

const HEIGHT = 122
const DAY_MS = 24 * 60 * 60_000

const PARTS = [
  { key: 'history', label: 'history', colour: 'var(--c3)' },
  { key: 'branches', label: 'branches', colour: 'var(--c2)' },
  { key: 'superseded', label: 'superseded', colour: 'var(--c4)' },
] as const

/** The bytes of live files and those that only snapshots hold, and the latter over time. */
export function RetainedPanel({
  data: { levels, sizes, retainedTables, tableCount },
  unit,
  marks,
}: {
  data: Pick<Compression, 'levels' | 'sizes' | 'retainedTables' | 'tableCount'>
  unit: SharedUnit
  /** The rewrites, after which snapshots hold the files that they replaced. */
  marks: readonly ChartMark[]
}) {
  const retained = levels.at(-1)?.retained ?? null
  if (retained === null) return null
  const parts = [
    { label: 'live', colour: 'var(--c1)', bytes: sizes.storedBytes },
    ...PARTS.map(({ key, label, colour }) => ({ label, colour, bytes: retained[key] })),
  ]
  const all = sum(parts.map(({ bytes }) => bytes))
  return (
    <ChartPanel
      title="Kept"
      subtitle={`${formatInUnit(all, unit)} ${unit.name}, ${retainedTables === tableCount ? 'all that a snapshot holds' : `beyond live in ${retainedTables} of ${tableCount} tables`}`}
      height={HEIGHT + 74}
      fileName="compression-retained"
      numbers={levelNumbers(levels, [
        { name: 'Live', measure: 'bytes', valueOf: ({ storedBytes }) => storedBytes },
        ...PARTS.map(({ key, label }) => ({
          name: `${label.slice(0, 1).toUpperCase()}${label.slice(1)}`,
          measure: 'bytes' as const,
          valueOf: (level: (typeof levels)[number]) => level.retained?.[key] ?? null,
        })),
      ])}
    >
      <dl className={classes.parts}>
        {parts.map(({ label, colour, bytes }) => (
          <div key={label}>
            <dt>
              <Mark colour={colour} /> {label}
            </dt>
            <dd title={formatExactBytes(bytes)}>
              {formatInUnit(bytes, unit)} {unit.name}
            </dd>
          </div>
        ))}
      </dl>
      <div className={classes.bar} aria-hidden>
        {parts.map(({ label, colour, bytes }) => (
          <span key={label} style={{ background: colour, flexGrow: bytes, flexBasis: 0 }} />
        ))}
      </div>
      <p className={classes.axis}>Beyond live</p>
      <StackedBars
        label="Bytes that only snapshots hold, by day"
        series={PARTS}
        stacks={levels.map(({ atMs, retained: there }) => ({
          startMs: atMs,
          values: PARTS.map(({ key }) => there?.[key] ?? 0),
        }))}
        stepMs={DAY_MS}
        timeZone="UTC"
        measure="bytes"
        sumName="Beyond live"
        marks={marks}
        height={HEIGHT}
        emptyText="Snapshots hold nothing beyond the live files."
      />
    </ChartPanel>
  )
}
