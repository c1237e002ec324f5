'use client'
import { ActionIcon } from '@mantine/core'
import { IconArrowBackUp, IconDots, IconPlus, IconX } from '@tabler/icons-react'
import { type DragEvent, type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { TabLabel } from '@/components/ui/tab-row'
import rowClasses from '@/components/ui/tab-row.module.css'
import { isTabChanged, MAX_TAB_NAME_CHARS, MAX_TABS, type QueryTab, tabLabel } from '@/lib/client/query/query-tabs'
import { useRunningTabs } from '@/lib/client/query/tab-runs'
import classes from './tab-strip.module.css'
import type { QueryTabsModel } from './use-query-tabs'

/** The element that the tabs control. */
export const TAB_PANEL_ID = 'query-tab-panel'

type TabStripProps = {
  model: QueryTabsModel
  /** Before the tabs. */
  start?: ReactNode
}

/**
 * The open tabs, with the keys of the ARIA tabs pattern. On a tab, Delete closes it, F2 renames it, and Ctrl Shift with
 * an arrow moves it.
 */
export function TabStrip({ model, start }: TabStripProps) {
  const { tabs, active, closed } = model
  const [renamed, setRenamed] = useState<RenamedTab | null>(null)
  const [dragged, setDragged] = useState<{ id: string; overId: string } | null>(null)
  const list = useRef<HTMLDivElement>(null)
  const shouldFocus = useRef(false)
  const runningIds = useRunningTabs()
  const activeIndex = tabs.indexOf(active)
  const lastClosed = closed[0]?.tab

  const shownId = useRef(active.id)
  useEffect(() => {
    const tab = list.current?.querySelector<HTMLElement>('[aria-selected="true"]')
    if (shownId.current !== active.id) tab?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' })
    shownId.current = active.id
    if (!shouldFocus.current) return
    shouldFocus.current = false
    tab?.focus()
  })

  const rename = (tab: QueryTab) => {
    const box = list.current?.querySelector<HTMLElement>('[aria-selected="true"]')
    const left = (box?.offsetLeft ?? 0) - (list.current?.scrollLeft ?? 0)
    setRenamed({ tab, left, width: box?.offsetWidth ?? 0 })
  }
  const activate = (index: number) => {
    const tab = tabs[(index + tabs.length) % tabs.length]
    if (tab === undefined) return
    shouldFocus.current = true
    model.activate(tab.id)
  }
  const close = (id: string) => {
    shouldFocus.current = list.current?.contains(document.activeElement) ?? false
    model.close(id)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.metaKey) return
    const isMoving = event.ctrlKey && event.shiftKey
    if (event.ctrlKey && !isMoving) return
    const acts: Record<string, () => void> = isMoving
      ? {
          ArrowLeft: () => model.move(active.id, activeIndex - 1),
          ArrowRight: () => model.move(active.id, activeIndex + 1),
        }
      : {
          ArrowLeft: () => activate(activeIndex - 1),
          ArrowRight: () => activate(activeIndex + 1),
          Home: () => activate(0),
          End: () => activate(tabs.length - 1),
          Delete: () => close(active.id),
          F2: () => rename(active),
        }
    const act = acts[event.key]
    if (act === undefined) return
    event.preventDefault()
    act()
  }

  return (
    <div className={classes.strip}>
      {start}
      <div
        ref={list}
        role="tablist"
        aria-label="Open queries"
        className={classes.tabs}
        onKeyDown={onKeyDown}
        tabIndex={-1}
      >
        {tabs.map((tab) => (
          <Tab
            key={tab.id}
            tab={tab}
            isActive={tab.id === active.id}
            isRunning={runningIds.has(tab.id)}
            isUnstored={model.unstoredIds.has(tab.id)}
            isDropTarget={dragged?.overId === tab.id && dragged.id !== tab.id}
            onActivate={() => model.activate(tab.id)}
            onClose={() => close(tab.id)}
            onRename={() => rename(tab)}
            onDrag={(overId) => setDragged(overId === null ? null : { id: dragged?.id ?? tab.id, overId })}
            onDrop={() => {
              if (dragged !== null) model.move(dragged.id, tabs.indexOf(tab))
              setDragged(null)
            }}
          />
        ))}
      </div>
      {renamed !== null && (
        <RenameField
          key={renamed.tab.id}
          {...renamed}
          onEnd={(name) => {
            if (name !== null) model.change(renamed.tab.id, { name: name === '' ? null : name })
            shouldFocus.current = true
            setRenamed(null)
          }}
        />
      )}
      <Tooltip label={tabs.length < MAX_TABS ? 'New tab' : `At most ${MAX_TABS} tabs: close one first`}>
        <ActionIcon
          aria-label="New tab"
          {...(tabs.length >= MAX_TABS && { 'aria-disabled': true, 'data-disabled': true })}
          onClick={() => {
            if (tabs.length < MAX_TABS) model.add()
          }}
        >
          <IconPlus size={16} stroke={1.6} aria-hidden />
        </ActionIcon>
      </Tooltip>
      {lastClosed !== undefined && tabs.length < MAX_TABS && (
        <Tooltip label={`Reopen ${tabLabel(lastClosed)}`}>
          <ActionIcon aria-label={`Reopen ${tabLabel(lastClosed)}`} onClick={model.reopen}>
            <IconArrowBackUp size={16} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Tooltip>
      )}
      <span className={classes.menu}>
        <LazyMenu
          button={
            <ActionIcon aria-label={`${tabLabel(active)} options`}>
              <IconDots size={16} stroke={1.6} aria-hidden />
            </ActionIcon>
          }
          load={loadMenu}
          menuProps={{ model, onRename: () => rename(active) }}
        />
      </span>
    </div>
  )
}

