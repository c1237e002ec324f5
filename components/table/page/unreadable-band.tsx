import { WarningNote } from '@/components/ui/notes/warning-note'
import classes from './unreadable-band.module.css'

/** Above every tab of a table whose metadata is shown, and whose files are not: why. */
export function UnreadableBand({ reason }: { reason: string }) {
  return (
    <div className={classes.band}>
      <WarningNote>{reason}</WarningNote>
    </div>
  )
}
