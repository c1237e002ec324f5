'use client'
import { Button } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import type { QueryResult } from '@/lib/query/engine'
import { formatQuantity } from '@/lib/format/count'

export type ReadDetailsProps = {
  result: Pick<QueryResult, 'tablesRead' | 'viewsRead' | 'timing'>
  /** The cost, as in the bar, which may cut it. */
  costText: string
  /** IANA name of the zone of the shown times. */
  timeZone: string
}

/** How many tables a result was read from. The popover names them with their snapshots, and the parts of the time. */
export function ReadDetails({ result, costText, timeZone }: ReadDetailsProps) {
  const tableCount = new Set(result.tablesRead.map(({ identifier }) => JSON.stringify(identifier))).size
  return (
    <LazyMenu
      popup="dialog"
      button={
        <Button variant="default" rightSection={<IconChevronDown size={13} stroke={1.6} aria-hidden />}>
          {tableCount === 0 ? 'Timing' : formatQuantity(tableCount, 'table')}
        </Button>
      }
      load={loadPopover}
      menuProps={{ result, costText, timeZone }}
    />
  )
}

async function loadPopover() {
  return (await import('./read-details-popover')).ReadDetailsPopover
}
