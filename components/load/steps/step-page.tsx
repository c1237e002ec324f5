import type { ReactNode } from 'react'
import type { StepPages } from './use-step-pages'
import classes from './steps.module.css'

/** A step, and what belongs to it. While a narrow window shows another one, it is hidden and keeps what was entered. */
export function StepPage({
  number,
  pages: { current },
  children,
}: {
  number: number
  pages: StepPages
  children: ReactNode
}) {
  return (
    <div className={classes.page} data-step={number} hidden={current !== null && current !== number}>
      {children}
    </div>
  )
}
