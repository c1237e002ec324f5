'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { propertiesWithPending, putProperty } from '@/components/changes/put-property'
import { Unloaded } from '@/components/shell/unloaded'
import { SidePanel } from '@/components/ui/side-panel'
import { usePendingChanges } from '@/lib/client/table/pending-changes'
import { tableQuery } from '@/lib/client/table/tables'
import type { TableDetail } from '@/lib/contract/table/tables'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { aboutProperties, isProtected, PROTECTED_PROPERTY, readAbout } from '@/lib/iceberg/properties/about'
import { AboutFields, type EditedAbout } from './about-fields'

type TableAboutPanelProps = { table: TableIdentifier; onClose: () => void }

/** Edits the description of a table. Like all changes of properties, they go into the tray. */
export function TableAboutPanel({ table, onClose }: TableAboutPanelProps) {
  const query = useQuery(tableQuery(table, {}))
  if (query.data) return <AboutForm table={table} detail={query.data} onClose={onClose} />
  return (
    <SidePanel title="About this table" width={428} onClose={onClose} takesFocus>
      <Unloaded
        query={query}
        subject={`${namespaceLabel(table.namespace)}.${table.table}`}
        skeleton={[5, 1, 'Reading the properties']}
      />
    </SidePanel>
  )
}

function AboutForm({ table, detail, onClose }: TableAboutPanelProps & { detail: TableDetail }) {
  const formId = useId()
  const pending = usePendingChanges(table)
  const shown = propertiesWithPending(detail.properties, pending.intents)
  const before = { ...readAbout(shown), isProtected: isProtected(shown) }
  const [edited, setEdited] = useState<EditedAbout | null>(null)
  const value = edited ?? before
  const requested = toProperties(value)
  const changedKeys = [...toProperties(before)].flatMap(([key, text]) => (requested.get(key) === text ? [] : [key]))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    for (const key of changedKeys) putProperty(pending, detail, key, requested.get(key) ?? null)
    onClose()
  }
  return (
    <SidePanel
      title="About this table"
      subtitle="Changes go to the tray"
      width={428}
      onClose={onClose}
      takesFocus
      footer={
        <div className="columns gap-8 to-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" form={formId} disabled={changedKeys.length === 0}>
            Add to tray
          </Button>
        </div>
      }
    >
      <form id={formId} onSubmit={submit}>
        <AboutFields value={value} onChange={setEdited} />
      </form>
    </SidePanel>
  )
}

function toProperties({ isProtected: protects, ...about }: EditedAbout): ReadonlyMap<string, string | null> {
  return new Map([...aboutProperties(about), [PROTECTED_PROPERTY, protects ? 'true' : null]])
}
