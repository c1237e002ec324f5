'use client'
import { Menu } from '@mantine/core'
import { IconCopy, IconTableColumn, IconTableRow } from '@tabler/icons-react'
import classes from './data-grid.module.css'

const ICON = { size: 15, stroke: 1.6, 'aria-hidden': true } as const

export type CopyChoice = 'cell' | 'row' | 'selection' | 'selection-with-header'

/** What can be copied at a cell. Opens at the cell. */
export function CellMenuItems({
  anchor,
  label,
  hasSelection,
  onCopy,
  onClose,
}: {
  anchor: HTMLElement
  label: string
  /** Whether more than one cell is selected. */
  hasSelection: boolean
  onCopy: (choice: CopyChoice) => void
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
      </Menu.Dropdown>
    </Menu>
  )
}
