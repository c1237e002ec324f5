'use client'
import { AboutFields } from '@/components/about/about-fields'
import { useAboutEdits } from '@/components/about/use-about-edits'
import { ViewEditPanel } from './view-edit-panel'
import type { ViewPanelProps } from './view-panel-props'

/** Edits the description of a view, and its protection. */
export function ViewAboutPanel({ view, detail, onClose }: ViewPanelProps) {
  const { value, setEdited, changes } = useAboutEdits(detail.properties)
  return (
    <ViewEditPanel
      view={view}
      title="About this view"
      action="Save"
      edit={changes.length === 0 ? null : { kind: 'properties', changes }}
      onClose={onClose}
      onDone={onClose}
    >
      <AboutFields value={value} onChange={setEdited} />
    </ViewEditPanel>
  )
}
