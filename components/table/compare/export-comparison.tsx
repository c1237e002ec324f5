'use client'
import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { downloadFile } from '@/components/ui/download-file'
import type { ComparisonWorker } from '@/lib/client/comparison/comparison-worker'
import { formatCount } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import type { ShownColumn } from '@/lib/scan/compare/compared-columns'
import type { ChangeFilter } from '@/lib/scan/compare/snapshot-comparison'
import classes from './compare-snapshots.module.css'
import type { ExportFormat } from './comparison-file'

/** The file is built in memory. */
const MAX_EXPORTED_ROWS = 200_000
const READ_ROWS = 1_000

type ExportComparisonProps = {
  name: string
  worker: Pick<ComparisonWorker, 'read'>
  columns: readonly ShownColumn[]
  filter: ChangeFilter
  rowCount: number
}

/** Saves the rows of the chosen kind, with the values of both sides, as a file. */
export function ExportComparison({ name, worker, columns, filter, rowCount }: ExportComparisonProps) {
  const [share, setShare] = useState<number | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const save = async (format: ExportFormat) => {
    setProblem(null)
    setShare(0)
    try {
      const { ComparisonFile } = await import('./comparison-file')
      const file = new ComparisonFile(format, columns)
      for (let from = 0; from < rowCount; from += READ_ROWS) {
        file.add(await worker.read(filter, { from, to: Math.min(rowCount, from + READ_ROWS) }))
        setShare(from / rowCount)
      }
      downloadFile(`${name} comparison.${format}`, file.finish())
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    } finally {
      setShare(null)
    }
  }
  const isTooLarge = rowCount > MAX_EXPORTED_ROWS
  return (
    <>
      {problem !== null && (
        <span role="alert" className={classes.exportProblem} title={problem}>
          The export failed: {problem}
        </span>
      )}
      {isTooLarge || rowCount === 0 ? (
        <Button
          variant="default"
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
      ) : (
        <LazyMenu
          button={
            <Button
              variant="default"
              disabled={share !== null}
              leftSection={<IconDownload size={15} stroke={1.6} aria-hidden />}
            >
              {share === null ? 'Export' : `Exporting, ${formatPercent(share)}`}
            </Button>
          }
          load={loadMenu}
          menuProps={{ onChoose: (format: ExportFormat) => void save(format) }}
        />
      )}
    </>
  )
}

async function loadMenu() {
  return (await import('./export-menu')).ExportMenu
}
