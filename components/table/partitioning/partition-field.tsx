'use client'
import { ActionIcon } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { EditField } from '@/components/table/schema/edit/edit-field'
import type { LayoutCandidate, SourceColumn } from '@/lib/layout/offered-transforms'
import { FieldPicker } from './field-picker'
import classes from './layout-fields.module.css'

type PartitionFieldProps = {
  field: LayoutCandidate[number] & { name: string }
  columns: readonly SourceColumn[]
  /** Whether a spec that exists gets it. */
  isAdded?: boolean
  onPick: (next: LayoutCandidate[number]) => void
  /** Returns why the name cannot be taken, or null. */
  onRename: (name: string) => string | null
  onRemove: () => void
}

/** A new field of a partition spec: column, transform and name. */
export function PartitionField({ field, columns, isAdded = false, onPick, onRename, onRemove }: PartitionFieldProps) {
  return (
    <li className={classes.field} data-added={isAdded || undefined}>
      <FieldPicker columns={columns} label={`the partition field ${field.name}`} value={field} onChange={onPick} />
      <div className={classes.name}>
        <EditField
          label={`Name of the partition field ${field.name}`}
          value={field.name}
          isMono
          onCommit={onRename}
          onClose={() => undefined}
        />
      </div>
      <span className={classes.buttons}>
        <ActionIcon variant="subtle" aria-label={`Remove ${field.name}`} onClick={onRemove}>
          <IconX size={15} stroke={1.6} />
        </ActionIcon>
      </span>
    </li>
  )
}
