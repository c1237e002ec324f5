'use client'
import { createContext, type ReactNode, use } from 'react'
import { createPortal } from 'react-dom'
import classes from './toolbar.module.css'

type ToolbarProps = { children: ReactNode; end?: ReactNode }

/** A row of controls above the content that they act on. `end` is at the right. */
export function Toolbar({ children, end }: ToolbarProps) {
  return (
    <div className={classes.toolbar}>
      {children}
      {end !== undefined && <div className={classes.end}>{end}</div>}
    </div>
  )
}

/** The element for the toolbar of the open tab; null until it is drawn. */
const TabToolbarHost = createContext<HTMLElement | null | undefined>(undefined)

export const TabToolbarProvider = TabToolbarHost.Provider

/** The toolbar of a tab. It shares the row of the tabs if the page has that, and there is room for both. */
export function TabToolbar({ children, end }: ToolbarProps) {
  const host = use(TabToolbarHost)
  if (host === undefined) return <Toolbar end={end}>{children}</Toolbar>
  if (host === null) return null
  return createPortal(
    <>
      {children}
      {end !== undefined && <div className={classes.end}>{end}</div>}
    </>,
    host,
  )
}
