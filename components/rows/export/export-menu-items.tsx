'use client'
import { Menu, Progress } from '@mantine/core'
import { IconCopy, IconFileDownload, IconTerminal2, IconX } from '@tabler/icons-react'
import Link from 'next/link'
import { useState } from 'react'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import type { SignedScanPlan } from '@/lib/contract/scan'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { paths } from '@/lib/paths'
import { selectRows, type ShownVersion } from '@/lib/query/select-from-table'
import { outcomeText } from './export-menu'
import classes from './export-menu.module.css'
import { EXPORT_FORMATS, runExport } from './run-export'
import type { RowsExport } from './use-rows-export'

/** The rows as a grid shows them. */
export type ExportedRows = {
  table: TableIdentifier
  shown: ShownVersion
  plan: SignedScanPlan
  /** The shown columns, in order. */
  fields: readonly NestedField[]
  /** Whether these are all columns of the table, in its order. */
  areAllColumns: boolean
  /** Without rows that are known to be deleted. */
  rowCount: number
}

type ItemsProps = LoadedMenuProps & { rows: ExportedRows; rowsExport: RowsExport }

export function ExportMenuItems({ rows, rowsExport, opened, onChange }: ItemsProps) {
  const { state, start, cancel } = rowsExport
  const [copyOutcome, setCopyOutcome] = useState<string | null>(null)
  const { table, shown, fields, areAllColumns } = rows
  const sql = selectRows(table, shown, areAllColumns ? null : fields.map(({ name }) => name))
  const hasColumns = fields.length > 0
  const copy = () => {
    const clipboard: Clipboard | undefined = navigator.clipboard
    const refused = () => setCopyOutcome('The browser does not allow copying here.')
    if (clipboard === undefined) return refused()
    clipboard.writeText(sql).then(() => setCopyOutcome('The SQL was copied.'), refused)
  }
  return (
    <Menu position="bottom-end" width={272} opened={opened} onChange={onChange} onClose={() => setCopyOutcome(null)}>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label="Export" aria-labelledby={undefined}>
        {state.kind === 'running' ? (
          <>
            <RunningNote rows={rows} state={state} />
            <Menu.Item leftSection={<IconX size={15} stroke={1.6} aria-hidden />} onClick={cancel}>
              Cancel export
            </Menu.Item>
          </>
        ) : (
          EXPORT_FORMATS.map((format) => (
            <Menu.Item
              key={format.format}
              leftSection={<IconFileDownload size={15} stroke={1.6} aria-hidden />}
              disabled={!hasColumns}
              onClick={() => start(format.label, (options) => runExport(rows, format, options))}
            >
              {format.label}
              <span className={classes.hint}>{format.hint}</span>
            </Menu.Item>
          ))
        )}
        {state.kind === 'done' && <p className={classes.note}>{outcomeText(state)}</p>}
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
          href={paths.query(sql)}
          prefetch={false}
          disabled={!hasColumns}
          leftSection={<IconTerminal2 size={15} stroke={1.6} aria-hidden />}
        >
          Open in Query
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function RunningNote({
  rows: { rowCount },
  state: { label, progress },
}: {
  rows: ExportedRows
  state: Extract<RowsExport['state'], { kind: 'running' }>
}) {
  return (
    <div className={classes.note}>
      {label}: {formatCount(progress.rowCount)} of {formatQuantity(rowCount, 'row')}, {formatBytes(progress.sizeBytes)}.
      Leaving the page cancels the export.
      <Progress
        mt={6}
        value={rowCount === 0 ? 0 : Math.min(100, (100 * progress.rowCount) / rowCount)}
        aria-label={`Export as ${label}`}
      />
    </div>
  )
}