async function loadMenu() {
  return (await import('./tab-menu')).TabMenu
}

function Tab({
  tab,
  isActive,
  isRunning,
  isUnstored,
  isDropTarget,
  onActivate,
  onClose,
  onRename,
  onDrag,
  onDrop,
}: {
  tab: QueryTab
  isActive: boolean
  isRunning: boolean
  isUnstored: boolean
  isDropTarget: boolean
  onActivate: () => void
  onClose: () => void
  onRename: () => void
  /** Called with the tab that the pointer is over, or null when the drag ends elsewhere. */
  onDrag: (overId: string | null) => void
  onDrop: () => void
}) {
  const state = isRunning
    ? 'running'
    : isUnstored
      ? 'too long to be stored'
      : isTabChanged(tab)
        ? 'changes not saved'
        : null
  return (
    <button
      type="button"
      role="tab"
      aria-selected={isActive}
      aria-controls={TAB_PANEL_ID}
      aria-keyshortcuts="Delete F2"
      tabIndex={isActive ? 0 : -1}
      className={`${rowClasses.tab} ${classes.tab}`}
      title={state === null ? tabLabel(tab) : `${tabLabel(tab)}: ${state}`}
      data-drop={isDropTarget || undefined}
      draggable
      onClick={(event) => (isCloseTarget(event) ? onClose() : onActivate())}
      onAuxClick={(event) => {
        if (event.button === 1) onClose()
      }}
      onDoubleClick={(event) => {
        if (!isCloseTarget(event)) onRename()
      }}
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = 'move'
        event.dataTransfer.setData('text/plain', tabLabel(tab))
        onDrag(tab.id)
      }}
      onDragOver={(event: DragEvent) => {
        event.preventDefault()
        if (!isDropTarget) onDrag(tab.id)
      }}
      onDragEnd={() => onDrag(null)}
      onDrop={(event) => {
        event.preventDefault()
        onDrop()
      }}
    >
      <TabLabel>{tabLabel(tab)}</TabLabel>
      {state !== null && (
        <>
          <span aria-hidden className={classes.dot} data-running={isRunning || undefined} />
          <span className="sr-only">, {state}</span>
        </>
      )}
      {/* For the pointer: a tab cannot contain a button. Keyboards close with Delete or from the menu. */}
      <span aria-hidden data-close className={classes.close}>
        <IconX size={13} stroke={1.6} />
      </span>
    </button>
  )
}

function isCloseTarget(event: MouseEvent): boolean {
  return event.target instanceof Element && event.target.closest('[data-close]') !== null
}

/** The tab with the name field, and where in the row of tabs it is, in pixels. */
type RenamedTab = { tab: QueryTab; left: number; width: number }

/** Over the tab that it renames: a tab cannot contain a field. */
function RenameField({
  tab,
  left,
  width,
  onEnd,
}: RenamedTab & {
  /** Called with the new name, or null to keep the old one. */
  onEnd: (name: string | null) => void
}) {
  const field = useRef<HTMLInputElement>(null)
  const hasEnded = useRef(false)
  useEffect(() => {
    field.current?.focus()
    field.current?.select()
  }, [])
  const end = (name: string | null) => {
    if (hasEnded.current) return
    hasEnded.current = true
    onEnd(name)
  }
  return (
    <input
      ref={field}
      className={classes.name}
      style={{ left, width: Math.max(120, width) }}
      aria-label="Name of the tab"
      defaultValue={tabLabel(tab)}
      maxLength={MAX_TAB_NAME_CHARS}
      autoComplete="off"
      onBlur={({ currentTarget }) => end(currentTarget.value === tabLabel(tab) ? null : currentTarget.value.trim())}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur()
        if (event.key !== 'Escape') return
        event.stopPropagation()
        end(null)
      }}
    />
  )
}
