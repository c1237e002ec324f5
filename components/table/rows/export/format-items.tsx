'use client'
import { Menu, Progress } from '@mantine/core'
import { IconFileDownload, IconX } from '@tabler/icons-react'
import type { ExportProgress } from '@/lib/client/rows/export/export-rows'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { EXPORT_FORMATS, type ExportFormat } from './export-formats'
import { outcomeText } from './exported-rows'
import classes from './export-menu.module.css'
import type { RowsExport } from './use-rows-export'

export type FormatItemsProps = {
  /** All formats by default. */
  formats?: readonly ExportFormat[]
  rowsExport: RowsExport
  /** Null while it is not known. */
  rowCount: number | null
  isDisabled?: boolean
  /** Below the formats. */
  note?: string | null
  onChoose: (format: ExportFormat) => void
}

/** The formats; while an export runs, how far it is and how to cancel it. */
export function FormatItems({
  formats = EXPORT_FORMATS,
  rowsExport,
  rowCount,
  isDisabled = false,
  note = null,
  onChoose,
}: FormatItemsProps) {
  const { state, cancel } = rowsExport
  if (state.kind === 'running') {
    const { label, progress } = state
    return (
      <>
        <div className={classes.note}>
          {`${label}: ${progressText(progress, rowCount)}. Leaving the page cancels the export.`}
          <Progress
            mt={6}
            value={rowCount ? Math.min(100, (100 * progress.rowCount) / rowCount) : 100}
            animated={rowCount === null}
            aria-label={`Export as ${label}`}
          />
        </div>
        <Menu.Item leftSection={<IconX size={15} stroke={1.6} aria-hidden />} onClick={cancel}>
          Cancel export
        </Menu.Item>
      </>
    )
  }
  return (
    <>
      {formats.map((format) => (
        <Menu.Item
          key={format.format}
          leftSection={<IconFileDownload size={15} stroke={1.6} aria-hidden />}
          disabled={isDisabled}
          onClick={() => onChoose(format)}
        >
          {format.label}
          <span className={classes.hint}>{format.hint}</span>
        </Menu.Item>
      ))}
      {note !== null && <p className={classes.note}>{note}</p>}
      {state.kind === 'done' && <p className={classes.note}>{outcomeText(state)}</p>}
    </>
  )
}

function progressText({ rowCount, sizeBytes }: ExportProgress, totalCount: number | null): string {
  const rows =
    totalCount === null
      ? formatQuantity(rowCount, 'row')
      : `${formatCount(rowCount)} of ${formatQuantity(totalCount, 'row')}`
  return `${rows}, ${formatBytes(sizeBytes)}`
}
