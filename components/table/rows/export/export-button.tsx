'use client'
import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import type { ComponentProps } from 'react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { outcomeText } from './exported-rows'
import classes from './export-menu.module.css'
import type { RowsExport } from './use-rows-export'

type ExportButtonProps<Props extends object> = Pick<ComponentProps<typeof LazyMenu<Props>>, 'load' | 'menuProps'> & {
  rowsExport: RowsExport
  className?: string | undefined
}

/** Opens the menu of formats, and announces the saved file. */
export function ExportButton<Props extends object>({
  rowsExport: { state },
  className = classes.button,
  ...menu
}: ExportButtonProps<Props>) {
  return (
    <>
      <LazyMenu
        button={
          <Button
            variant="default"
            className={className ?? ''}
            leftSection={<IconDownload size={15} stroke={1.6} aria-hidden />}
          >
            {state.kind === 'running' ? 'Exporting…' : 'Export'}
          </Button>
        }
        {...menu}
      />
      <span className="sr-only" role="status" aria-label="Export">
        {outcomeText(state)}
      </span>
    </>
  )
}
