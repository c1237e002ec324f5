'use client'
import { FormatExport } from '@/components/table/rows/export/format-export'
import { type ExportFormat, RESULT_FORMATS } from '@/components/table/rows/export/export-formats'
import { useRowsExport } from '@/components/table/rows/export/use-rows-export'
import { AppError } from '@/lib/errors'
import { formatAll, formatQuantity } from '@/lib/format/count'
import { loadCode } from '@/lib/load-code'
import classes from './export-menu.module.css'
import type { ExportSource } from './export-result'

/** Saves the rows of a result as a file. Another result, or leaving the page, cancels it. */
export function ExportMenu({
  source,
  isTruncated,
  onProblem,
}: {
  source: ExportSource
  /** The result has only the first rows. */
  isTruncated: boolean
  onProblem: (problem: AppError | null) => void
}) {
  const rowsExport = useRowsExport()
  const save = (format: ExportFormat) => {
    onProblem(null)
    rowsExport.start(format.label, async (options) => {
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
  const { rowCount } = source
  const heading = isTruncated ? `The first ${formatQuantity(rowCount, 'row')}, truncated` : formatAll(rowCount, 'row')
  return (
    <FormatExport
      className={classes.button}
      heading={heading}
      formats={RESULT_FORMATS}
      rowsExport={rowsExport}
      rowCount={rowCount}
      onChoose={save}
    />
  )
}
