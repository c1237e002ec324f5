'use client'
import { ActionIcon } from '@mantine/core'
import { IconArrowBackUp } from '@tabler/icons-react'
import { type Intent, intentArea, intentSentence, intentTarget } from '@/lib/changes/intents/intent'
import { withCurrentNames } from '@/lib/changes/intents/current-names'
import type { Schema } from '@/lib/iceberg/schema/types'
import { AREA_TITLES } from './area-titles'
import { ChangeDescription } from './change-description'
import classes from './tray-list.module.css'

/**
 * The pending changes of a table, by the tab that they belong to.
 *
 * @param props.schema the current one, which names their columns; null: they have the names that the person saw
 * @param props.onDrop gets the target of the discarded change; null if changes cannot be discarded
 */
export function TrayList({
  intents,
  schema,
  onDrop,
}: {
  intents: readonly Intent[]
  schema: Schema | null
  onDrop: ((target: string) => void) | null
}) {
  return (
    <div className={classes.areas}>
      {[...Map.groupBy(withCurrentNames(intents, schema), intentArea)].map(([area, ofArea]) => (
        <ul key={area} className={classes.changes} aria-label={AREA_TITLES[area]}>
          {ofArea.map((intent) => (
            <li key={intentTarget(intent)}>
              <span className={classes.area}>{AREA_TITLES[area]}</span>
              <ChangeDescription intent={intent} />
              {onDrop && (
                <ActionIcon
                  size={24}
                  className={classes.undo}
                  aria-label={`Undo: ${intentSentence(intent)}`}
                  onClick={() => onDrop(intentTarget(intent))}
                >
                  <IconArrowBackUp size={14} stroke={1.6} aria-hidden />
                </ActionIcon>
              )}
            </li>
          ))}
        </ul>
      ))}
    </div>
  )
}
