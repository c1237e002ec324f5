import { PropertyValue } from '@/components/changes/tray/property-value'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { DescribedChange } from '@/lib/contract/shapes/described-change'
import { visibleText } from '@/lib/format/visible-text'
import classes from './about.module.css'
import { ChangedTime, changedTimeText } from './changed-time'

/** A change in one line: `Removed column score, was double`, or a name with its value before and after. */
export function ChangeLine({ change }: { change: DescribedChange }) {
  const { kind, name, label, before, after } = change
  if (kind === 'figure') {
    return (
      <>
        {name}: {after}
      </>
    )
  }
  const sentence = describeChange(change)
  if (sentence !== null) {
    const { lead, first, joint, second } = sentence
    return (
      <>
        {lead}{' '}
        <code>
          <VisibleText>{first}</VisibleText>
        </code>
        {joint}
        <code>
          <VisibleText>{second}</VisibleText>
        </code>
      </>
    )
  }
  const Value = kind === 'time' ? ChangedTime : PropertyValue
  const isCode = label === undefined && (kind === 'ref' || kind === 'property' || kind === 'name')
  return (
    <>
      {isCode ? (
        <code>
          <VisibleText>{name}</VisibleText>
        </code>
      ) : (
        visibleText(label ?? name)
      )}{' '}
      {/* A value of an entry that changes no table is usually new. */}
      {((kind !== 'value' && kind !== 'time') || before !== null) && (
        <>
          <span className={classes.before}>
            <Value value={before} />
          </span>
          {' → '}
        </>
      )}
      <Value value={after} />
    </>
  )
}

/** The same as plain text, for a tooltip. A property has its name there. */
export function changeText(change: DescribedChange, timeZone: string): string {
  const { kind, name } = change
  const [before, after] = [change.before, change.after].map((value) =>
    kind === 'time' ? changedTimeText(value, timeZone) : value,
  )
  if (kind === 'figure') return `${name}: ${after ?? ''}`
  const sentence = describeChange(change)
  if (sentence !== null) return `${sentence.lead} ${sentence.first}${sentence.joint}${sentence.second}`
  return `${name}: ${before ?? 'not set'} → ${after ?? 'not set'}`
}

type Sentence = { lead: string; first: string; joint: string; second: string }

/** A column, branch or role that was added or removed; null for a change of value. */
function describeChange({ kind, name, before, after }: DescribedChange): Sentence | null {
  if (before !== null && after !== null) return null
  const value = after ?? before ?? ''
  const isAdded = before === null
  switch (kind) {
    case 'column':
      return {
        lead: isAdded ? 'Added column' : 'Removed column',
        first: name,
        joint: isAdded ? ' ' : ', was ',
        second: value,
      }
    case 'ref':
      return { lead: isAdded ? 'Created' : 'Removed', first: name, joint: isAdded ? ' at ' : ', was ', second: value }
    case 'grant':
      return { lead: isAdded ? 'Granted' : 'Revoked', first: value, joint: isAdded ? ' to ' : ' from ', second: name }
    default:
      return null
  }
}
