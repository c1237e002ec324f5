'use client'
import { SegmentedControl } from '@mantine/core'

/** One of a few, all in sight. `label` names the choice for those who do not see it. */
export function SegmentedChoice<Value extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string
  value: Value
  options: readonly { value: Value; label: string }[]
  onChange: (value: Value) => void
}) {
  return <SegmentedControl<Value> aria-label={label} value={value} data={[...options]} onChange={onChange} />
}
