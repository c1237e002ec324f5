import { IconCheck } from '@tabler/icons-react'
import classes from './access.module.css'

/** Whether something is allowed, in a cell of a table. */
export function AccessMark({ isAllowed }: { isAllowed: boolean }) {
  return isAllowed ? (
    <span className={classes.allowed}>
      <IconCheck size={14} stroke={1.6} aria-hidden />
      <span className="sr-only">yes</span>
    </span>
  ) : (
    <span className="quiet">
      <span aria-hidden>–</span>
      <span className="sr-only">no</span>
    </span>
  )
}
