import type { ReviewSkeleton } from '@/components/changes/action/action-review'
import { PropertyValue } from '@/components/changes/tray/property-value'
import { ChangeList } from '@/components/changes/tray/change-list'
import { MoveImpact } from '@/components/table/impact/impact-review'
import impactClasses from '@/components/table/impact/impact-review.module.css'
import type { UndoPreview } from '@/lib/contract/table/history'
import classes from './undo-effect.module.css'

/** While an undo is prepared. */
export const UNDO_SKELETON: ReviewSkeleton = [6, 4, 'Preparing the undo']

/** The effect of an undo: earlier values of properties, other changes in words, and the move of a branch. */
export function UndoEffect({
  preview: { properties, intents, impact },
  hasTag,
}: {
  preview: UndoPreview
  /** Whether a safety tag retains the lost snapshots. */
  hasTag: boolean
}) {
  return (
    <>
      {properties.length > 0 && <PropertyChanges properties={properties} />}
      {intents.length > 0 && <ChangeList intents={intents} />}
      {impact && <MoveImpact impact={impact} hasTag={hasTag} isUndo />}
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
