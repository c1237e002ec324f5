import type { ReactNode } from 'react'
import classes from './step.module.css'
import { StepNumber } from './step-number'

/** A numbered step of the form. Its number has the colour of a warning where something is left to decide. */
export function Step({
  number,
  title,
  note,
  isOpen = false,
  actions,
  children,
}: {
  number: number
  title: string
  note?: ReactNode
  isOpen?: boolean
  actions?: ReactNode
  children: ReactNode
}) {
  return (
    <section className={classes.step} aria-label={title}>
      <header className={classes.head}>
        <StepNumber number={number} isOpen={isOpen} />
        {/* Gets the focus when a narrow window shows the step, and when what had it goes away. */}
        <h2 className="heading" tabIndex={-1}>
          {title}
        </h2>
        {note !== undefined && <span className={classes.note}>{note}</span>}
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </section>
  )
}

/** Moves the focus to the title of the step that an element is in. */
export function focusStep(element: Element): void {
  element.closest('section')?.querySelector('h2')?.focus({ preventScroll: true })
}
