'use client'
import { Button } from '@mantine/core'
import { IconColumns3 } from '@tabler/icons-react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { formatQuantity } from '@/lib/format/count'
import type { ColumnPickerProps } from './column-picker-popover'

/** Chooses the columns of the grid and their order. Only visible columns are read. */
export function ColumnPicker(props: ColumnPickerProps) {
  const { fields, layout } = props
  const shownCount = fields.length - new Set(layout.hidden).size
  return (
    <LazyMenu
      popup="dialog"
      button={
        <Button
          variant="default"
          className="icon-when-narrow"
          leftSection={<IconColumns3 size={15} stroke={1.6} aria-hidden />}
        >
          {shownCount === fields.length ? '' : `${shownCount} of `}
          {formatQuantity(fields.length, 'column')}
        </Button>
      }
      load={loadPopover}
      menuProps={{ columns: props }}
    />
  )
}

async function loadPopover() {
  return (await import('./column-picker-popover')).ColumnPickerPopover
}
