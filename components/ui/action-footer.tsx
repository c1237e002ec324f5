import type { ReactNode } from 'react'
import classes from './action-footer.module.css'

type ActionFooterProps = {
  /** A note above the rest, if an action was refused. */
  problem?: ReactNode
  /** The effect of the actions, or why there are none. */
  summary: ReactNode
  /** Buttons, the main one last. */
  children?: ReactNode
}

/** The bar at the bottom of a page that ends in an action. */
export function ActionFooter({ problem, summary, children }: ActionFooterProps) {
  return (
    <footer className={classes.foot}>
      {problem !== undefined && problem !== null && <div className={classes.problem}>{problem}</div>}
      <span className={classes.summary} role="status">
        {summary}
      </span>
      {children}
    </footer>
  )
}
