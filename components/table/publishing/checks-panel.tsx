'use client'
import { useShownTable } from '@/components/table/frame/shown-table'
import { useCanChange } from '@/components/table/frame/use-can-change'
import { pendingProperties, propertiesWithPending, putProperty } from '@/components/changes/tray/put-property'
import { SidePanel } from '@/components/ui/side-panel'
import { usePendingChanges } from '@/lib/client/table/pending-changes'
import { CHECK_PREFIX, checkProperty, MAX_CHECKS, tableChecks } from '@/lib/iceberg/properties/table-checks'
import { CheckForm } from './check-form'

/** The saved checks of the table, edited as pending changes of its properties. */
export function ChecksPanel({ onClose }: { onClose: () => void }) {
  const { table, detail } = useShownTable()
  const pending = usePendingChanges(table, detail)
  const { isOffered, reason } = useCanChange('table:write')
  const canEdit = isOffered === true
  const checks = tableChecks(propertiesWithPending(detail.properties, pending.intents))
  const changed = pendingProperties(pending.intents)
  const removed = [...changed.values()].flatMap(({ kind, key }) =>
    kind === 'remove-property' && key.startsWith(CHECK_PREFIX) ? [key] : [],
  )
  const put = (name: string, sql: string | null) => putProperty(pending, detail, checkProperty(name), sql)
  return (
    <SidePanel title="Checks" subtitle="SQL that must return no rows" width={468} onClose={onClose} takesFocus>
      <div className="stack gap-12">
        <p className="bare secondary dense">
          A check reads the table as <code>this_table</code>, and other tables by their names. It is a property of the
          table, so edits wait with the other changes until they are committed. Checks run on the server, before a
          branch or a staged snapshot is published.
        </p>
        {reason !== null && <p className="bare secondary dense">{reason}</p>}
        {checks.map(({ name, sql }) => (
          <CheckForm
            key={`${name} ${sql}`}
            name={name}
            sql={sql}
            isPending={changed.has(checkProperty(name))}
            canEdit={canEdit}
            onSave={(next) => put(name, next)}
            onRemove={() => put(name, null)}
          />
        ))}
        {removed.map((key) => (
          <p key={key} className="bare secondary dense">
            − <strong>{key.slice(CHECK_PREFIX.length)}</strong> is removed with the next commit.
          </p>
        ))}
        {checks.length === 0 && removed.length === 0 && (
          <p className="bare secondary dense">The table has no checks yet.</p>
        )}
        {canEdit &&
          (checks.length < MAX_CHECKS ? (
            <CheckForm
              key={`new ${checks.length}`}
              name={null}
              sql=""
              isPending={false}
              canEdit
              takenNames={checks.map(({ name }) => name)}
              onSave={(sql, name) => put(name, sql)}
            />
          ) : (
            <p className="bare secondary dense">A table has at most {MAX_CHECKS} checks.</p>
          ))}
      </div>
    </SidePanel>
  )
}
