import type { ReactNode } from 'react'
import classes from './toolbar.module.css'

/** A row of controls above the content that they act on. `end` is at the right. */
export function Toolbar({ children, end }: { children: ReactNode; end?: ReactNode }) {
  return (
    <div className={classes.toolbar}>
      {children}
      {end !== undefined && <div className={classes.end}>{end}</div>}
    </div>
  )
}
