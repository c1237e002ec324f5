'use client'
import { Menu, Progress } from '@mantine/core'
import { IconCopy, IconFileDownload, IconTerminal2, IconX } from '@tabler/icons-react'
import Link from 'next/link'
import { useState } from 'react'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import type { ExportProgress } from '@/lib/client/rows/export/export-rows'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import { type ExportedRows, type ExportedSort, outcomeText } from './exported-rows'
import classes from './export-menu.module.css'
import { rowsSql } from './rows-sql'
import { EXPORT_FORMATS, runExport } from './run-export'
import type { RowsExport } from './use-rows-export'

type ItemsProps = LoadedMenuProps & { rows: ExportedRows; rowsExport: RowsExport }

export function ExportMenuItems({ rows, rowsExport, opened, onChange }: ItemsProps) {
  const { state, start, cancel } = rowsExport
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
        {sort && state.kind !== 'running' && <p className={classes.note}>{sortText(sort)}</p>}
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
          href={paths.query(sql ?? undefined)}
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

function sortText({ field, rows }: ExportedSort): string {
  return 'order' in rows
    ? `The rows are saved as they are sorted, by ${field.name}.`
    : `The rows are saved in the order of their files: ${rows.problem}.`
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
      {`${label}: ${progressText(progress, rowCount)}. Leaving the page cancels the export.`}
      <Progress
        mt={6}
        value={rowCount ? Math.min(100, (100 * progress.rowCount) / rowCount) : 100}
        animated={rowCount === null}
        aria-label={`Export as ${label}`}
      />
    </div>
  )
}

function progressText({ rowCount, sizeBytes }: ExportProgress, totalCount: number | null): string {
  const rows =
    totalCount === null
      ? formatQuantity(rowCount, 'row')
      : `${formatCount(rowCount)} of ${formatQuantity(totalCount, 'row')}`
  return `${rows}, ${formatBytes(sizeBytes)}`
}
