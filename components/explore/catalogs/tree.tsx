'use client'
import { useRouter } from 'next/navigation'
import { type KeyboardEvent, useEffect, useEffectEvent, useRef, useState } from 'react'
import { useRowWindow } from '@/components/ui/table/use-row-window'
import classes from './catalog-tree.module.css'
import { TreeItem } from './tree-item'
import type { TreeRow } from './tree-rows'

/** The row height of the visual language. Touch targets of 44 px are not needed: phones do not show the tree. */
const ROW_HEIGHT_PX = 26

/**
 * Rows as a tree, with the keys of the ARIA tree pattern: up and down move, right expands or enters, left collapses or
 * leaves, a letter moves to the next row that begins with it, Enter opens the page. Only visible rows are rendered.
 */
export function Tree({
  rows,
  selectedId,
  onToggle,
  onOpen,
  onMenu,
  label,
}: {
  rows: readonly TreeRow[]
  selectedId: string | null
  onToggle: (id: string, open: boolean) => void
  /** In place of opening the page of the row. */
  onOpen?: (row: TreeRow) => void
  /** Opens the menu of a row, next to an element of it. */
  onMenu?: (row: TreeRow, anchor: HTMLElement) => void
  label: string
}) {
  const router = useRouter()
  const scroller = useRef<HTMLDivElement>(null)
  const [activeId, setActiveId] = useState<string | null>(null)
  const drawn = useRowWindow({ scroller, rowCount: rows.length, rowHeightPx: ROW_HEIGHT_PX })

  const indexOf = (id: string | null) => rows.findIndex((row) => row.id === id)
  const selectedIndex = indexOf(selectedId)
  const activeIndex = Math.max(0, indexOf(activeId) >= 0 ? indexOf(activeId) : selectedIndex)

  // Scroll to the row of the current page once the tree contains it.
  const revealSelected = useEffectEvent(() => drawn.scrollToRow(selectedIndex))
  useEffect(() => {
    if (selectedIndex >= 0) revealSelected()
  }, [selectedIndex])

  const focusRow = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (row === undefined) return
    setActiveId(row.id)
    drawn.scrollToRow(rows.indexOf(row))
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(row.id)}"]`)?.focus()
    })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[activeIndex]
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    const isHandled = handleKey(event.key, row)
    if (isHandled) event.preventDefault()
  }
  const handleKey = (key: string, row: TreeRow): boolean => {
    switch (key) {
      case 'ArrowDown':
        focusRow(activeIndex + 1)
        return true
      case 'ArrowUp':
        focusRow(activeIndex - 1)
        return true
      case 'Home':
        focusRow(0)
        return true
      case 'End':
        focusRow(rows.length - 1)
        return true
      case 'ArrowRight':
        if (row.isExpanded === false) onToggle(row.id, true)
        else if (row.isExpanded) focusRow(activeIndex + 1)
        return true
      case 'ArrowLeft':
        if (row.isExpanded) onToggle(row.id, false)
        else focusRow(rows.findLastIndex(({ level }, index) => index < activeIndex && level < row.level))
        return true
      case 'Enter':
      case ' ':
        if (onOpen) onOpen(row)
        else if (row.href !== null) router.push(row.href)
        return true
      default: {
        if (!/^[\p{L}\p{N}_]$/u.test(key)) return false
        const candidates = [...rows.slice(activeIndex + 1), ...rows.slice(0, activeIndex)]
        const next = candidates.find((other) => other.label.toLowerCase().startsWith(key.toLowerCase()))
        if (next !== undefined) focusRow(rows.indexOf(next))
        return false // the key may be half of `g h`
      }
    }
  }

  return (
    <div ref={scroller} className={classes.scroller}>
      <div
        role="tree"
        aria-label={label}
        className={classes.lines}
        style={{ height: rows.length * ROW_HEIGHT_PX }}
        onKeyDown={onKeyDown}
        tabIndex={-1}
      >
        {rows.slice(drawn.firstRow, drawn.endRow).map((row, offset) => {
          const index = drawn.firstRow + offset
          return (
            <TreeItem
              key={row.id}
              row={row}
              top={index * ROW_HEIGHT_PX}
              isSelected={row.id === selectedId}
              isActive={index === activeIndex}
              onFocus={() => setActiveId(row.id)}
              onToggle={onToggle}
              onOpen={onOpen}
              onMenu={onMenu}
            />
          )
        })}
      </div>
    </div>
  )
}
