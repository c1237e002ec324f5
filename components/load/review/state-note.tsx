import { IconAlertTriangle, IconCheck, IconCircleDashed } from '@tabler/icons-react'
import classes from '../load-review.module.css'
import type { LoadState } from '../load-state'

const ICONS = { blocked: IconCircleDashed, warning: IconAlertTriangle, ready: IconCheck } as const

/** The first sentence of the review. */
export function StateNote({ state: { severity, sentence, detail } }: { state: LoadState }) {
  const Icon = ICONS[severity]
  return (
    <div className={classes.state} data-severity={severity} role="status">
      <Icon size={16} stroke={1.6} aria-hidden />
      <p className="bare">
        <b>{sentence}</b> {detail}
      </p>
    </div>
  )
}
