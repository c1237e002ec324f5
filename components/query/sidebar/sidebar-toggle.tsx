'use client'
import { ActionIcon } from '@mantine/core'
import { IconListTree } from '@tabler/icons-react'
import { Tooltip } from '@/components/ui/controls/tooltip'

/** One button for the sidebar of wide pages and the sheet of others. */
export function SidebarToggle({ onToggle }: { onToggle: () => void }) {
  return (
    <Tooltip label="Tables">
      <ActionIcon aria-label="Show or hide the list of tables" onClick={onToggle}>
        <IconListTree size={16} stroke={1.6} aria-hidden />
      </ActionIcon>
    </Tooltip>
  )
}
