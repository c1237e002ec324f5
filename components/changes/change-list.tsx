import type { ReactNode } from 'react'
import { type Intent, intentTarget } from '@/lib/iceberg/intents/intent'
import { ChangeDescription } from './change-description'
import classes from './change-list.module.css'

/**
 * Changes in words, one below the other.
 *
 * @param props.action what can be done with each of them
 */
export function ChangeList({
  intents,
  action,
}: {
  intents: readonly Intent[]
  action?: (intent: Intent, index: number) => ReactNode
}) {
  return (
    <ul className={classes.words}>
      {intents.map((intent, index) => (
        <li key={intentTarget(intent)}>
          <ChangeDescription intent={intent} />
          {action?.(intent, index)}
        </li>
      ))}
    </ul>
  )
}
