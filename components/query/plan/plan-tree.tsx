'use client'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import type { PlanOperator, PlanScan } from '@/lib/query/query-plan'
import tableClasses from '../dense-table.module.css'
import classes from './plan-tree.module.css'
import { parentKeyOf, type PlanRow, visibleRows } from './plan-rows'

/** Deeper operators are not indented further. */
const MAX_INDENTED_LEVELS = 16
const INDENT_PX = 16
const NONE: ReadonlySet<string> = new Set()

/**
 * The operators of a plan, each above its inputs. Arrow keys walk through them: up and down between lines, right and
 * left into an operator and out of it.
 */
export function PlanTree({ plan }: { plan: readonly PlanOperator[] }) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const [activeKey, setActiveKey] = useState('0')
  const element = useRef<HTMLTableElement>(null)
  const rows = useMemo(() => visibleRows(plan, closed), [plan, closed])
  const isAnalyzed = rows.some(({ operator }) => operator.actualRows !== null)
  const hasUnknown = useMemo(
    () => visibleRows(plan, NONE).some(({ operator }) => operator.estimatedRows === null),
    [plan],
  )
  // The line with the focus may be in an operator that was closed.
  const active = rows.find(({ key }) => key === activeKey) ?? rows[0]

  const toggle = (row: PlanRow, isOpen: boolean) => {
    const next = new Set(closed)
    if (isOpen) next.delete(row.key)
    else next.add(row.key)
    setClosed(next)
  }
  const focus = (key: string | undefined) => {
    if (key === undefined) return
    setActiveKey(key)
    element.current?.querySelector<HTMLElement>(`[data-key="${key}"]`)?.focus()
  }
  const onKeyDown = (event: KeyboardEvent, row: PlanRow) => {
    const at = rows.indexOf(row)
    const moves: Record<string, () => void> = {
      ArrowDown: () => focus(rows[at + 1]?.key),
      ArrowUp: () => focus(rows[at - 1]?.key),
      Home: () => focus(rows[0]?.key),
      End: () => focus(rows.at(-1)?.key),
      ArrowRight: () => (row.isOpen === false ? toggle(row, true) : row.isOpen && focus(rows[at + 1]?.key)),
      ArrowLeft: () => (row.isOpen === true ? toggle(row, false) : focus(parentKeyOf(row.key))),
    }
    const move = moves[event.key]
    if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    move()
  }

  return (
    <div className={classes.scroll}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role -- as ARIA draws it */}
      <table ref={element} role="treegrid" aria-label="Plan" className={`${tableClasses.table} ${classes.table}`}>
        <thead>
          <tr>
            <th scope="col">Operator</th>
            <th scope="col">Details</th>
            <th scope="col" className={classes.number}>
              Estimated rows
            </th>
            {isAnalyzed && (
              <>
                <th scope="col" className={classes.number}>
                  Rows
                </th>
                <th scope="col" className={classes.number}>
                  Time
                </th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <OperatorRow
              key={row.key}
              row={row}
              isAnalyzed={isAnalyzed}
              isActive={row === active}
              onToggle={() => row.isOpen !== undefined && toggle(row, !row.isOpen)}
              onFocus={() => setActiveKey(row.key)}
              onKeyDown={(event) => onKeyDown(event, row)}
            />
          ))}
        </tbody>
      </table>
      {!isAnalyzed && hasUnknown && (
        <p className={classes.note}>
          Rows are estimated only from the numbers of rows in the files: a plan reads no rows, so it has no statistics
          of columns. <strong>Explain and run</strong> counts the rows of every operator.
        </p>
      )}
    </div>
  )
}

function OperatorRow({
  row: { key, level, position, setSize, isOpen, operator },
  isAnalyzed,
  isActive,
  onToggle,
  onFocus,
  onKeyDown,
}: {
  row: PlanRow
  isAnalyzed: boolean
  isActive: boolean
  onToggle: () => void
  onFocus: () => void
  onKeyDown: (event: KeyboardEvent) => void
}) {
  const { name, details, scan, estimatedRows, actualRows, timeMs } = operator
  const Chevron = isOpen === true ? IconChevronDown : IconChevronRight
  return (
    <tr
      aria-level={level + 1}
      aria-posinset={position}
      aria-setsize={setSize}
      {...(isOpen !== undefined && { 'aria-expanded': isOpen })}
      tabIndex={isActive ? 0 : -1}
      data-key={key}
      onFocus={onFocus}
      onClick={onToggle}
      onKeyDown={onKeyDown}
    >
      <td>
        <span className="inline-row gap-6" style={{ paddingLeft: Math.min(level, MAX_INDENTED_LEVELS) * INDENT_PX }}>
          <span className={classes.chevron}>
            {isOpen !== undefined && <Chevron size={13} stroke={1.6} aria-hidden />}
          </span>
          <code>{name}</code>
          {scan !== null && <span className="medium">{scan.label}</span>}
        </span>
      </td>
      <td className={classes.details}>
        {scan !== null && <p className="secondary">{scanText(scan)}</p>}
        {scan?.filter != null && (
          <p>
            <span className="quiet">Pushed filter</span> <code>{scan.filter}</code>
          </p>
        )}
        {details.map(({ label, text }) => (
          <p key={label}>
            <span className="quiet">{label}</span> <code>{text}</code>
          </p>
        ))}
      </td>
      <td className={classes.number}>{estimatedRows === null ? '–' : `≈ ${formatCount(estimatedRows)}`}</td>
      {isAnalyzed && (
        <>
          <td className={classes.number}>{actualRows === null ? '–' : formatCount(actualRows)}</td>
          <td className={classes.number}>{timeMs === null ? '–' : formatDuration(timeMs)}</td>
        </>
      )}
    </tr>
  )
}

/** The amount that the scan reads of the table at its snapshot. */
function scanText({ fileCount, tableFileCount, fileBytes, rowCount, columnCount }: PlanScan): string {
  const bytes = fileBytes === null ? '' : `, ${formatBytes(fileBytes)}`
  const columns = `${formatQuantity(columnCount, 'column')} in the table`
  // A metadata table has no files.
  if (tableFileCount === 0) return `${formatQuantity(rowCount, 'row')}, ${columns}`
  const files = `${formatCount(fileCount)} of ${formatQuantity(tableFileCount, 'file')}${bytes}`
  return `${files}, ${formatQuantity(rowCount, 'row')}${fileCount < tableFileCount ? ' in them' : ''}, ${columns}`
}
