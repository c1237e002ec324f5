'use client'
import { PropertyEdits } from '@/components/table/settings/property-edits'
import { usePropertyEdits } from '@/components/table/settings/use-property-edits'
import { viewPropertyProblem } from '@/lib/iceberg/view/view-properties'
import { ViewEditPanel } from './view-edit-panel'
import type { ViewPanelProps } from './view-panel-props'

/** Sets, changes and removes properties of a view in one commit. */
export function ViewPropertiesPanel({ view, detail, onClose }: ViewPanelProps) {
  const edits = usePropertyEdits(detail.properties, viewPropertyProblem)
  const { changes } = edits
  return (
    <ViewEditPanel
      view={view}
      title="Properties"
      action="Save"
      edit={changes.length > 0 && edits.isValid ? { kind: 'properties', changes } : null}
      onClose={onClose}
      onDone={onClose}
    >
      <PropertyEdits model={edits} empty="No properties yet, such as an owner or a comment." />
    </ViewEditPanel>
  )
}
