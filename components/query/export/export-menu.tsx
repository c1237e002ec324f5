'use client'
import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { outcomeText } from '@/components/table/rows/export/exported-rows'
import { useRowsExport } from '@/components/table/rows/export/use-rows-export'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { loadCode } from '@/lib/load-code'
import { AppError } from '@/lib/errors'
import classes from './export-menu.module.css'
import type { ExportFormat, ExportSource } from './export-result'

/** Saves the rows of a result as a file. Another result, or leaving the page, cancels it. */
export function ExportMenu({
  source,
  isCut,
  onProblem,
}: {
  source: ExportSource
  /** The result has only the first rows. */
  isCut: boolean
  onProblem: (problem: AppError | null) => void
}) {
  const resultExport = useRowsExport()
  const { state } = resultExport
  const save = (format: ExportFormat, label: string) => {
    onProblem(null)
    resultExport.start(label, async (options) => {
      try {
        const { saveResult } = await loadCode(() => import('./export-result'))
        return await saveResult(format, source, options)
      } catch (error) {
        if (!options.signal.aborted)
          onProblem(error instanceof AppError ? error : new AppError('internal', String(error), { cause: error }))
        return null
      }
    })
  }
  return (
    <>
      <LazyMenu
        button={
          <Button
            variant="default"
            leftSection={<IconDownload size={15} stroke={1.6} aria-hidden />}
            className={classes.button}
          >
            {state.kind === 'running' ? 'Exporting…' : 'Export'}
          </Button>
        }
        load={loadFormats}
        menuProps={{ rowCount: source.rowCount, isCut, resultExport, onChoose: save }}
      />
      <span className="sr-only" role="status" aria-label="Export">
        {outcomeText(state)}
      </span>
    </>
  )
}

async function loadFormats() {
  return (await import('./export-formats')).ExportFormats
}
