import type { ReactNode } from 'react'
import classes from './mono.module.css'

/** An id, a path, a type, an expression: whatever is read sign by sign. `title` gives the whole where it is shortened. */
export function Mono({ children, title }: { children: ReactNode; title?: string }) {
  return (
    <code className={classes.mono} title={title}>
      {children}
    </code>
  )
}
