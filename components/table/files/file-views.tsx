'use client'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { useFileTarget } from './use-file-target'

const OPTIONS = [
  { value: 'list', label: 'List' },
  { value: 'partitions', label: 'Partitions' },
  { value: 'sizes', label: 'Sizes' },
  { value: 'objects', label: 'Storage' },
] as const

/** The files of a snapshot as a list, by partition or by size, and the folders of the table as they are stored. */
export function FileViews() {
  const { target, go } = useFileTarget()
  const { level } = target
  const value = level === 'partitions' || level === 'sizes' || level === 'objects' ? level : 'list'
  return (
    <SegmentedChoice
      label="View of the files"
      value={value}
      options={OPTIONS}
      onChange={(next) => go(next === 'list' ? {} : { level: next })}
    />
  )
}
