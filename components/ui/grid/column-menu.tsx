'use client'
import { Menu } from '@mantine/core'
import {
  IconArrowDown,
  IconArrowLeft,
  IconArrowRight,
  IconArrowsHorizontal,
  IconArrowUp,
  IconChartHistogram,
  IconEyeOff,
  IconFilter,
  IconPinned,
  IconPinnedOff,
  IconX,
} from '@tabler/icons-react'
import type { GridSort } from './column-layout'
import classes from './data-grid.module.css'
import type { PlacedColumn } from './use-column-model'

const ICON = { size: 15, stroke: 1.6, 'aria-hidden': true } as const

/** The actions on a column: sort, pin, move, fit and hide it. Opens at the column's header. */
export function ColumnMenu({
  anchor,
  column,
  canMoveLeft,
  canMoveRight,
  sort,
  onSort,
  sortProblem,
  onProfile,
  onFilter,
  onPin,
  onMove,
  onFit,
  onHide,
  onClose,
}: {
  anchor: HTMLElement
  column: PlacedColumn
  canMoveLeft: boolean
  canMoveRight: boolean
  sort: GridSort
  /** Sorts in a direction, or no longer with null. Undefined for a grid that cannot be sorted. */
  onSort: ((isDescending: boolean | null) => void) | undefined
  /** Why the column cannot be sorted. */
  sortProblem: string | undefined
  /** Shows a summary of the column. Undefined for a grid without one. */
  onProfile: (() => void) | undefined
  /** Undefined for a grid that cannot be filtered. */
  onFilter: (() => void) | undefined
  onPin: () => void
  /** By one column. */
  onMove: (step: -1 | 1) => void
  onFit: () => void
  onHide: () => void
  onClose: () => void
}) {
  const rect = anchor.getBoundingClientRect()
  const isSorted = sort?.columnKey === column.key
  return (
    <Menu opened onChange={(isOpen) => !isOpen && onClose()} position="bottom-end" width={210} returnFocus={false}>
      <Menu.Target>
        <span
          className={classes.menuAnchor}
          style={{ left: rect.left, top: rect.top, width: rect.width, height: rect.height }}
        />
      </Menu.Target>
      <Menu.Dropdown aria-label={`Options for ${column.name}`} aria-labelledby={undefined}>
        {onSort && (
          <>
            <Menu.Item
              leftSection={<IconArrowUp {...ICON} />}
              disabled={sortProblem !== undefined}
              onClick={() => onSort(false)}
            >
              Sort ascending
            </Menu.Item>
            <Menu.Item
              leftSection={<IconArrowDown {...ICON} />}
              disabled={sortProblem !== undefined}
              onClick={() => onSort(true)}
            >
              Sort descending
            </Menu.Item>
            {isSorted && (
              <Menu.Item leftSection={<IconX {...ICON} />} onClick={() => onSort(null)}>
                Clear sort
              </Menu.Item>
            )}
            {sortProblem !== undefined && <Menu.Label>{sortProblem}</Menu.Label>}
            <Menu.Divider />
          </>
        )}
        {onFilter && (
          <Menu.Item leftSection={<IconFilter {...ICON} />} onClick={onFilter}>
            Filter by this column…
          </Menu.Item>
        )}
        {onProfile && (
          <Menu.Item leftSection={<IconChartHistogram {...ICON} />} onClick={onProfile}>
            Profile column
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={column.isPinned ? <IconPinnedOff {...ICON} /> : <IconPinned {...ICON} />}
          onClick={onPin}
        >
          {column.isPinned ? 'Unpin' : 'Pin to the left'}
        </Menu.Item>
        <Menu.Item leftSection={<IconArrowLeft {...ICON} />} disabled={!canMoveLeft} onClick={() => onMove(-1)}>
          Move left
        </Menu.Item>
        <Menu.Item leftSection={<IconArrowRight {...ICON} />} disabled={!canMoveRight} onClick={() => onMove(1)}>
          Move right
        </Menu.Item>
        <Menu.Item leftSection={<IconArrowsHorizontal {...ICON} />} onClick={onFit}>
          Fit width to content
        </Menu.Item>
        <Menu.Item leftSection={<IconEyeOff {...ICON} />} onClick={onHide}>
          Hide column
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
