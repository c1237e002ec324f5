import type { ReactNode } from 'react'
import { visibleText } from '@/lib/format/visible-text'
import classes from './mono.module.css'
import { VisibleText } from './visible-text'

/** Monospaced text for ids, paths, types and expressions. `title` has the full text if it may be truncated. */
export function Mono({ children, title }: { children: ReactNode; title?: string }) {
  return (
    <code className={classes.mono} title={title === undefined ? undefined : visibleText(title)}>
      {typeof children === 'string' ? <VisibleText>{children}</VisibleText> : children}
    </code>
  )
}
