'use client'
import { Button } from '@mantine/core'
import { useShownTable } from '@/components/table/frame/shown-table'
import { useCanEdit } from '@/components/table/frame/use-can-change'
import { usePendingChanges } from '@/lib/client/table/pending-changes'
import { type Intent, intentTarget } from '@/lib/changes/intents/intent'
import { putIntent } from '@/lib/changes/intents/pending-intents'

/** Puts the changes of a proposal into the user's own tray, to change them and to propose or commit them again. */
export function CopyToTray({ intents }: { intents: readonly Intent[] }) {
  const { table, detail } = useShownTable()
  const pending = usePendingChanges(table, detail)
  const { isOffered } = useCanEdit()
  if (isOffered !== true) return null
  const inTray = new Map(pending.intents.map((intent) => [intentTarget(intent), JSON.stringify(intent)]))
  const areInTray = intents.every((intent) => inTray.get(intentTarget(intent)) === JSON.stringify(intent))
  return (
    <Button
      variant="default"
      disabled={areInTray}
      onClick={() => pending.update((known) => intents.reduce(putIntent, known))}
    >
      {areInTray ? 'In the tray' : 'Copy to tray'}
    </Button>
  )
}
