import type { ReactNode } from 'react'
import { ChangedTime } from '@/components/about/changed-time'
import { PropertyValue } from '@/components/changes/tray/property-value'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { AuditEntryView } from '@/lib/contract/audit'
import type { DescribedChange } from '@/lib/contract/shapes/described-change'
import { formatQuantity } from '@/lib/format/count'
import classes from './audit.module.css'

/** The values that an entry changed, by name, before and after. */
export function AuditValues({ entry: { changes, changeCount } }: { entry: AuditEntryView }) {
  return (
    <>
      <ValueChanges
        label="Values"
        changes={changes.map(({ kind, name, label, before, after }) => {
          const Value = kind === 'time' ? ChangedTime : PropertyValue
          return {
            name: label ?? `${TITLES[kind] ?? ''}${name}`,
            before: before !== null && <Value value={before} />,
            after: <Value value={after} />,
          }
        })}
      />
      {changeCount > changes.length && (
        <p className={classes.quiet}>{formatQuantity(changeCount - changes.length, 'more change')} not shown.</p>
      )}
    </>
  )
}

/** The kind in front of a name that could be anything. */
const TITLES: Partial<Record<DescribedChange['kind'], string>> = { column: 'column ', grant: 'role of ' }

type ValueChange = { name: string; before: ReactNode; after: ReactNode }

/** Values by name, the old one above the new one. A side that is null or false is left out. */
export function ValueChanges({ label, changes }: { label: string; changes: readonly ValueChange[] }) {
  return (
    <dl className={classes.values} aria-label={label}>
      {changes.map(({ name, before, after }, i) => (
        // Several columns may be renamed by one change.
        <div key={`${name} ${i}`}>
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
