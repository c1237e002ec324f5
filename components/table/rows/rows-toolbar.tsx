'use client'
import { createContext, type ReactNode, use, useState } from 'react'
import { createPortal } from 'react-dom'
import { TabToolbar, Toolbar } from '@/components/ui/toolbar'
import type { ReadState } from '@/lib/client/rows/read-state'
import { formatCount } from '@/lib/format/count'
import classes from './rows-toolbar.module.css'

type Slots = Record<'start' | 'end' | 'conditions' | 'besideConditions', HTMLElement | null>

const ToolbarSlots = createContext<Slots | null>(null)

/**
 * The toolbar of the rows, with the filter first, and a line for the conditions. It stays when the grid is replaced by
 * that of another filter, and with it the focus.
 */
export function RowsToolbarFrame({
  filter,
  hasConditions,
  children,
}: {
  filter: ReactNode
  /** Whether the filter has conditions: their line is there before they are read. */
  hasConditions: boolean
  children: ReactNode
}) {
  const [start, setStart] = useState<HTMLElement | null>(null)
  const [end, setEnd] = useState<HTMLElement | null>(null)
  const [conditions, setConditions] = useState<HTMLElement | null>(null)
  const [besideConditions, setBesideConditions] = useState<HTMLElement | null>(null)
  return (
    <ToolbarSlots value={{ start, end, conditions, besideConditions }}>
      {hasConditions && (
        <div className={classes.conditions}>
          <div ref={setConditions} className={classes.own} />
          <div ref={setBesideConditions} className={classes.beside} />
        </div>
      )}
      <TabToolbar end={<div ref={setEnd} className="row gap-8" />}>
        {filter}
        <div ref={setStart} className="row gap-8" />
      </TabToolbar>
      {children}
    </ToolbarSlots>
  )
}

/** The conditions of the filter in their line; where they stand without a frame. */
export function RowsConditions({ children }: { children: ReactNode }) {
  const slots = use(ToolbarSlots)
  if (slots === null) return children
  return slots.conditions && createPortal(children, slots.conditions)
}

/** A status of the rows: in the line of the conditions, so that the two take one line; where it stands without them. */
export function RowsStatus({ children }: { children: ReactNode }) {
  const beside = use(ToolbarSlots)?.besideConditions
  return beside ? createPortal(children, beside) : children
}

/** Controls of the grid in the frame's toolbar; in one of their own without a frame. */
export function RowsToolbar({ children, end }: { children: ReactNode; end: ReactNode }) {
  const slots = use(ToolbarSlots)
  if (slots === null) return <Toolbar end={end}>{children}</Toolbar>
  return (
    <>
      {slots.start && createPortal(children, slots.start)}
      {slots.end && createPortal(end, slots.end)}
    </>
  )
}

/** The number of rows, for pages where the footer is far from the filter. */
export function ToolbarRowCount({
  state: { rowCount, counting, search },
}: {
  state: Pick<ReadState, 'rowCount' | 'counting' | 'search'>
}) {
  const isExact = counting === 'exact'
  return (
    <span className={classes.count} data-row-count>
      {search === null && !isExact && 'at most '}
      <strong>{formatCount(rowCount)}</strong> {rowCount === 1 ? 'row' : 'rows'}
      {search !== null && !isExact && ' so far'}
    </span>
  )
}
