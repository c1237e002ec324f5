import { type ReactNode, useId } from 'react'
import classes from './panel.module.css'

type PanelProps = {
  title: string
  subtitle?: ReactNode
  /** Stands at the right of the head: legend, choices, one link. */
  actions?: ReactNode
  /** For content that brings its own edges: tables, lists. */
  flush?: boolean
  children: ReactNode
}

/** A group of things under one heading. Surface and line; never a panel in a panel. */
export function Panel({ title, subtitle, actions, flush = false, children }: PanelProps) {
  const headingId = useId()
  return (
    <section className={classes.panel} aria-labelledby={headingId}>
      <header className={classes.head}>
        <h2 id={headingId} className={classes.title}>
          {title}
        </h2>
        {subtitle !== undefined && (
          <span className={classes.subtitle} title={typeof subtitle === 'string' ? subtitle : undefined}>
            {subtitle}
          </span>
        )}
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </header>
      <div className={flush ? classes.flush : classes.body}>{children}</div>
    </section>
  )
}
