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
  /** Whether some row has a mark, or a switch, so that all of them have room for it. */
  room?: LeadRoom
}

/** The parts of a lead next to the handle. */
export type LeadRoom = { marks: boolean; switches: boolean }

const WHOLE_ROOM: LeadRoom = { marks: true, switches: true }

/** From the edge of the table to the name, in pixels. */
export function leadWidth({ marks, switches }: LeadRoom = WHOLE_ROOM): number {
  return 42 + (marks ? 16 : 0) + (switches ? 26 : 0)
}

/** The cell before the name: the handle that moves the column, its mark in the tray, and the switch of its contents. */
export function RowLead({ row, edits, isFixed, isClosed, onToggle, room = WHOLE_ROOM }: RowLeadProps) {
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
      {room.marks && (
        <span className={classes.mark} data-mark={mark}>
          {mark !== null && (
            <>
              <span aria-hidden>{mark}</span>
              <span className="sr-only">{{ '+': 'new', '~': 'changed', '−': 'dropped' }[mark]}</span>
            </>
          )}
        </span>
      )}
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
        room.switches && <span className={classes.chevron} />
      )}
    </>
  )
}

/** Columns that are folded into one line, which opens. */
export function FoldedColumns({
  rows,
  noun = 'unchanged column',
  noteCount = 0,
  onUnfold,
}: {
  rows: readonly TreeRow[]
  noun?: string
  /** How many of them, and of the columns within them, have a note below. */
  noteCount?: number
  onUnfold: () => void
}) {
  const label = `${formatQuantity(rows.length, noun)}${noteCount === 0 ? '' : `, ${formatQuantity(noteCount, 'note')}`}`
  return (
    <UnstyledButton
      className={classes.fold}
      style={{ paddingLeft: (rows[0]?.depth ?? 0) * 18 }}
      aria-label={`Show ${label}`}
      onClick={onUnfold}
    >
      <IconDots size={14} stroke={1.6} aria-hidden />
      {label}
    </UnstyledButton>
  )
}
