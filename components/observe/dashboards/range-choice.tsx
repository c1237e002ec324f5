'use client'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { RANGES, type RangeName } from './span'
import type { TimeSpanChoice } from './use-span'

const CUSTOM = 'own'

/** How far back the charts go. A span selected in a chart appears as another choice. */
export function RangeChoice({ timeSpan, ranges }: { timeSpan: TimeSpanChoice; ranges: readonly RangeName[] }) {
  return (
    <SegmentedChoice<RangeName | typeof CUSTOM>
      label="Time range"
      value={timeSpan.range ?? CUSTOM}
      onChange={(range) => {
        if (range !== CUSTOM) timeSpan.choose(range)
      }}
      options={[
        ...ranges.map((range) => ({ value: range, label: RANGES[range].label })),
        ...(timeSpan.range === null ? [{ value: CUSTOM as typeof CUSTOM, label: 'Selected' }] : []),
      ]}
    />
  )
}
