'use client'
import { ActionIcon, Popover } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { useValueZone } from '@/components/ui/values/use-time-zone'
import { VisibleText } from '@/components/ui/values/visible-text'
import { formatCount } from '@/lib/format/count'
import { visibleText } from '@/lib/format/visible-text'
import type { Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import classes from './opened-value.module.css'
import { memberCopyText } from './value-members'
import { ValueTree } from './value-tree'

export type OpenedCell = {
  name: string
  type: Type
  value: RowValue
  /** From 0. */
  row: number
  /** The cell, which gets the focus back. */
  anchor: HTMLElement
}

/** A nested value as a tree, in a popover at its cell. `footer` shows where the row comes from. */
export function OpenedValue({ cell, footer, onClose }: { cell: OpenedCell; footer?: ReactNode; onClose: () => void }) {
  const timeZone = useValueZone()
  const { name, type, value, row, anchor } = cell
  const anchorRect = anchor.getBoundingClientRect()
  const close = () => {
    onClose()
    anchor.focus({ preventScroll: true })
  }
  return (
    <Popover
      opened
      onChange={(isOpen) => !isOpen && close()}
      width={360}
      position="bottom-start"
      trapFocus
      withRoles={false}
    >
      <Popover.Target>
        <span
          className={classes.anchor}
          style={{ left: anchorRect.left, top: anchorRect.top, width: anchorRect.width, height: anchorRect.height }}
        />
      </Popover.Target>
      <Popover.Dropdown
        className={classes.dropdown}
        role="dialog"
        // Labelled here, because the anchor has no text.
        aria-label={`${visibleText(name)} of row ${formatCount(row + 1)}`}
      >
        <header className={classes.head}>
          <strong>
            <VisibleText>{name}</VisibleText>
          </strong>
          <span className={classes.row}>row {formatCount(row + 1)}</span>
          <span className={classes.actions}>
            <CopyButton value={() => memberCopyText({ type, value }, timeZone)} label="value as JSON" />
            <ActionIcon aria-label="Close" onClick={close}>
              <IconX size={14} stroke={1.6} aria-hidden />
            </ActionIcon>
          </span>
        </header>
        <div className={classes.tree}>
          <ValueTree name={name} type={type} value={value} />
        </div>
        {footer !== undefined && <footer className={classes.foot}>{footer}</footer>}
      </Popover.Dropdown>
    </Popover>
  )
}
