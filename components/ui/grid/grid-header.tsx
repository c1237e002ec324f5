'use client'
import { IconArrowDown, IconArrowUp, IconDotsVertical, IconPinned } from '@tabler/icons-react'
import { memo, type ReactNode } from 'react'
import { ShortenedName } from '@/components/ui/values/shortened-name'
import { VisibleText } from '@/components/ui/values/visible-text'
import { visibleText } from '@/lib/format/visible-text'
import { MAX_COLUMN_PX, MIN_COLUMN_PX, type GridSort } from './column-layout'
import classes from './data-grid.module.css'
import { cellId, HEADER_ROW } from './grid-cell'
import type { PlacedColumn } from './use-column-model'

type GridHeaderProps = {
  gridId: string
  heightPx: number
  columnFilter: ((columnKey: string) => ReactNode) | undefined
  placed: readonly PlacedColumn[]
  /** Indices of the columns to draw. */
  drawnColumns: readonly number[]
  stickyCount: number
  rowNumberPx: number
  /** Column of the tab stop, if it is in the header. */
  tabStop: number | null
  sort: GridSort
  /** Whether a click on a header sorts. */
  isSortable: boolean
  /** Where a dragged column would go: before this one. */
  dropIndex: number | null
}

/**
 * The header of a grid. Every column has a menu and a handle that resizes it; the grid handles their events, by
 * `data-menu` and `data-resize`.
 */
export const GridHeader = memo(function GridHeader(props: GridHeaderProps) {
  const { gridId, placed, rowNumberPx, tabStop, sort, dropIndex } = props
  // Less the line below it.
  const cellHeightPx = props.heightPx - 1
  const last = placed.at(-1)
  const dropPx = dropIndex === null ? null : (placed[dropIndex]?.leftPx ?? (last ? last.leftPx + last.width : 0))
  return (
    <div role="row" aria-rowindex={1} className={classes.header} style={{ height: props.heightPx }}>
      <div
        id={cellId(gridId, { row: HEADER_ROW, column: 0 })}
        role="columnheader"
        aria-colindex={1}
        aria-label="Row number"
        tabIndex={tabStop === 0 ? 0 : -1}
        className={classes.numberHeader}
        style={{ width: rowNumberPx, height: cellHeightPx }}
        data-row={HEADER_ROW}
        data-column={0}
      >
        #
      </div>
      {props.drawnColumns.map((i) => {
        const column = placed[i]
        if (column === undefined) return null
        const isSorted = sort?.columnKey === column.key
        const SortIcon = sort?.isDescending ? IconArrowDown : IconArrowUp
        return (
          <div
            key={column.key}
            id={cellId(gridId, { row: HEADER_ROW, column: i + 1 })}
            role="columnheader"
            aria-colindex={i + 2}
            // Without the names of the controls inside.
            aria-label={visibleText(
              [column.name, column.typeLabel, column.noteReason ?? column.note].filter(Boolean).join(' '),
            )}
            aria-haspopup="menu"
            {...(isSorted && { 'aria-sort': sort.isDescending ? 'descending' : 'ascending' })}
            tabIndex={tabStop === i + 1 ? 0 : -1}
            className={classes.columnHeader}
            data-align={column.align}
            data-pinned={column.isPinned || undefined}
            data-sticky={i < props.stickyCount || undefined}
            data-sortable={props.isSortable || undefined}
            style={{ left: rowNumberPx + column.leftPx, width: column.width, height: cellHeightPx }}
            title={visibleText([`${column.name} ${column.typeLabel}`, column.noteReason].filter(Boolean).join('\n'))}
            data-row={HEADER_ROW}
            data-column={i + 1}
          >
            <span className={classes.name} data-fit>
              <span className={classes.nameText}>
                <ShortenedName>{column.name}</ShortenedName>
              </span>
              {column.isPinned && <IconPinned size={12} stroke={1.6} className={classes.mark} aria-hidden />}
              {isSorted && <SortIcon size={12} stroke={1.8} className={classes.mark} aria-hidden />}
            </span>{' '}
            <span className={classes.type} data-fit>
              <code>
                <VisibleText>{column.typeLabel}</VisibleText>
              </code>
              {column.note === undefined ? null : <span className={classes.note}> {column.note}</span>}
            </span>
            <button
              type="button"
              tabIndex={-1}
              className={classes.menuButton}
              aria-label={visibleText(`Options for ${column.name}`)}
              data-menu={i + 1}
            >
              <IconDotsVertical size={14} stroke={1.6} aria-hidden />
            </button>
            {props.columnFilter && <div className={classes.filter}>{props.columnFilter(column.key)}</div>}
            {/* A separator that can be moved is a control. It follows the active header in the tab order. */}
            <div
              role="separator"
              aria-orientation="vertical"
              aria-label={visibleText(`Width of ${column.name}`)}
              aria-valuenow={column.width}
              aria-valuemin={MIN_COLUMN_PX}
              aria-valuemax={MAX_COLUMN_PX}
              tabIndex={tabStop === i + 1 ? 0 : -1}
              className={classes.resize}
              data-resize={i + 1}
            />
          </div>
        )
      })}
      {dropPx !== null && <div className={classes.drop} style={{ left: rowNumberPx + dropPx }} aria-hidden />}
    </div>
  )
})
