'use client'
import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { EXPORT_FORMATS, type ExportFormat } from '@/components/table/rows/export/export-formats'
import { FormatExport } from '@/components/table/rows/export/format-export'
import { useRowsExport } from '@/components/table/rows/export/use-rows-export'
import type { ComparisonWorker } from '@/lib/client/comparison/comparison-worker'
import { formatAll, formatCount } from '@/lib/format/count'
import { loadCode } from '@/lib/load-code'
import type { ShownColumn } from '@/lib/scan/compare/compared-columns'
import type { ChangeFilter } from '@/lib/scan/compare/snapshot-comparison'
import classes from './compare-snapshots.module.css'

/** The file is built in memory. */
const MAX_EXPORTED_ROWS = 200_000

/** The other formats identify a column by field id and cannot hold its two sides. */
const FORMATS = EXPORT_FORMATS.filter(({ format }) => format === 'csv' || format === 'ndjson')

type ExportComparisonProps = {
  name: string
  worker: Pick<ComparisonWorker, 'read'>
  columns: readonly ShownColumn[]
  filter: ChangeFilter
  rowCount: number
}

/** Saves the rows of the chosen kind, with the values of both sides, as a file. */
export function ExportComparison({ name, worker, columns, filter, rowCount }: ExportComparisonProps) {
  const rowsExport = useRowsExport()
  const { state } = rowsExport
  const save = (format: ExportFormat) =>
    rowsExport.start(format.label, async (options) => {
      const { saveComparison } = await loadCode(() => import('./comparison-file'))
      const rows = { columns, rowCount, read: (range: { from: number; to: number }) => worker.read(filter, range) }
      return await saveComparison(name, format, rows, options)
    })
  if (rowCount === 0 || rowCount > MAX_EXPORTED_ROWS)
    return (
      <Button
        variant="default"
        className="icon-when-narrow"
        disabled
        title={
          rowCount === 0
            ? 'There are no rows to export.'
            : `An export has at most ${formatCount(MAX_EXPORTED_ROWS)} rows. Choose one kind of rows.`
        }
        leftSection={<IconDownload size={15} stroke={1.6} aria-hidden />}
      >
        Export
      </Button>
    )
  return (
    <>
      {state.kind === 'failed' && <Failure error={state.error} />}
      <FormatExport
        className="icon-when-narrow"
        heading={formatAll(rowCount, 'row')}
        formats={FORMATS}
        rowsExport={rowsExport}
        rowCount={rowCount}
        onChoose={save}
      />
    </>
  )
}

function Failure({ error }: { error: unknown }) {
  const problem = error instanceof Error ? error.message : String(error)
  return (
    <span role="alert" className={classes.exportProblem} title={problem}>
      The export failed: {problem}
    </span>
  )
}
