'use client'
import { ActionIcon } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { type ClipboardEvent, type KeyboardEvent, useMemo } from 'react'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { cellsToCopy } from '@/components/ui/grid/grid-copy'
import { useGridCopy } from '@/components/ui/grid/use-grid-copy'
import { usePause } from '@/components/ui/use-settled'
import { VisibleText } from '@/components/ui/values/visible-text'
import { type PreviewState, useQueryPreview } from '@/lib/client/query/query-preview'
import { useRunningTabs } from '@/lib/client/query/tab-runs'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { QueryPreview as Preview, QueryRequest, TableSample } from '@/lib/query/engine'
import { type PreviewTarget, previewTarget } from '@/lib/query/tables/preview-target'
import { resultTable } from '../result-table'
import tableClasses from '../dense-table.module.css'
import classes from './query-preview.module.css'

/** After the last keystroke. */
const PREVIEW_PAUSE_MS = 500
/** With more columns, every keystroke would draw more than the user sees. */
const MAX_COLUMNS = 50

/**
 * Below the editor: the first rows of the statement at the cursor, or of the common table expression around it, over
 * samples of the tables. Its height does not change while the user types.
 */
export function QueryPreview({ request, onTurnOff }: { request: QueryRequest; onTurnOff: () => void }) {
  const isPaused = useRunningTabs().size > 0
  const { sql, cursor } = request
  const target = useMemo(() => previewTarget(sql, cursor), [sql, cursor])
  const canPreview = target !== null && request.connection !== ''
  const previewed = canPreview ? { ...request, sql: target.sql, cursor: target.cursor } : null
  const state = useQueryPreview(previewed, isPaused, usePause(PREVIEW_PAUSE_MS))
  const { shown, isOutdated } = state
  return (
    <section aria-label="Preview" className={classes.preview}>
      <header className={classes.head}>
        <h2 className="rigid heading">
          Preview
          {target?.commonTable != null && (
            <>
              {' '}
              of <code>{target.commonTable}</code>
            </>
          )}
        </h2>
        <p role="status" className={classes.note}>
          {noteText(state, target, isPaused)}
        </p>
        <Tooltip label="Turn previews off">
          <ActionIcon aria-label="Turn previews off" onClick={onTurnOff} className={classes.close}>
            <IconX size={14} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </header>
      {shown !== null && target !== null && <PreviewRows preview={shown} isOutdated={isOutdated} />}
    </section>
  )
}

/** The source of the rows, or why there are none. */
function noteText(
  { shown, isOutdated, problem }: PreviewState,
  target: PreviewTarget | null,
  isPaused: boolean,
): string {
  if (target === null) return 'Write a query to see its first rows.'
  const earlier = shown === null ? '' : ' The rows are those of an earlier text.'
  if (problem?.code === 'query-failed') return `The text cannot run as it is.${earlier}`
  if (problem !== null) return `${problem.message}${earlier}`
  if (isPaused && (shown === null || isOutdated)) return `Waits for the query that runs.${earlier}`
  if (shown === null || isOutdated) return `Reading…${earlier}`
  return sampleText(shown)
}

function sampleText({ samples, columns }: Preview): string {
  const cut = columns.length > MAX_COLUMNS ? ` The first ${MAX_COLUMNS} of ${formatCount(columns.length)} columns.` : ''
  if (samples.length === 0) return `The query reads no table.${cut}`
  const rows = samples.map(rowsText).join(' and ')
  const isSampled = samples.some(({ isWhole }) => !isWhole)
  return `${isSampled ? `Preview from a sample of ${rows}, not the result.` : `Preview from all rows: ${rows}.`}${cut}`
}

function rowsText({ label, rowCount, isWhole }: TableSample): string {
  if (rowCount === 0 && isWhole) return `none, ${label} is empty`
  return `${formatQuantity(rowCount, 'row')} of ${label}`
}

function PreviewRows({ preview, isOutdated }: { preview: Preview; isOutdated: boolean }) {
  const table = useMemo(() => resultTable({ ...preview, isText: false }), [preview])
  const columns = table.columns.slice(0, MAX_COLUMNS)
  const copying = useGridCopy({ cell: table.cell, readCells: undefined })

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key !== 'a' || !(event.ctrlKey || event.metaKey) || event.altKey) return
    event.preventDefault()
    document.getSelection()?.selectAllChildren(event.currentTarget)
  }
  /** A part of the text is copied as the browser does it, all rows as a grid does it. */
  const onCopy = (event: ClipboardEvent<HTMLElement>) => {
    const selection = document.getSelection()
    const isPart = selection?.isCollapsed === false && selection.anchorNode !== event.currentTarget
    if (isPart || preview.rowCount === 0 || columns.length === 0) return
    event.preventDefault()
    const rows = { firstRow: 0, lastRow: preview.rowCount - 1, firstColumn: 1, lastColumn: columns.length }
    copying.copyInEvent(event, cellsToCopy(columns, rows, { hasHeader: true }))
  }

  return (
    <div
      role="region"
      aria-label="Rows of the preview"
      // A region that scrolls has to be reachable by keyboard.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className={classes.scroll}
      onKeyDown={onKeyDown}
      onCopy={onCopy}
    >
      <table className={`${tableClasses.table} ${classes.table}`} data-outdated={isOutdated || undefined}>
        <thead>
          <tr>
            {columns.map(({ key, name, typeLabel, align }) => (
              <th key={key} scope="col" data-align={align}>
                <VisibleText>{name}</VisibleText> <code className={classes.type}>{typeLabel}</code>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: preview.rowCount }, (_, row) => (
            <tr key={row}>
              {columns.map(({ key, align, mono }) => {
                const cell = table.cell(row, key)
                return (
                  <td
                    key={key}
                    data-align={align}
                    data-kind={cell?.kind}
                    data-mono={mono || undefined}
                    title={cell?.text}
                  >
                    {cell?.text}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {preview.rowCount === 0 && <p className={classes.empty}>No rows.</p>}
      <p className="sr-only" aria-live="polite">
        {copying.announcement}
      </p>
    </div>
  )
}
