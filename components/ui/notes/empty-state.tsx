import type { ReactNode } from 'react'
import classes from './empty-state.module.css'

/** An empty state, with one next step as a button. Not for failures. */
export function EmptyState({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className={classes.empty}>
      <p>{children}</p>
      {action}
    </div>
  )
}
