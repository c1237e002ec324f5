import { VisibleText } from '@/components/ui/values/visible-text'
import { type Intent, describeIntent, intentSign } from '@/lib/changes/intents/intent'
import { PropertyValue } from './property-value'
import classes from './change-description.module.css'

/**
 * The sentence of one pending change, with the old and the new value.
 *
 * @param props.note a quieter line below them
 */
export function ChangeDescription({ intent, note }: { intent: Intent; note?: string }) {
  const sign = intentSign(intent)
  return (
    <span className={classes.change}>
      <span className={classes.sign} data-sign={sign} aria-hidden>
        {sign}
      </span>
      <span className="breakable">
        {describeIntent(intent).map((part, i) => {
          const space = i === 0 || part === ')' ? '' : ' '
          if (typeof part === 'string') return `${space}${part}`
          return (
            // The parts of a sentence never change their order.
            <span key={i}>
              {space}
              {'name' in part ? (
                <code>
                  <VisibleText>{part.name}</VisibleText>
                </code>
              ) : (
                <PropertyValue value={part.value} />
              )}
            </span>
          )
        })}
        {note !== undefined && (
          <span className={classes.note}>
            <VisibleText>{note}</VisibleText>
          </span>
        )}
      </span>
    </span>
  )
}
