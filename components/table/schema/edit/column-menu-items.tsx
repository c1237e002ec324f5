'use client'
import { Menu } from '@mantine/core'
import {
  IconArrowBackUp,
  IconArrowDown,
  IconArrowUp,
  IconColumnInsertRight,
  IconKey,
  IconPencil,
  IconPlus,
  IconTrash,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import type { TreeRow } from '../tree-rows'
import { moveDown, moveUp } from './column-moves'
import type { ColumnEdits } from './column-edits'
import classes from './schema-editor.module.css'

type ItemsProps = LoadedMenuProps & { row: TreeRow; edits: ColumnEdits }

/** The actions on a column. Those that Iceberg forbids are disabled, with the reason. */
export function ColumnMenuItems({ row, edits, opened, onChange }: ItemsProps) {
  return (
    <Menu position="bottom-end" width={280} opened={opened} onChange={onChange}>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label={`Actions for ${row.field.name}`} aria-labelledby={undefined}>
        {opened && <Items row={row} edits={edits} />}
      </Menu.Dropdown>
    </Menu>
  )
}

function Items({ row, edits }: { row: TreeRow; edits: ColumnEdits }) {
  const { field, fieldId, parentId } = row
  const isNamed = row.role === 'column' && !row.isInKey
  const isStruct = typeof field.type !== 'string' && field.type.type === 'struct'
  const restore = edits.restorer(row)
  return (
    <>
      <Item icon={<IconPencil size={15} stroke={1.6} aria-hidden />} onClick={() => edits.setOpenId(fieldId)}>
        Edit
      </Item>
      {restore !== null && (
        <Item icon={<IconArrowBackUp size={15} stroke={1.6} aria-hidden />} onClick={restore}>
          Undo changes
        </Item>
      )}
      {isNamed && (
        <>
          <MoveItem move={moveUp(edits, row)} icon={<IconArrowUp size={15} stroke={1.6} aria-hidden />}>
            Move up
          </MoveItem>
          <MoveItem move={moveDown(edits, row)} icon={<IconArrowDown size={15} stroke={1.6} aria-hidden />}>
            Move down
          </MoveItem>
          <Item
            icon={<IconColumnInsertRight size={15} stroke={1.6} aria-hidden />}
            onClick={() => edits.add(parentId, fieldId)}
          >
            Add a column after
          </Item>
        </>
      )}
      {isStruct && !row.isInKey && (
        <Item icon={<IconPlus size={15} stroke={1.6} aria-hidden />} onClick={() => edits.add(fieldId)}>
          Add a column within
        </Item>
      )}
      {edits.hasIdentifier(row) && isNamed && typeof field.type === 'string' && (
        <Item
          icon={<IconKey size={15} stroke={1.6} aria-hidden />}
          problem={edits.identifierProblem(fieldId)}
          onClick={() => edits.toggleIdentifier(fieldId)}
        >
          {row.isIdentifier ? 'Remove from the identifier fields' : 'Make it an identifier field'}
        </Item>
      )}
      {isNamed && (
        <>
          <Menu.Divider />
          <Item
            icon={<IconTrash size={15} stroke={1.6} aria-hidden />}
            problem={edits.dropProblem(fieldId)}
            onClick={() => edits.drop(fieldId)}
          >
            Drop
          </Item>
        </>
      )}
    </>
  )
}

/** Closes the menu as every item does: the menu follows its row, so another item would be below a pointer at rest. */
function MoveItem({ move, icon, children }: { move: (() => void) | undefined; icon: ReactNode; children: ReactNode }) {
  return (
    <Menu.Item leftSection={icon} disabled={move === undefined} onClick={move}>
      {children}
    </Menu.Item>
  )
}

function Item({
  icon,
  problem = null,
  onClick,
  children,
}: {
  icon: ReactNode
  /** Why it is off; null if it is not. */
  problem?: string | null
  onClick: () => void
  children: ReactNode
}) {
  return (
    <Menu.Item leftSection={icon} disabled={problem !== null} onClick={onClick}>
      {children}
      {problem !== null && <span className={classes.problem}>{problem}</span>}
    </Menu.Item>
  )
}
