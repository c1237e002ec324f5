import type { ReactNode } from 'react'
import classes from './figure-strip.module.css'

/** One number. `note` is its comparison; `title` gives the exact value on hover. */
export type Figure = { label: string; value: ReactNode; note?: ReactNode; title?: string }

/** More have no room for large type next to the catalog tree. */
const MAX_LARGE_FIGURES = 6

/** A few figures in one strip; with more than six, in smaller type. */
export function FigureStrip({ figures, label }: { figures: readonly Figure[]; label?: string }) {
  return (
    <dl className={classes.strip} aria-label={label} data-many={figures.length > MAX_LARGE_FIGURES || undefined}>
      {figures.map((figure) => (
        <div key={figure.label} className={classes.figure}>
          <dt>{figure.label}</dt>
          <dd className={classes.value} title={figure.title}>
            {figure.value}
          </dd>
          {figure.note !== undefined && <dd className={classes.note}>{figure.note}</dd>}
        </div>
      ))}
    </dl>
  )
}
