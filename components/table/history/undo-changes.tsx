import { PropertyValue } from '@/components/changes/property-value'
import { ChangeList } from '@/components/changes/change-list'
import impactClasses from '@/components/table/impact/impact-review.module.css'
import type { UndoPreview } from '@/lib/contract/table/history'
import classes from './undo-changes.module.css'

/** The effect of an undo, except for the move of a branch: earlier values of properties, and other changes in words. */
export function UndoChanges({ preview: { properties, intents } }: { preview: UndoPreview }) {
  return (
    <>
      {properties.length > 0 && <PropertyChanges properties={properties} />}
      {intents.length > 0 && <ChangeList intents={intents} />}
    </>
  )
}

function PropertyChanges({ properties }: Pick<UndoPreview, 'properties'>) {
  return (
    <ul className={impactClasses.sentences} aria-label="Properties">
      {properties.map(({ name, now, after }) => (
        <li key={name}>
          <span className={classes.property}>
            <code>{name}</code>{' '}
            <span className={classes.now}>
              <PropertyValue value={now} />
            </span>{' '}
            → <PropertyValue value={after} />
          </span>
        </li>
      ))}
    </ul>
  )
}
