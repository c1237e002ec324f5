'use client'
import { useState } from 'react'
import { ValuePanel } from '@/components/table/rows/detail/value-panel'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import type { Side, SidesOfValue } from './sides-of-value'

/** A nested value of a row that differs, as a tree; of a changed row in both snapshots. */
export function ChangedValuePanel({ sides, row, onClose }: { sides: SidesOfValue; row: number; onClose: () => void }) {
  const [chosen, setChosen] = useState<Side>('after')
  const side = sides[chosen] === undefined ? (chosen === 'after' ? 'before' : 'after') : chosen
  const value = sides[side]
  if (value === undefined) return null
  return (
    <ValuePanel
      key={side}
      value={value}
      row={row}
      onClose={onClose}
      {...(sides.before &&
        sides.after && {
          controls: (
            <SegmentedChoice<Side>
              label="Snapshot"
              value={side}
              options={[
                { value: 'before', label: 'Before' },
                { value: 'after', label: 'After' },
              ]}
              onChange={setChosen}
            />
          ),
        })}
    />
  )
}
