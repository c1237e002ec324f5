import { useEffect } from 'react'
import type { PendingChanges } from '@/lib/client/table/pending-changes'
import { visibleText } from '@/lib/format/visible-text'
import { type Intent, intentArea, intentSentence } from '@/lib/changes/intents/intent'
import { isSayable } from '@/lib/changes/intents/pending-intents'
import { AREA_TITLES } from './area-titles'

/** The pending changes on one line; while their list is open, how many each tab has. */
export function TraySummary({ pending, isOpen }: { pending: PendingChanges; isOpen: boolean }) {
  const { intents, update } = pending
  const areSayable = intents.every(isSayable)
  useEffect(() => {
    if (!areSayable) update((known) => known.filter(isSayable))
  }, [areSayable, update])
  if (!areSayable) return null
  const text = visibleText(
    isOpen ? `${countsByTab(intents)}, kept in this browser` : intents.map(intentSentence).join(' · '),
  )
  return <span title={text}>{text}</span>
}

/** `4 in Schema, 1 in Settings`. */
function countsByTab(intents: readonly Intent[]): string {
  return [...Map.groupBy(intents, intentArea)]
    .map(([area, ofArea]) => `${ofArea.length} in ${AREA_TITLES[area]}`)
    .join(', ')
}
