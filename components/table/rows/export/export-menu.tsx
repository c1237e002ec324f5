'use client'
import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { type ExportedRows, outcomeText } from './exported-rows'
import classes from './export-menu.module.css'
import type { RowsExport } from './use-rows-export'

/** Saves the rows as a file, or takes the SQL that selects them. */
export function ExportMenu({ rows, rowsExport }: { rows: ExportedRows; rowsExport: RowsExport }) {
  const { state } = rowsExport
  return (
    <>
      <LazyMenu
        button={
          <Button
            variant="default"
            className={classes.button ?? ''}
            leftSection={<IconDownload size={15} stroke={1.6} aria-hidden />}
          >
            {state.kind === 'running' ? 'Exporting…' : 'Export'}
          </Button>
        }
        load={loadItems}
        menuProps={{ rows, rowsExport }}
      />
      <span className="sr-only" role="status">
        {outcomeText(state)}
      </span>
    </>
  )
}

async function loadItems() {
  return (await import('./export-menu-items')).ExportMenuItems
}
