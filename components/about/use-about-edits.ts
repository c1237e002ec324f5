import { useState } from 'react'
import { aboutProperties, isProtected, PROTECTED_PROPERTY, readAbout } from '@/lib/iceberg/properties/about'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import type { EditedAbout } from './about-fields'

/** The edited description of an entry, and the changes of its properties. `base` is the current value; null: not set. */
export function useAboutEdits(properties: Readonly<Record<string, string>>) {
  // Until the user types, it follows another user's newer values.
  const [edited, setEdited] = useState<EditedAbout | null>(null)
  const shown = { ...readAbout(properties), isProtected: isProtected(properties) }
  const value = edited ?? shown
  const before = toProperties(shown)
  const changes = [...toProperties(value)].flatMap(([name, text]) =>
    text === before.get(name) ? [] : [{ name, base: propertyValue(properties, name), value: text }],
  )
  return { value, setEdited, changes }
}

function toProperties({ isProtected: protects, ...about }: EditedAbout): ReadonlyMap<string, string | null> {
  return new Map([...aboutProperties(about), [PROTECTED_PROPERTY, protects === true ? 'true' : null]])
}
