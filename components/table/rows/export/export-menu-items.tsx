'use client'
import { Menu } from '@mantine/core'
import { IconCopy, IconTerminal2 } from '@tabler/icons-react'
import Link from 'next/link'
import { useState } from 'react'
import type { LoadedMenuProps } from '@/components/ui/controls/lazy-menu'
import { paths } from '@/lib/paths/paths'
import type { ExportedRows, ExportedSort } from './exported-rows'
import classes from './export-menu.module.css'
import { FormatMenu } from './format-menu'
import { rowsSql } from './rows-sql'
import { runExport } from './run-export'
import type { RowsExport } from './use-rows-export'

type ItemsProps = LoadedMenuProps & { rows: ExportedRows; rowsExport: RowsExport }

export function ExportMenuItems({ rows, rowsExport, opened, onChange }: ItemsProps) {
  const [copyOutcome, setCopyOutcome] = useState<string | null>(null)
  const { sort } = rows
  const sql = rowsSql(rows)
  const hasColumns = sql !== null
  const copy = () => {
    if (sql === null) return
    const clipboard: Clipboard | undefined = navigator.clipboard
    const refused = () => setCopyOutcome('The browser does not allow copying here.')
    if (clipboard === undefined) return refused()
    clipboard.writeText(sql).then(() => setCopyOutcome('The SQL was copied.'), refused)
  }
  return (
    <FormatMenu
      opened={opened}
      onChange={onChange}
      onClose={() => setCopyOutcome(null)}
      rowsExport={rowsExport}
      rowCount={rows.rowCount}
      isDisabled={!hasColumns}
      note={sort && sortText(sort)}
      onChoose={(format) => rowsExport.start(format.label, (options) => runExport(rows, format, options))}
    >
      <Menu.Divider />
      <Menu.Item
        leftSection={<IconCopy size={15} stroke={1.6} aria-hidden />}
        disabled={!hasColumns}
        closeMenuOnClick={false}
        onClick={copy}
      >
        Copy as SQL
      </Menu.Item>
      {copyOutcome !== null && (
        <p role="status" className={classes.note}>
          {copyOutcome}
        </p>
      )}
      <Menu.Item
        component={Link}
        href={paths.query(sql ?? undefined)}
        prefetch={false}
        disabled={!hasColumns}
        leftSection={<IconTerminal2 size={15} stroke={1.6} aria-hidden />}
      >
        Open in Query
      </Menu.Item>
    </FormatMenu>
  )
}

function sortText({ field, rows }: ExportedSort): string {
  return 'order' in rows ? `Keeps the current sort by ${field.name}.` : `Keeps the order of the files: ${rows.problem}.`
}
