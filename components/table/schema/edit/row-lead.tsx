'use client'
import { ActionIcon, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight, IconDots, IconGripVertical } from '@tabler/icons-react'
import { formatQuantity } from '@/lib/format/count'
import { childFields } from '@/lib/iceberg/schema/child-fields'
import type { TreeRow } from '../tree-rows'
import type { ColumnEdits } from './column-edits'
import { columnSteps, moveUp, moveDown } from './column-moves'
import { useRowDrag } from './use-row-drag'
import classes from './schema-editor.module.css'

type RowLeadProps = {
  row: TreeRow
  edits: ColumnEdits
  /** Whether the columns cannot be changed at the moment. */
  isFixed: boolean
  /** Whether the columns within are hidden. */
  isClosed: boolean
  onToggle: () => void
}

/** The cell before the name: the handle that moves the column, its mark in the tray, and the switch of its contents. */
export function RowLead({ row, edits, isFixed, isClosed, onToggle }: RowLeadProps) {
  const { field, fieldId, mark } = row
  const startDrag = useRowDrag({
    fieldId,
    siblingIds: columnSteps(edits, row).siblingIds,
    onDrop: (afterId) => edits.move(fieldId, afterId),
  })
  const isMovable = !isFixed && mark !== '−' && row.role === 'column' && !row.isInKey
  const hasContents = childFields(field.type).length > 0
  return (
    <>
      {isMovable ? (
        <UnstyledButton
          className={classes.grip}
          aria-label={`Move ${field.name}`}
          title="Drag, or press the arrow keys"
          onPointerDown={startDrag}
          onKeyDown={(event) => {
            const move = { ArrowUp: moveUp(edits, row), ArrowDown: moveDown(edits, row) }[event.key]
            if (!move) return
            event.preventDefault()
            move()
          }}
        >
          <IconGripVertical size={13} stroke={1.6} aria-hidden />
        </UnstyledButton>
      ) : (
        <span className={classes.grip} />
      )}
      <span className={classes.mark} data-mark={mark}>
        {mark !== null && (
          <>
            <span aria-hidden>{mark}</span>
            <span className="sr-only">{{ '+': 'new', '~': 'changed', '−': 'dropped' }[mark]}</span>
          </>
        )}
      </span>
      {hasContents ? (
        <ActionIcon
          size={20}
          aria-label={`Columns in ${field.name}`}
          aria-expanded={!isClosed}
          onClick={onToggle}
          data-tree-switch
          className={classes.chevron}
        >
          {isClosed ? (
            <IconChevronRight size={14} stroke={1.6} aria-hidden />
          ) : (
            <IconChevronDown size={14} stroke={1.6} aria-hidden />
          )}
        </ActionIcon>
      ) : (
        <span className={classes.chevron} />
      )}
    </>
  )
}

/** Columns that are folded into one line, which opens. */
export function FoldedColumns({
  rows,
  noun = 'unchanged column',
  onUnfold,
}: {
  rows: readonly TreeRow[]
  noun?: string
  onUnfold: () => void
}) {
  return (
    <UnstyledButton
      className={classes.fold}
      style={{ paddingLeft: (rows[0]?.depth ?? 0) * 18 }}
      aria-label={`Show ${formatQuantity(rows.length, noun)}`}
      onClick={onUnfold}
    >
      <IconDots size={14} stroke={1.6} aria-hidden />
      {formatQuantity(rows.length, noun)}
    </UnstyledButton>
  )
}
