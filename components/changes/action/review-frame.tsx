import type { ReactNode } from 'react'
import classes from './review-frame.module.css'

/**
 * The review at the right of a form, or below it on a narrow page: its content scrolls between the title and the buttons.
 *
 * @param props.state what the form has done so far, such as `not created yet`
 */
export function ReviewFrame({ state, footer, children }: { state: string; footer: ReactNode; children: ReactNode }) {
  return (
    <aside className={classes.review} aria-label="Review">
      <header className={classes.head}>
        <h2>Review</h2>
        <span>{state}</span>
      </header>
      <div className={classes.body}>{children}</div>
      <footer className={classes.foot}>{footer}</footer>
    </aside>
  )
}
