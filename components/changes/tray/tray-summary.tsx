import { IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { usesQuery } from '@/lib/client/table/uses'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { concernsReaders, countBreaking, readerEffects } from '@/lib/uses/reader-effects'
import type { PendingChanges } from '@/lib/client/table/pending-changes'
import { visibleText } from '@/lib/format/visible-text'
import { type Intent, intentArea, intentSentence } from '@/lib/changes/intents/intent'
import { isSayable } from '@/lib/changes/intents/pending-intents'
import { withCurrentNames } from '@/lib/changes/intents/current-names'
import type { Schema } from '@/lib/iceberg/schema/types'
import { AREA_TITLES } from './area-titles'
import classes from './tray-summary.module.css'

type TraySummaryProps = {
  table: TableIdentifier
  pending: PendingChanges
  isOpen: boolean
  /** The current one, which names the columns; null: they have the names that the person saw. */
  schema: Schema | null
}

/** The number of readers that break, and the pending changes on one line; while their list is open, how many each tab has. */
export function TraySummary({ table, pending, isOpen, schema }: TraySummaryProps) {
  const { intents, update } = pending
  const areSayable = intents.every(isSayable)
  useEffect(() => {
    if (!areSayable) update((known) => known.filter(isSayable))
  }, [areSayable, update])
  if (!areSayable) return null
  const text = visibleText(
    isOpen
      ? `${countsByTab(intents)}, kept in this browser`
      : withCurrentNames(intents, schema).map(intentSentence).join(' · '),
  )
  return (
    <>
      {concernsReaders(intents) && <BreakingCount table={table} intents={intents} />}
      <span title={text}>{text}</span>
    </>
  )
}

/** How many readers the changes break; nothing while that is not known. The review says more. */
function BreakingCount({ table, intents }: { table: TableIdentifier; intents: readonly Intent[] }) {
  const { data } = useQuery(usesQuery(table))
  const count = data && countBreaking(readerEffects(table, data.uses, intents))
  if (!count) return null
  return (
    <span className={classes.breaking}>
      <IconAlertTriangle size={14} stroke={1.6} aria-hidden /> {count}
    </span>
  )
}

/** `4 in Schema, 1 in Settings`. */
function countsByTab(intents: readonly Intent[]): string {
  return [...Map.groupBy(intents, intentArea)]
    .map(([area, ofArea]) => `${ofArea.length} in ${AREA_TITLES[area]}`)
    .join(', ')
}
