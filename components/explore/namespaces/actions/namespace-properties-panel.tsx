'use client'
import { useQuery } from '@tanstack/react-query'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { PropertyEdits } from '@/components/table/settings/property-edits'
import { usePropertyEdits } from '@/components/table/settings/use-property-edits'
import { useChangeNamespace } from '@/lib/client/lifecycle/namespaces'
import { namespaceQuery } from '@/lib/client/namespaces'
import { useCanChooseLocation } from '@/lib/client/session/location-choice'
import { formatQuantity } from '@/lib/format/count'
import { namespaceLabel } from '@/lib/names/identifiers'
import { secretPropertyProblem } from '@/lib/iceberg/properties/secret-property'
import type { NamespacePanelProps } from './namespace-panel-props'

/** Sets, changes and removes properties of the namespace in one change. */
export function NamespacePropertiesPanel({ catalog, namespace, onClose }: NamespacePanelProps) {
  const query = useQuery(namespaceQuery(catalog, namespace))
  const save = useChangeNamespace(catalog, namespace)
  const canChooseLocation = useCanChooseLocation(catalog)
  const edits = usePropertyEdits(query.data?.properties ?? {}, (name, value) =>
    name === 'location' && value !== '' && canChooseLocation === false
      ? `Setting a location needs a role on all of ${catalog}: tables of others could be there.`
      : propertyProblem(name),
  )
  const { changes } = edits
  return (
    <ActionPanel
      title="Properties"
      subtitle={namespaceLabel(namespace)}
      width={468}
      entry={{ catalog, namespace }}
      query={query.data ? null : query}
      skeleton={[4, 2, 'Reading the properties']}
      write={save}
      unchanged="No property was changed."
      action={
        query.data
          ? {
              label: changes.length === 0 ? 'Save' : `Save ${formatQuantity(changes.length, 'change')}`,
              fits: changes.length > 0 && edits.isValid,
              commit: () => save.mutate(changes, { onSuccess: onClose, onError: edits.rebase }),
            }
          : null
      }
      fields={
        query.data && (
          <PropertyEdits
            model={edits}
            showsNow={save.error !== null}
            empty="No properties yet, such as an owner or a comment."
          />
        )
      }
      onClose={onClose}
    />
  )
}

function propertyProblem(name: string): string | null {
  const problem = secretPropertyProblem(name)
  return problem === null ? null : `${name} ${problem}.`
}
