import { PropertyValue } from '@/components/changes/tray/property-value'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { AuditEntryView } from '@/lib/contract/audit'
import classes from './audit.module.css'
import { countText, operationName } from './describe-entry'

/** The first change of an entry, or why it was refused. */
export function AuditChangeLine({ entry }: { entry: AuditEntryView }) {
  const { refusal, changes, changeCount } = entry
  if (refusal) {
    const text = `${operationName(refusal.operation)}: ${refusal.reason}`
    return (
      <span className="removed" title={text}>
        {text}
        {countText(refusal)}
      </span>
    )
  }
  const [first] = changes
  if (first === undefined) return null
  return (
    <span className={classes.change}>
      <AuditChange change={first} />
      {changeCount > 1 && <span className={classes.quiet}> and {changeCount - 1} more</span>}
    </span>
  )
}

export function AuditChange({ change: { name, before, after } }: { change: AuditEntryView['changes'][number] }) {
  return (
    <>
      <VisibleText>{name}</VisibleText>{' '}
      {before !== null && (
        <>
          <span className={classes.before}>
            <PropertyValue value={before} />
          </span>{' '}
          →{' '}
        </>
      )}
      <PropertyValue value={after} />
    </>
  )
}
