'use client'
import { Menu } from '@mantine/core'
import {
  IconCopy,
  IconFilter,
  IconFilterOff,
  IconHistory,
  IconLayoutSidebarRightExpand,
  IconTableColumn,
  IconTableRow,
} from '@tabler/icons-react'
import classes from './data-grid.module.css'

const ICON = { size: 15, stroke: 1.6, 'aria-hidden': true } as const

export type CopyChoice = 'cell' | 'row' | 'selection' | 'selection-with-header'

/** The actions on a cell: copies, filters by its value, and the history of its row. Opens at the cell. */
export function CellMenuItems({
  anchor,
  label,
  hasSelection,
  onCopy,
  onFilter,
  onValuePanel,
  onRowHistory,
  onClose,
}: {
  anchor: HTMLElement
  label: string
  /** Whether more than one cell is selected. */
  hasSelection: boolean
  onCopy: (choice: CopyChoice) => void
  /** Shows the rows with the value of the cell, or those without it; undefined without a value to compare with. */
  onFilter: ((isExcluded: boolean) => void) | undefined
  /** Opens the value next to the grid; undefined for a value without members. */
  onValuePanel: (() => void) | undefined
  /** Opens the history of the row; undefined if no value names it. */
  onRowHistory: (() => void) | undefined
  onClose: () => void
}) {
  const rect = anchor.getBoundingClientRect()
  return (
    <Menu opened onChange={(isOpen) => !isOpen && onClose()} position="bottom-start" width={270} returnFocus={false}>
      <Menu.Target>
        <span
          className={classes.menuAnchor}
          style={{ left: rect.left, top: rect.top, width: rect.width, height: rect.height }}
        />
      </Menu.Target>
      <Menu.Dropdown aria-label={label} aria-labelledby={undefined}>
        <Menu.Item leftSection={<IconCopy {...ICON} />} onClick={() => onCopy('cell')}>
          Copy cell
        </Menu.Item>
        <Menu.Item leftSection={<IconTableRow {...ICON} />} onClick={() => onCopy('row')}>
          Copy row
        </Menu.Item>
        <Menu.Item
          leftSection={<IconTableColumn {...ICON} />}
          disabled={!hasSelection}
          onClick={() => onCopy('selection-with-header')}
        >
          Copy selection with column names
        </Menu.Item>
        <Menu.Item leftSection={<IconCopy {...ICON} />} disabled={!hasSelection} onClick={() => onCopy('selection')}>
          Copy selection without them
        </Menu.Item>
        {onFilter && (
          <>
            <Menu.Divider />
            <Menu.Item leftSection={<IconFilter {...ICON} />} onClick={() => onFilter(false)}>
              Filter by this value
            </Menu.Item>
            <Menu.Item leftSection={<IconFilterOff {...ICON} />} onClick={() => onFilter(true)}>
              Exclude this value
            </Menu.Item>
          </>
        )}
        {onValuePanel && (
          <>
            <Menu.Divider />
            <Menu.Item leftSection={<IconLayoutSidebarRightExpand {...ICON} />} onClick={onValuePanel}>
              Open as a tree
            </Menu.Item>
          </>
        )}
        {onRowHistory && (
          <>
            <Menu.Divider />
            <Menu.Item leftSection={<IconHistory {...ICON} />} onClick={onRowHistory}>
              Row history
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
