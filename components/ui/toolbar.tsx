import type { ReactNode } from 'react'
import classes from './toolbar.module.css'

/** The row of controls above what they act on. `end` stands at the right. */
export function Toolbar({ children, end }: { children: ReactNode; end?: ReactNode }) {
  return (
    <div className={classes.toolbar}>
      {children}
      {end !== undefined && <div className={classes.end}>{end}</div>}
    </div>
  )
}
