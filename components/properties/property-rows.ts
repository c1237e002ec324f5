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
  /** Null: not set. */
  now: string | null
  /** What is pending about it and not committed. */
  pending: ChangeIntent | null
  /** What the catalogue says; null for a key of the owner's own. */
  known: TableProperty | null
  doc: string
}

export const PROPERTY_SECTIONS = [...PROPERTY_GROUPS, 'free'] as const

export function groupTitle(group: PropertyGroup | 'free' | 'all'): string {
  if (group === 'free') return 'Free keys'
  return group.charAt(0).toUpperCase() + group.slice(1)
}

/** Every property of the catalogue and every key that is set or pending besides, catalogue order first. */
export function propertyRows(
  properties: Readonly<Record<string, string>>,
  intents: readonly ChangeIntent[],
): PropertyRow[] {
  const pendingByKey = new Map(intents.map((intent) => [intent.key, intent]))
  // A name that ends in `.column.` stands for one property per column: those are listed where one is set.
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

/** The intent that brings a property from what it is to what is wanted (null: not set); null where nothing changes. */
export function intentFor(key: string, currentValue: string | null, newValue: string | null): ChangeIntent | null {
  if (newValue === currentValue) return null
  return newValue === null
    ? { kind: 'remove-property', key, base: currentValue }
    : { kind: 'set-property', key, value: newValue, base: currentValue }
}
