import type { ChangeIntent } from '@/lib/contract/changes'
import classes from './change-description.module.css'

/** One pending change in words, with the old and the new value. */
export function ChangeDescription({ intent }: { intent: ChangeIntent }) {
  const sign = intent.kind === 'remove-property' ? '−' : intent.base === null ? '+' : '~'
  return (
    <span className={classes.change}>
      <span className={classes.sign} data-sign={sign} aria-hidden>
        {sign}
      </span>
      <span className={classes.words}>
        {intent.kind === 'remove-property' ? 'Remove' : intent.base === null ? 'Set' : 'Change'}{' '}
        <code>{intent.key}</code>
        {intent.kind === 'remove-property' ? (
          <>
            {' '}
            (was <PropertyValue value={intent.base} />)
          </>
        ) : (
          <>
            {intent.base !== null && (
              <>
                {' '}
                from <PropertyValue value={intent.base} />
              </>
            )}{' '}
            to <PropertyValue value={intent.value} />
          </>
        )}
      </span>
    </span>
  )
}

/** A property's value. Not set and empty look different. */
export function PropertyValue({ value }: { value: string | null }) {
  if (value === null) return <em className={classes.unset}>not set</em>
  if (value === '') return <em className={classes.unset}>empty</em>
  return <code>{value}</code>
}
