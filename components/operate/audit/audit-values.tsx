import type { ReactNode } from 'react'
import { PropertyValue } from '@/components/changes/tray/property-value'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { AuditEntryView } from '@/lib/contract/audit'
import { formatCount } from '@/lib/format/count'
import classes from './audit.module.css'

/** The values that an entry changed, by name, before and after. */
export function AuditValues({ entry: { changes, changeCount } }: { entry: AuditEntryView }) {
  return (
    <>
      <ValueChanges
        label="Values"
        changes={changes.map(({ name, before, after }) => ({
          name,
          before: before !== null && <PropertyValue value={before} />,
          after: <PropertyValue value={after} />,
        }))}
      />
      {changeCount > changes.length && (
        <p className={classes.quiet}>{formatCount(changeCount - changes.length)} more values are not shown.</p>
      )}
    </>
  )
}

type ValueChange = { name: string; before: ReactNode; after: ReactNode }

/** Values by name, the old one above the new one. A side that is null or false is left out. */
export function ValueChanges({ label, changes }: { label: string; changes: readonly ValueChange[] }) {
  return (
    <dl className={classes.values} aria-label={label}>
      {changes.map(({ name, before, after }) => (
        <div key={name}>
          <dt>
            <VisibleText>{name}</VisibleText>
          </dt>
          <dd>
            {isShown(before) && (
              <div data-side="before">
                <span aria-hidden>−</span> {before}
              </div>
            )}
            {isShown(after) && (
              <div data-side="after">
                <span aria-hidden>+</span> {after}
              </div>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function isShown(side: ReactNode): boolean {
  return side !== null && side !== false
}
