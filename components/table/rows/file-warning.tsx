import { IconAlertTriangle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import classes from './file-warning.module.css'

/** The most lines of a title. */
const MAX_LINES = 20

/** A fault of files that took nothing from the shown rows. The title has a line for each, as far as they fit. */
export function FileWarning({ lines, children }: { lines: readonly string[]; children: ReactNode }) {
  return (
    <span className={classes.found} title={lines.slice(0, MAX_LINES).join('\n')}>
      <IconAlertTriangle size={14} stroke={1.6} aria-hidden />
      {children}
    </span>
  )
}
