'use client'
import { Menu, Progress } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { outcomeText } from '@/components/table/rows/export/exported-rows'
import type { RowsExport } from '@/components/table/rows/export/use-rows-export'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import classes from './export-menu.module.css'
import { EXPORT_FORMATS, type ExportFormat } from './export-result'

const LABELS: Readonly<Record<ExportFormat, string>> = {
  csv: 'CSV, formulas marked',
  ndjson: 'JSON, one row per line',
  parquet: 'Parquet, uncompressed',
  arrow: 'Arrow stream',
}

/** The formats of a file with all rows of a result. */
export function ExportFormats({
  rowCount,
  isCut,
  resultExport: { state, cancel },
  onChoose,
  opened,
  onChange,
}: LoadedMenuProps & {
  rowCount: number
  isCut: boolean
  resultExport: RowsExport
  onChoose: (format: ExportFormat, label: string) => void
}) {
  const rows = formatQuantity(rowCount, 'row')
  return (
    <Menu position="bottom-end" width={240} opened={opened} onChange={onChange}>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label="Export" aria-labelledby={undefined}>
        <Menu.Label>{isCut ? `The first ${rows}, truncated` : `All ${rows}`}</Menu.Label>
        {state.kind === 'running' ? (
          <>
            <div className={classes.note}>
              {`${state.label}: ${formatQuantity(state.progress.rowCount, 'row')}, ${formatBytes(state.progress.sizeBytes)}`}
              <Progress
                mt={6}
                value={Math.min(100, (100 * state.progress.rowCount) / Math.max(1, rowCount))}
                aria-label={`Export as ${state.label}`}
              />
            </div>
            <Menu.Item leftSection={<IconX size={15} stroke={1.6} aria-hidden />} onClick={cancel}>
              Cancel export
            </Menu.Item>
          </>
        ) : (
          EXPORT_FORMATS.map((format) => (
            <Menu.Item key={format} onClick={() => onChoose(format, LABELS[format])}>
              {LABELS[format]}
            </Menu.Item>
          ))
        )}
        {state.kind === 'done' && <p className={classes.note}>{outcomeText(state)}</p>}
      </Menu.Dropdown>
    </Menu>
  )
}
