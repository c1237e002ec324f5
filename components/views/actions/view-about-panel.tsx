'use client'
import { useState } from 'react'
import { AboutFields, type EditedAbout } from '@/components/about/about-fields'
import { aboutProperties, isProtected, PROTECTED_PROPERTY, readAbout } from '@/lib/iceberg/properties/about'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { ViewEditPanel } from './view-edit-panel'
import type { ViewPanelProps } from './view-panel-props'

/** Edits the description of a view, and its protection. */
export function ViewAboutPanel({ view, detail, onClose }: ViewPanelProps) {
  const { properties } = detail
  const shown = { ...readAbout(properties), isProtected: isProtected(properties) }
  // Until the user types, it follows another user's newer values.
  const [edited, setEdited] = useState<EditedAbout | null>(null)
  const value = edited ?? shown
  const before = toProperties(shown)
  const changes = [...toProperties(value)].flatMap(([name, text]) =>
    text === before.get(name) ? [] : [{ name, base: propertyValue(properties, name), value: text }],
  )
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

function toProperties({ isProtected: protects, ...about }: EditedAbout): ReadonlyMap<string, string | null> {
  return new Map([...aboutProperties(about), [PROTECTED_PROPERTY, protects === true ? 'true' : null]])
}
