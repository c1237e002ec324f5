import { IconLock, IconShieldCheck } from '@tabler/icons-react'
import classes from './commit-footer.module.css'

type CommitStandingProps = {
  /** Why this user cannot commit; null: they can. */
  reason: string | null
  /** Names the reason for the button that it disables. */
  reasonId: string
  /** Why the commit is safe; absent while it cannot be made. */
  safe: string | undefined
}

/** Whether the user can commit what is reviewed, in one sentence. */
export function CommitStanding({ reason, reasonId, safe }: CommitStandingProps) {
  if (reason !== null)
    return (
      <p className={classes.off} id={reasonId}>
        <IconLock size={14} stroke={1.6} aria-hidden />
        {reason}
      </p>
    )
  if (safe === undefined) return null
  return (
    <p className={classes.safe}>
      <IconShieldCheck size={15} stroke={1.6} aria-hidden />
      {safe}
    </p>
  )
}
