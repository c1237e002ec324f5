import classes from './step.module.css'

/** The number of a step, for the eye: in the colour of a warning where something is left to decide. */
export function StepNumber({
  number,
  isOpen,
  isCurrent = false,
}: {
  number: number
  isOpen: boolean
  isCurrent?: boolean
}) {
  return (
    <span className={classes.number} data-open={isOpen || undefined} data-current={isCurrent || undefined} aria-hidden>
      {number}
    </span>
  )
}
