import type { ChangeIntent } from '@/lib/contract/changes'
import {
  PROPERTY_GROUPS,
  type PropertyGroup,
  findProperty,
  TABLE_PROPERTIES,
  type TableProperty,
} from '@/lib/iceberg/properties/table-properties'

export type PropertyRow = {
  key: string
  group: PropertyGroup | 'free'
  /** Null when it is not set. */
  now: string | null
  /** The pending change; null without one. */
  pending: ChangeIntent | null
  /** The definition of a known property; null for a custom one. */
  known: TableProperty | null
  doc: string
}

export const PROPERTY_SECTIONS = [...PROPERTY_GROUPS, 'free'] as const

export function groupTitle(group: PropertyGroup | 'free' | 'all'): string {
  if (group === 'free') return 'Custom properties'
  return group.charAt(0).toUpperCase() + group.slice(1)
}

/** Known properties in their order, then all other keys that are set or pending. */
export function propertyRows(
  properties: Readonly<Record<string, string>>,
  intents: readonly ChangeIntent[],
): PropertyRow[] {
  const pendingByKey = new Map(intents.map((intent) => [intent.key, intent]))
  // A name that ends in `.column.` is a prefix for properties of columns. Those are listed only when they are set.
  const listed = TABLE_PROPERTIES.map(({ name }) => name).filter((name) => !name.endsWith('.column.'))
  const others = [...new Set([...Object.keys(properties), ...pendingByKey.keys()])]
    .filter((key) => !listed.includes(key))
    .sort()
  return [...listed, ...others].map((key) => {
    const known = findProperty(key)
    return {
      key,
      group: known?.group ?? 'free',
      now: Object.hasOwn(properties, key) ? (properties[key] ?? null) : null,
      pending: pendingByKey.get(key) ?? null,
      known,
      doc: known?.doc ?? '',
    }
  })
}

/** The intent that changes a property to a new value, where null means not set. Null when nothing changes. */
export function intentFor(key: string, currentValue: string | null, newValue: string | null): ChangeIntent | null {
  if (newValue === currentValue) return null
  return newValue === null
    ? { kind: 'remove-property', key, base: currentValue }
    : { kind: 'set-property', key, value: newValue, base: currentValue }
}
