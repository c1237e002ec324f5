'use client'
import { Menu } from '@mantine/core'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { formatQuantity } from '@/lib/format/count'
import { EXPORT_FORMATS, type ExportFormat } from './export-result'

const LABELS: Readonly<Record<ExportFormat, string>> = {
  csv: 'CSV, formulas marked',
  ndjson: 'JSON, one row per line',
  arrow: 'Arrow stream',
}

/** The formats of a file with all rows of a result. */
export function ExportFormats({
  rowCount,
  isCut,
  onChoose,
  opened,
  onChange,
}: LoadedMenuProps & { rowCount: number; isCut: boolean; onChoose: (format: ExportFormat) => void }) {
  const rows = formatQuantity(rowCount, 'row')
  return (
    <Menu position="bottom-end" width={240} opened={opened} onChange={onChange}>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label="Export" aria-labelledby={undefined}>
        <Menu.Label>{isCut ? `The first ${rows}, truncated` : `All ${rows}`}</Menu.Label>
        {EXPORT_FORMATS.map((format) => (
          <Menu.Item key={format} onClick={() => onChoose(format)}>
            {LABELS[format]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
