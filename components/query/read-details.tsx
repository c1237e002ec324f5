'use client'
import { Button } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { formatQuantity } from '@/lib/format/count'
import type { ReadDetailsProps } from './read-details-popover'

/** How many tables a result was read from. The popover names them with their snapshots, and the parts of the time. */
export function ReadDetails({ result, ...texts }: ReadDetailsProps) {
  const { tablesRead, historyTables = [] } = result
  const named = new Set(tablesRead.map(({ identifier }) => JSON.stringify(identifier)))
  const tableCount = named.size + historyTables.length
  return (
    <LazyMenu
      popup="dialog"
      button={
        <Button variant="default" rightSection={<IconChevronDown size={13} stroke={1.6} aria-hidden />}>
          {tableCount === 0 ? 'Timing' : formatQuantity(tableCount, 'table')}
        </Button>
      }
      load={loadPopover}
      menuProps={{ result, ...texts }}
    />
  )
}

async function loadPopover() {
  return (await import('./read-details-popover')).ReadDetailsPopover
}
