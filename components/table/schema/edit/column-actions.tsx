'use client'
import { ActionIcon } from '@mantine/core'
import { IconArrowBackUp, IconDots } from '@tabler/icons-react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { Tooltip } from '@/components/ui/controls/tooltip'
import type { TreeRow } from '../tree-rows'
import type { ColumnEdits } from './column-edits'

/** The actions on a column; a dropped one can only be restored. */
export function ColumnActions({ row, edits }: { row: TreeRow; edits: ColumnEdits }) {
  const { field, mark, parentId } = row
  if (mark === '−') {
    const isWithinDropped = edits.rows.some((one) => one.fieldId === parentId && one.mark === '−')
    if (isWithinDropped) return null
    return (
      <Tooltip label="Keep the column">
        <ActionIcon aria-label={`Keep ${field.name}`} onClick={() => edits.restorer(row)?.()}>
          <IconArrowBackUp size={14} stroke={1.6} aria-hidden />
        </ActionIcon>
      </Tooltip>
    )
  }
  return (
    <LazyMenu
      button={
        <ActionIcon aria-label={`Actions for ${field.name}`}>
          <IconDots size={15} stroke={1.6} aria-hidden />
        </ActionIcon>
      }
      load={loadItems}
      menuProps={{ row, edits }}
    />
  )
}

async function loadItems() {
  return (await import('./column-menu-items')).ColumnMenuItems
}
