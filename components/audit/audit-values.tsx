import { PropertyValue } from '@/components/changes/property-value'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { AuditEntryView } from '@/lib/contract/audit'
import { formatCount } from '@/lib/format/count'
import classes from './audit.module.css'

/** The values that an entry changed, by name, before and after. */
export function AuditValues({ entry: { changes, changeCount } }: { entry: AuditEntryView }) {
  return (
    <>
      <dl className={classes.values} aria-label="Values">
        {changes.map(({ name, before, after }) => (
          <div key={name}>
            <dt>
              <VisibleText>{name}</VisibleText>
            </dt>
            <dd>
              {before !== null && (
                <div data-side="before">
                  <span aria-hidden>−</span> <PropertyValue value={before} />
                </div>
              )}
              <div data-side="after">
                <span aria-hidden>+</span> <PropertyValue value={after} />
              </div>
            </dd>
          </div>
        ))}
      </dl>
      {changeCount > changes.length && (
        <p className={classes.quiet}>{formatCount(changeCount - changes.length)} more values are not shown.</p>
      )}
    </>
  )
}
