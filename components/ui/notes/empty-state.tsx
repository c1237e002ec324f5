import type { ReactNode } from 'react'
import classes from './empty-state.module.css'

/** Nothing here yet: one sentence, and one next step as a button. Not for failures, and not for a filter without hits. */
export function EmptyState({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className={classes.empty}>
      <p>{children}</p>
      {action}
    </div>
  )
}
