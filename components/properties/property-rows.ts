import type { Intent } from '@/lib/iceberg/intents/intent'
import {
  PROPERTY_GROUPS,
  type PropertyGroup,
  findProperty,
  isColumnPattern,
  TABLE_PROPERTIES,
  type TableProperty,
} from '@/lib/iceberg/properties/table-properties'
import { propertyValueProblem } from '@/lib/iceberg/properties/property-problem'
import {
  CODEC_PROPERTY,
  codecLevelRange,
  codecOf,
  LEVEL_PROPERTY,
  levelProblem,
} from '@/lib/iceberg/properties/compression'
import { pendingProperties, type PropertyIntent } from './put-property'

export type PropertyRow = {
  key: string
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

/** Whether Lakeshore itself uses a property with its shown value, in a few words, with the reason if there is one. */
export type PropertyUse = { label: string; reason: string | null }

export const PROPERTY_SECTIONS = [...PROPERTY_GROUPS, 'free'] as const

export function groupTitle(group: PropertyGroup | 'free' | 'all'): string {
  if (group === 'free') return 'Custom properties'
  return group.charAt(0).toUpperCase() + group.slice(1)
}

/** Known properties in their order, then all other keys that are set or pending. */
export function propertyRows(properties: Readonly<Record<string, string>>, intents: readonly Intent[]): PropertyRow[] {
  const pendingByKey = pendingProperties(intents)
  const codec = shownValue(CODEC_PROPERTY, properties, pendingByKey.get(CODEC_PROPERTY) ?? null)
  // Properties of columns are listed only when they are set.
  const listed = TABLE_PROPERTIES.map(({ name }) => name).filter((name) => !isColumnPattern(name))
  const others = [...new Set([...Object.keys(properties), ...pendingByKey.keys()])]
    .filter((key) => !listed.includes(key))
    .sort()
  return [...listed, ...others].map((key) => {
    const known = findProperty(key)
    const pending = pendingByKey.get(key) ?? null
    return {
      key,
      group: known?.group ?? 'free',
      now: storedValue(key, properties),
      shown: shownValue(key, properties, pending),
      pending,
      known,
      doc: known?.doc ?? '',
      use: propertyUse(key, codec),
    }
  })
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

const USED_BY_LAKESHORE: PropertyUse = { label: 'yes', reason: null }
const FOR_OTHER_ENGINES: PropertyUse = { label: 'no', reason: 'Kept for other engines.' }

function propertyUse(key: string, codec: string | null): PropertyUse {
  if (key === LEVEL_PROPERTY) return levelUse(codec)
  return findProperty(key)?.honouredBy.includes('lakeshore') ? USED_BY_LAKESHORE : FOR_OTHER_ENGINES
}

/** A codec may have no levels. */
function levelUse(codec: string | null): PropertyUse {
  const knownCodec = codecOf(codec)
  const hasLevels = knownCodec !== null && codecLevelRange(knownCodec) !== null
  return hasLevels ? USED_BY_LAKESHORE : { label: 'not applicable', reason: `${codec} has no levels.` }
}
