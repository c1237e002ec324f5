'use client'
import { SegmentedControl } from '@mantine/core'

/** A choice between a few options that are all visible. `label` is its accessible name. */
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
