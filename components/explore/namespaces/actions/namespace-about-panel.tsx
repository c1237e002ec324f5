'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { AboutFields, type EditedAbout } from '@/components/about/about-fields'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SidePanel } from '@/components/ui/side-panel'
import { useChangeNamespace } from '@/lib/client/lifecycle/namespaces'
import { namespaceQuery } from '@/lib/client/namespaces'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { aboutProperties, isProtected, PROTECTED_PROPERTY, readAbout } from '@/lib/iceberg/properties/about'
import { propertyValue } from '@/lib/iceberg/properties/property-value'

type NamespaceAboutPanelProps = { catalog: string; namespace: Namespace; onClose: () => void }

/** Edits the description of a namespace. */
export function NamespaceAboutPanel({ catalog, namespace, onClose }: NamespaceAboutPanelProps) {
  const query = useQuery(namespaceQuery(catalog, namespace))
  if (query.data) {
    const { properties } = query.data
    return <AboutForm catalog={catalog} namespace={namespace} properties={properties} onClose={onClose} />
  }
  return (
    <SidePanel title="About this namespace" width={428} onClose={onClose} takesFocus>
      <Unloaded
        query={query}
        subject={`Namespace ${namespaceLabel(namespace)}`}
        skeleton={[5, 1, 'Reading the properties']}
      />
    </SidePanel>
  )
}

function AboutForm({
  catalog,
  namespace,
  properties,
  onClose,
}: NamespaceAboutPanelProps & { properties: Readonly<Record<string, string>> }) {
  const formId = useId()
  const save = useChangeNamespace(catalog, namespace)
  // Until the user types, it follows another user's newer values.
  const [edited, setEdited] = useState<EditedAbout | null>(null)
  const shown = { ...readAbout(properties), isProtected: isProtected(properties) }
  const value = edited ?? shown
  const before = toProperties(shown)
  const changes = [...toProperties(value)].flatMap(([name, text]) =>
    text === before.get(name) ? [] : [{ name, base: propertyValue(properties, name), value: text }],
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (changes.length > 0) save.mutate(changes, { onSuccess: onClose })
  }
  return (
    <SidePanel
      title="About this namespace"
      subtitle={namespaceLabel(namespace)}
      width={428}
      onClose={onClose}
      takesFocus
      footer={
        <div className="columns gap-8 to-end">
          <Button variant="default" onClick={onClose} disabled={save.isPending}>
            Cancel
          </Button>
          <WaitingButton type="submit" form={formId} loading={save.isPending} disabled={changes.length === 0}>
            Save
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
        <AboutFields value={value} onChange={setEdited} />
      </form>
    </SidePanel>
  )
}

function toProperties({ isProtected: protects, ...about }: EditedAbout): ReadonlyMap<string, string | null> {
  return new Map([...aboutProperties(about), [PROTECTED_PROPERTY, protects === true ? 'true' : null]])
}
