'use client'
import { Button } from '@mantine/core'
import { IconSitemap } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useShownTable } from '@/components/table/frame/shown-table'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { usesQuery } from '@/lib/client/table/uses'

/**
 * Lists what uses the table, so that it can be read before a column is changed. If the uses cannot be read, the column
 * *Read by* says why.
 */
export function UsedByButton() {
  const { table } = useShownTable()
  const { data, error } = useQuery(usesQuery(table))
  if (error) return null
  const icon = <IconSitemap size={15} stroke={1.6} aria-hidden />
  if (data === undefined)
    return (
      <Button variant="default" className="icon-when-narrow" leftSection={icon} disabled>
        Used by
      </Button>
    )
  return (
    <LazyMenu
      popup="dialog"
      button={
        <Button variant="default" className="icon-when-narrow" leftSection={icon}>
          Used by
        </Button>
      }
      load={loadPopover}
      menuProps={{ table, column: null, ...data }}
    />
  )
}

async function loadPopover() {
  return (await import('./readers-popover')).ReadersPopover
}
