'use client'
import { SegmentedChoice } from '@/components/ui/segmented-choice'
import { RANGES, type RangeName } from './span'
import type { ChosenSpan } from './use-span'

const OWN = 'own'

/** How far back the charts go. A span chosen by dragging over a chart shows as one more choice. */
export function RangeChoice({ chosen, ranges }: { chosen: ChosenSpan; ranges: readonly RangeName[] }) {
  return (
    <SegmentedChoice<RangeName | typeof OWN>
      label="Range of time"
      value={chosen.range ?? OWN}
      onChange={(range) => {
        if (range !== OWN) chosen.choose(range)
      }}
      options={[
        ...ranges.map((range) => ({ value: range, label: RANGES[range].label })),
        ...(chosen.range === null ? [{ value: OWN as typeof OWN, label: 'Selected' }] : []),
      ]}
    />
  )
}
