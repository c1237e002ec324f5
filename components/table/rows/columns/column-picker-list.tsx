'use client'
import { ActionIcon, Button, Checkbox } from '@mantine/core'
import { IconGripVertical, IconPinned, IconPinnedFilled } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react'
import { ShortenedName } from '@/components/ui/values/shortened-name'
import { VisibleText } from '@/components/ui/values/visible-text'
import { visibleText } from '@/lib/format/visible-text'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { NestedField } from '@/lib/iceberg/schema/types'
import classes from './column-picker.module.css'

/** Longer lists are drawn as far as they are visible. */
const MIN_VIRTUAL_COLUMNS = 80
const ROW_HEIGHT_PX = 30
/** Near its ends the list scrolls while a column is dragged. */
const SCROLL_EDGE_PX = 24
const SCROLL_STEP_PX = 12

type ColumnPickerListProps = {
  columns: readonly NestedField[]
  hiddenKeys: ReadonlySet<string>
  pinnedKeys: ReadonlySet<string>
  onToggle: (columnKey: string) => void
  onShowOnly: (columnKey: string) => void
  onPin: (columnKey: string) => void
  /** Moves a column before the one at `index`, or to the end; undefined while columns cannot be moved. */
  onMove: ((columnKey: string, index: number) => void) | undefined
}

/** The columns one below the other. The handle of each moves it: with the pointer, or with the arrow keys. */
export function ColumnPickerList({
  columns,
  hiddenKeys,
  pinnedKeys,
  onToggle,
  onShowOnly,
  onPin,
  onMove,
}: ColumnPickerListProps) {
  const list = useRef<HTMLUListElement>(null)
  const [announcement, setAnnouncement] = useState('')
  const [dropIndex, setDropIndex] = useState<number | null>(null)
  const movedKey = useRef<string | null>(null)
  const isVirtual = columns.length >= MIN_VIRTUAL_COLUMNS
  const virtualizer = useVirtualizer({
    count: isVirtual ? columns.length : 0,
    getScrollElement: () => list.current,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: 8,
  })
  const items = virtualizer.getVirtualItems()
  const first = isVirtual ? (items[0]?.index ?? 0) : 0
  const end = isVirtual ? (items.at(-1)?.index ?? -1) + 1 : columns.length

  // A moved column keeps the focus.
  useEffect(() => {
    if (movedKey.current === null) return
    const index = columns.findIndex(({ id }) => String(id) === movedKey.current)
    movedKey.current = null
    const handle = list.current?.querySelector<HTMLElement>(`[data-handle="${columns[index]?.id}"]`)
    handle?.focus({ preventScroll: true })
    handle?.scrollIntoView?.({ block: 'nearest' })
  }, [columns])

  const move = ({ id, name }: NestedField, index: number) => {
    const from = columns.findIndex((column) => column.id === id)
    if (!onMove || index < 0 || index > columns.length || index === from || index === from + 1) return
    movedKey.current = String(id)
    onMove(String(id), index)
    const to = index > from ? index - 1 : index
    setAnnouncement(`${name} is now column ${to + 1} of ${columns.length}.`)
  }

  const onKeyDown = (event: KeyboardEvent, field: NestedField) => {
    const index = columns.indexOf(field)
    const targets: Record<string, number> = {
      ArrowUp: index - 1,
      ArrowDown: index + 2,
      Home: 0,
      End: columns.length,
    }
    const target = targets[event.key]
    if (target === undefined) return
    event.preventDefault()
    move(field, target)
  }

  const onPointerDown = (event: PointerEvent<HTMLElement>, field: NestedField) => {
    const element = list.current
    if (!element || !onMove || event.button !== 0) return
    const { ownerDocument } = element
    let index: number | null = null
    const onPointerMove = ({ clientY }: globalThis.PointerEvent) => {
      const { top, bottom } = element.getBoundingClientRect()
      if (clientY < top + SCROLL_EDGE_PX) element.scrollTop -= SCROLL_STEP_PX
      else if (clientY > bottom - SCROLL_EDGE_PX) element.scrollTop += SCROLL_STEP_PX
      const atPx = clientY - top + element.scrollTop
      index = Math.max(0, Math.min(columns.length, Math.round(atPx / ROW_HEIGHT_PX)))
      setDropIndex(index)
    }
    const onEnd = ({ type }: Event) => {
      ownerDocument.removeEventListener('pointermove', onPointerMove)
      ownerDocument.removeEventListener('pointerup', onEnd)
      ownerDocument.removeEventListener('pointercancel', onEnd)
      setDropIndex(null)
      if (index !== null && type === 'pointerup') move(field, index)
    }
    ownerDocument.addEventListener('pointermove', onPointerMove)
    ownerDocument.addEventListener('pointerup', onEnd)
    ownerDocument.addEventListener('pointercancel', onEnd)
  }

  return (
    <>
      <ul
        ref={list}
        className={classes.list}
        aria-label="Columns in their order"
        data-dragging={dropIndex !== null || undefined}
      >
        {first > 0 && <li aria-hidden style={{ height: first * ROW_HEIGHT_PX }} />}
        {columns.slice(first, end).map((field, i) => {
          const { id, name, type } = field
          const columnKey = String(id)
          const isPinned = pinnedKeys.has(columnKey)
          const PinIcon = isPinned ? IconPinnedFilled : IconPinned
          return (
            <li
              key={id}
              className={classes.column}
              aria-setsize={columns.length}
              aria-posinset={first + i + 1}
              data-drop={dropIndex === first + i || undefined}
              data-drop-after={(dropIndex === columns.length && first + i === columns.length - 1) || undefined}
            >
              <ActionIcon
                className={classes.handle ?? ''}
                size={24}
                data-handle={id}
                aria-label={`Move ${name}`}
                title={onMove ? 'Drag, or press ↑ or ↓' : 'Clear the filter to move columns'}
                aria-disabled={onMove === undefined || undefined}
                onKeyDown={(event) => onKeyDown(event, field)}
                onPointerDown={(event) => onPointerDown(event, field)}
              >
                <IconGripVertical size={14} stroke={1.6} aria-hidden />
              </ActionIcon>
              <Checkbox
                className={classes.choice ?? ''}
                checked={!hiddenKeys.has(columnKey)}
                onChange={() => onToggle(columnKey)}
                label={
                  <span className={classes.label} title={visibleText(`${name} ${typeLabel(type)}`)}>
                    <span className={classes.name}>
                      <ShortenedName>{name}</ShortenedName>
                    </span>{' '}
                    <code className={classes.type}>
                      <VisibleText>{typeLabel(type)}</VisibleText>
                    </code>
                  </span>
                }
              />
              <Button
                variant="subtle"
                className={classes.only ?? ''}
                aria-label={`Show only ${name}`}
                onClick={() => onShowOnly(columnKey)}
              >
                Only
              </Button>
              <ActionIcon
                className={classes.pin ?? ''}
                size={24}
                aria-label={`Pin ${name}`}
                aria-pressed={isPinned}
                title={isPinned ? 'Unpin' : 'Pin to the left'}
                onClick={() => onPin(columnKey)}
              >
                <PinIcon size={14} stroke={1.6} aria-hidden />
              </ActionIcon>
            </li>
          )
        })}
        {end < columns.length && <li aria-hidden style={{ height: (columns.length - end) * ROW_HEIGHT_PX }} />}
      </ul>
      <p className="sr-only" role="status">
        {announcement}
      </p>
    </>
  )
}
