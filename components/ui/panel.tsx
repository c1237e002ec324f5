import { type ReactNode, useId } from 'react'
import { keepFocusNearby } from './keep-focus-nearby'
import classes from './panel.module.css'

type PanelProps = {
  title: string
  subtitle?: ReactNode
  /** At the right of the header: a legend, choices, a link. */
  actions?: ReactNode
  /** For content with its own edges, such as tables and lists. */
  flush?: boolean
  children: ReactNode
}

/** A section with a heading. Never nest panels. */
export function Panel({ title, subtitle, actions, flush = false, children }: PanelProps) {
  const headingId = useId()
  return (
    <section ref={keepFocusNearby} className={classes.panel} aria-labelledby={headingId}>
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
      <div className={flush ? 'stack fill' : 'fill padded'}>{children}</div>
    </section>
  )
}
