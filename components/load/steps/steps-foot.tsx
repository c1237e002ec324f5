import { Button } from '@mantine/core'
import { STEP_TITLES, type OpenSteps } from './open-steps'
import { StepNumber } from './step-number'
import classes from './steps.module.css'
import type { StepPages } from './use-step-pages'

/** Below a step in a narrow window: which one it is, what is open in it, and the way to the next one. */
export function StepsFoot({
  pages: { current, goTo, setReviewing },
  open,
  hasFiles,
}: {
  pages: StepPages
  open: OpenSteps
  hasFiles: boolean
}) {
  if (current === null) return null
  const isLast = current === STEP_TITLES.length
  return (
    <footer className={classes.foot}>
      <div className={classes.line}>
        <span className={classes.numbers} aria-hidden>
          {STEP_TITLES.map((title, i) => (
            <StepNumber
              key={title}
              number={i + 1}
              isOpen={open[i] !== null && (hasFiles || i === 0)}
              isCurrent={i + 1 === current}
            />
          ))}
        </span>
        <p className={classes.state} role="status">
          Step {current} of {STEP_TITLES.length}
          {open[current - 1] != null && (
            <>
              : <span className="warn">{open[current - 1]}</span>
            </>
          )}
        </p>
      </div>
      <div className={classes.buttons}>
        {current > 1 && (
          <Button variant="default" onClick={() => goTo(current - 1)}>
            Back
          </Button>
        )}
        {isLast ? (
          <Button aria-haspopup="dialog" onClick={() => setReviewing(true)}>
            Review
          </Button>
        ) : (
          <Button disabled={!hasFiles} onClick={() => goTo(current + 1)}>
            Next
          </Button>
        )}
      </div>
    </footer>
  )
}
