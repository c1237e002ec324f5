'use client'
import { useQuery } from '@tanstack/react-query'
import { AboutFields } from '@/components/about/about-fields'
import { useAboutEdits } from '@/components/about/use-about-edits'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { useChangeNamespace } from '@/lib/client/lifecycle/namespaces'
import { namespaceQuery } from '@/lib/client/namespaces'
import { namespaceLabel } from '@/lib/names/identifiers'
import type { NamespacePanelProps } from './namespace-panel-props'

/** Edits the description of a namespace. */
export function NamespaceAboutPanel({ catalog, namespace, onClose }: NamespacePanelProps) {
  const query = useQuery(namespaceQuery(catalog, namespace))
  const save = useChangeNamespace(catalog, namespace)
  const { value, setEdited, changes } = useAboutEdits(query.data?.properties ?? {})
  return (
    <ActionPanel
      title="About this namespace"
      subtitle={namespaceLabel(namespace)}
      entry={{ catalog, namespace }}
      query={query.data ? null : query}
      skeleton={[5, 1, 'Reading the properties']}
      write={save}
      unchanged="No property was changed."
      action={
        query.data
          ? { label: 'Save', fits: changes.length > 0, commit: () => save.mutate(changes, { onSuccess: onClose }) }
          : null
      }
      fields={query.data && <AboutFields value={value} onChange={setEdited} />}
      onClose={onClose}
    />
  )
}
