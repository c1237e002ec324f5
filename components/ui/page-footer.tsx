import type { ReactNode } from 'react'
import { Key } from './values/key'
import classes from './page-footer.module.css'

/** The footer of a full-width table: counts and timings, and the keyboard shortcuts at the right. */
export function PageFooter({
  children,
  keys = [],
}: {
  children: ReactNode
  keys?: readonly { keys: readonly string[]; does: string }[]
}) {
  return (
    <footer className={classes.footer}>
      <div className={classes.counts}>{children}</div>
      {keys.length > 0 && (
        <div className={classes.keys}>
          {keys.map((key) => (
            <span key={key.does} className={classes.key}>
              {key.keys.map((name) => (
                <Key key={name}>{name}</Key>
              ))}
              {key.does}
            </span>
          ))}
        </div>
      )}
    </footer>
  )
}
