import type { Intent } from '@/lib/changes/intents/intent'
import {
  PROPERTY_GROUPS,
  type PropertyGroup,
  findProperty,
  isPropertyPattern,
  TABLE_PROPERTIES,
  type TableProperty,
} from '@/lib/iceberg/properties/table-properties'
import { columnSettingName } from '@/lib/iceberg/properties/column-settings'
import { propertyValueProblem } from '@/lib/iceberg/properties/property-problem'
import {
  CODEC_PROPERTY,
  codecLevelRange,
  codecOf,
  LEVEL_PROPERTY,
  levelProblem,
} from '@/lib/iceberg/properties/compression'
import type { PropertyIntent } from '@/lib/changes/intents/property-intent'
import { pendingProperties } from '@/components/changes/tray/put-property'
import { writerLabel } from './writer-label'

export type PropertyRow = {
  key: string
  /** The name of a setting of a column on pages, `codec of route`; null for any other property. */
  label: string | null
  group: PropertyGroup | 'free'
  /** Null when it is not set. */
  now: string | null
  /** The pending value, or the current one if nothing is pending; null when it is or will be unset. */
  shown: string | null
  /** The pending change; null without one. */
  pending: PropertyIntent | null
  /** The definition of a known property; null for a custom one. */
  known: TableProperty | null
  doc: string
  use: PropertyUse
}

/** Which writers honour a property, in one or two words, with a remark; null if the catalogue does not know. */
export type PropertyUse = { label: string; reason: string | null }

export const PROPERTY_SECTIONS = [...PROPERTY_GROUPS, 'free'] as const

export function groupTitle(group: PropertyGroup | 'free' | 'all'): string {
  if (group === 'free') return 'Custom properties'
  return group.charAt(0).toUpperCase() + group.slice(1)
}

/**
 * Known properties in their order, then all other keys that are set or pending.
 *
 * @param columnNameOf the name of the column with a field id; null if it is unknown
 */
export function propertyRows(
  properties: Readonly<Record<string, string>>,
  intents: readonly Intent[],
  columnNameOf: (fieldId: number) => string | null = () => null,
): PropertyRow[] {
  const pendingByKey = pendingProperties(intents)
  const codec = shownValue(CODEC_PROPERTY, properties, pendingByKey.get(CODEC_PROPERTY) ?? null)
  // Properties of columns and rules are listed only when they are set.
  const listed = TABLE_PROPERTIES.map(({ name }) => name).filter((name) => !isPropertyPattern(name))
  const others = [...new Set([...Object.keys(properties), ...pendingByKey.keys()])]
    .filter((key) => !listed.includes(key))
    .sort()
  return [...listed, ...others].map((key) => {
    const known = findProperty(key)
    const pending = pendingByKey.get(key) ?? null
    return {
      key,
      label: columnSettingName(key, columnNameOf),
      group: known?.group ?? 'free',
      now: storedValue(key, properties),
      shown: shownValue(key, properties, pending),
      pending,
      known,
      doc: known?.doc ?? '',
      use: propertyUse(known, key, codec),
    }
  })
}

/** Those whose stored value is not the default come first, otherwise in their order. */
export function changedFirst(rows: readonly PropertyRow[]): PropertyRow[] {
  const isChanged = ({ now, known }: PropertyRow) => now !== null && now !== (known?.default ?? null)
  return rows.toSorted((a, b) => Number(isChanged(b)) - Number(isChanged(a)))
}

/** Why a value cannot be set, given the codec that is set or pending, in words for people; null if it can. */
export function valueProblem(key: string, value: string, codec: string | null): string | null {
  const problem = propertyValueProblem(key, value)
  if (problem !== null || key !== LEVEL_PROPERTY) return problem
  const knownCodec = codecOf(codec)
  // A level that the codec does not have is ignored, not refused.
  return knownCodec === null || codecLevelRange(knownCodec) === null ? null : levelProblem(knownCodec, value)
}

function storedValue(key: string, properties: Readonly<Record<string, string>>): string | null {
  return Object.hasOwn(properties, key) ? (properties[key] ?? null) : null
}

/** The pending value, or the current one if nothing is pending. */
function shownValue(key: string, properties: Readonly<Record<string, string>>, pending: Intent | null) {
  if (pending === null) return storedValue(key, properties)
  return pending.kind === 'set-property' ? pending.value : null
}

function propertyUse(known: TableProperty | null, key: string, codec: string | null): PropertyUse {
  if (known === null) return { label: 'unknown', reason: 'The catalogue does not know the property.' }
  const knownCodec = codecOf(codec)
  return {
    label: writerLabel(known.honouredBy),
    // A codec may have no levels.
    reason:
      key === LEVEL_PROPERTY && knownCodec !== null && codecLevelRange(knownCodec) === null
        ? `Not applicable now: ${codec} has no levels.`
        : null,
  }
}
