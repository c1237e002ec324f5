import type { ReactNode } from 'react'
import classes from './mono.module.css'

/** Monospaced text for ids, paths, types and expressions. `title` has the full text if it may be truncated. */
export function Mono({ children, title }: { children: ReactNode; title?: string }) {
  return (
    <code className={classes.mono} title={title}>
      {children}
    </code>
  )
}
