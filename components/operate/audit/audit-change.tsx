import { ChangeLine, changeText } from '@/components/about/change-line'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { AuditEntryView } from '@/lib/contract/audit'
import classes from './audit.module.css'
import { countText, operationName } from './describe-entry'

/** The first change of an entry, or why it was refused. */
export function AuditChangeLine({ entry }: { entry: AuditEntryView }) {
  const timeZone = useTimeZone()
  const { refusal, changes, changeCount } = entry
  if (refusal) {
    const text = `${countText(refusal)}${operationName(refusal.operation)}: ${refusal.reason}`
    return (
      <span className="removed" title={text}>
        {text}
      </span>
    )
  }
  const [first] = changes
  if (first === undefined) return null
  return (
    <span title={changes.map((change) => changeText(change, timeZone)).join('\n')}>
      <ChangeLine change={first} />
      {changeCount > 1 && <span className={classes.quiet}> and {changeCount - 1} more</span>}
    </span>
  )
}
