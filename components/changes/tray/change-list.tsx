import type { ReactNode } from 'react'
import { type Intent, intentTarget } from '@/lib/changes/intents/intent'
import { ChangeDescription } from './change-description'
import classes from './change-list.module.css'

/**
 * The sentences of changes, one below the other.
 *
 * @param props.note a quieter line below each of them
 * @param props.action an action for each of them
 */
export function ChangeList({
  intents,
  note,
  action,
}: {
  intents: readonly Intent[]
  note?: (intent: Intent) => string
  action?: (intent: Intent, index: number) => ReactNode
}) {
  return (
    <ul className={classes.changes}>
      {intents.map((intent, index) => (
        <li key={intentTarget(intent)}>
          <ChangeDescription intent={intent} {...(note && { note: note(intent) })} />
          {action?.(intent, index)}
        </li>
      ))}
    </ul>
  )
}
