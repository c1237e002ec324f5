'use client'
import { TextInput } from '@mantine/core'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { resourceLabel } from '@/lib/names/resource-name'
import type { ResourceFieldProps } from './resource-field'

/** The field without its lists, in the same size. */
function FieldWithoutLists({ label, isLabelHidden = false, initial = {} }: ResourceFieldProps) {
  return (
    <TextInput
      {...(isLabelHidden ? { 'aria-label': label } : { label })}
      value={initial.catalog === undefined ? '' : resourceLabel(initial)}
      readOnly
      leftSection={<span />}
    />
  )
}

/** A `ResourceField` on a page, which appears before the code of its lists has loaded. */
export const LazyResourceField = lazyComponent(async () => (await import('./resource-field')).ResourceField, {
  loading: FieldWithoutLists,
})
