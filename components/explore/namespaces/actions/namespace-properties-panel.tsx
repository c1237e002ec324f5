'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useId } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { PropertyEdits } from '@/components/table/settings/property-edits'
import { usePropertyEdits } from '@/components/table/settings/use-property-edits'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SidePanel } from '@/components/ui/side-panel'
import { useChangeNamespace } from '@/lib/client/lifecycle/namespaces'
import { namespaceQuery } from '@/lib/client/namespaces'
import { useCanChooseLocation } from '@/lib/client/session/location-choice'
import { formatQuantity } from '@/lib/format/count'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { secretPropertyProblem } from '@/lib/iceberg/properties/secret-property'

type NamespacePropertiesPanelProps = { catalog: string; namespace: Namespace; onClose: () => void }

/** Sets, changes and removes properties of the namespace in one change. */
export function NamespacePropertiesPanel({ catalog, namespace, onClose }: NamespacePropertiesPanelProps) {
  const query = useQuery(namespaceQuery(catalog, namespace))
  const label = `Namespace ${namespaceLabel(namespace)}`
  if (query.data) {
    return (
      <PropertiesForm catalog={catalog} namespace={namespace} properties={query.data.properties} onClose={onClose} />
    )
  }
  return (
    <SidePanel title="Properties" subtitle={namespaceLabel(namespace)} width={468} onClose={onClose} takesFocus>
      <Unloaded query={query} subject={label} skeleton={[4, 2, 'Reading the properties']} />
    </SidePanel>
  )
}

type PropertiesFormProps = NamespacePropertiesPanelProps & { properties: Readonly<Record<string, string>> }

function PropertiesForm({ catalog, namespace, properties, onClose }: PropertiesFormProps) {
  const formId = useId()
  const save = useChangeNamespace(catalog, namespace)
  const canChooseLocation = useCanChooseLocation(catalog)
  const edits = usePropertyEdits(properties, (name, value) =>
    name === 'location' && value !== '' && canChooseLocation === false
      ? `Setting a location needs a role on all of ${catalog}: tables of others could be there.`
      : propertyProblem(name),
  )
  const { changes } = edits
  const canSave = changes.length > 0 && edits.isValid
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (canSave) save.mutate(changes, { onSuccess: onClose, onError: edits.rebase })
  }
  return (
    <SidePanel
      title="Properties"
      subtitle={namespaceLabel(namespace)}
      width={468}
      onClose={onClose}
      takesFocus
      footer={
        <div className="columns gap-8 to-end">
          <Button variant="default" onClick={onClose} disabled={save.isPending}>
            Cancel
          </Button>
          <WaitingButton type="submit" form={formId} loading={save.isPending} disabled={!canSave}>
            {changes.length === 0 ? 'Save' : `Save ${formatQuantity(changes.length, 'change')}`}
          </WaitingButton>
        </div>
      }
    >
      <form id={formId} onSubmit={submit} className="stack gap-12">
        {save.error && (
          <ProblemNote
            error={save.error}
            subject={`Namespace ${namespaceLabel(namespace)}`}
            unchanged="No property was changed."
          />
        )}
        <PropertyEdits
          model={edits}
          showsNow={save.error !== null}
          empty="No properties yet, such as an owner or a comment."
        />
      </form>
    </SidePanel>
  )
}

function propertyProblem(name: string): string | null {
  const problem = secretPropertyProblem(name)
  return problem === null ? null : `${name} ${problem}.`
}
