'use client'
import { Menu } from '@mantine/core'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { EXPORT_FORMATS, type ExportFormat } from './comparison-file'

const LABELS: Record<ExportFormat, string> = { csv: 'CSV', ndjson: 'NDJSON' }

export function ExportMenu({
  onChoose,
  opened,
  onChange,
}: LoadedMenuProps & { onChoose: (format: ExportFormat) => void }) {
  return (
    <Menu position="bottom-end" opened={opened} onChange={onChange}>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label="Export as" aria-labelledby={undefined}>
        {EXPORT_FORMATS.map((format) => (
          <Menu.Item key={format} onClick={() => onChoose(format)}>
            {LABELS[format]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
