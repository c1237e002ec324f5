import { IconAlertTriangle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import classes from './warning-note.module.css'

/** A warning. Set `isLive` if it may appear later, so that screen readers announce it. */
export function WarningNote({ isLive = false, children }: { isLive?: boolean; children: ReactNode }) {
  return (
    <div className={classes.note} {...(isLive && { role: 'status' })}>
      <IconAlertTriangle size={16} stroke={1.6} aria-hidden />
      <div className={classes.words}>{children}</div>
    </div>
  )
}
