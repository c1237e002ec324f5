'use client'
import { useQuery } from '@tanstack/react-query'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { propertiesWithPending, putProperty } from '@/components/changes/tray/put-property'
import { usePendingChanges } from '@/lib/client/table/pending-changes'
import { tableQuery } from '@/lib/client/table/tables'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { AboutFields } from './about-fields'
import { useAboutEdits } from './use-about-edits'

type TableAboutPanelProps = { table: TableIdentifier; onClose: () => void }

/** Edits the description of a table. Like all changes of properties, they go into the tray. */
export function TableAboutPanel({ table, onClose }: TableAboutPanelProps) {
  const query = useQuery(tableQuery(table, {}))
  const { data: detail } = query
  const pending = usePendingChanges(table, detail ?? null)
  const { value, setEdited, changes } = useAboutEdits(
    detail ? propertiesWithPending(detail.properties, pending.intents) : {},
  )
  return (
    <ActionPanel
      title="About this table"
      subtitle="Changes go to the tray"
      entry={table}
      query={detail ? null : query}
      skeleton={[5, 1, 'Reading the properties']}
      action={
        detail
          ? {
              label: 'Add to changes',
              fits: changes.length > 0,
              commit: () => {
                for (const { name, value } of changes) putProperty(pending, detail, name, value)
                onClose()
              },
            }
          : null
      }
      fields={detail && <AboutFields value={value} onChange={setEdited} />}
      onClose={onClose}
    />
  )
}
