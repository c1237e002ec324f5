import { ABOUT_PROPERTIES } from './catalogue/about'
import { COLUMN_ABOUT_PROPERTIES } from './catalogue/column-about'
import { COLUMN_LAYOUT_PROPERTIES } from './catalogue/column-layout'
import { COMMIT_PROPERTIES } from './catalogue/commit'
import { COMPRESSION_PROPERTIES } from './catalogue/compression'
import { DISTRIBUTION_PROPERTIES } from './catalogue/distribution'
import { ENCRYPTION_PROPERTIES } from './catalogue/encryption'
import { FORMAT_PROPERTIES } from './catalogue/format'
import { METADATA_PROPERTIES } from './catalogue/metadata'
import { METRICS_PROPERTIES } from './catalogue/metrics'
import { READ_PROPERTIES } from './catalogue/read'
import { RETENTION_PROPERTIES } from './catalogue/retention'
import { RULE_PROPERTIES } from './catalogue/rules'
import { WRITE_PROPERTIES } from './catalogue/write'
import type { PropertyEntry } from './catalogue/property-entry'
import { parseColumnAboutKey } from './column-about'
import { columnSettingKey, parseColumnSettingKey } from './column-settings'
import { isRuleKey, ruleProperty } from './value-rules'

/**
 * The table properties that Iceberg defines. Any other key belongs to the table's owner and may have any value.
 *
 * Spec: Iceberg documentation, *Configuration*, and the reference implementation's `TableProperties`.
 */
const CATALOGUE = {
  compression: [...COMPRESSION_PROPERTIES, ...COLUMN_LAYOUT_PROPERTIES],
  format: FORMAT_PROPERTIES,
  write: [...WRITE_PROPERTIES, ...RULE_PROPERTIES],
  distribution: DISTRIBUTION_PROPERTIES,
  metrics: METRICS_PROPERTIES,
  read: READ_PROPERTIES,
  commit: COMMIT_PROPERTIES,
  retention: RETENTION_PROPERTIES,
  metadata: METADATA_PROPERTIES,
  encryption: ENCRYPTION_PROPERTIES,
  about: [...ABOUT_PROPERTIES, ...COLUMN_ABOUT_PROPERTIES],
} as const satisfies Record<string, readonly PropertyEntry[]>

export type PropertyGroup = keyof typeof CATALOGUE

/** In the order of the page. */
export const PROPERTY_GROUPS = Object.keys(CATALOGUE) as PropertyGroup[]

/** A property of the catalogue, with null for members that its entry leaves out. */
export type TableProperty = Required<Pick<PropertyEntry, 'name' | 'doc' | 'values' | 'honouredBy'>> & {
  group: PropertyGroup
  default: string | null
  unit: NonNullable<PropertyEntry['unit']> | null
  since: string | null
}

export const TABLE_PROPERTIES: readonly TableProperty[] = PROPERTY_GROUPS.flatMap((group) =>
  CATALOGUE[group].map((entry: PropertyEntry) => ({
    values: { kind: 'text' } as const,
    default: null,
    unit: null,
    since: null,
    ...entry,
    group,
  })),
)

export const FORMAT_VERSION_PROPERTY = 'format-version'

/** Fields of the metadata. Set as properties, they would contradict it. */
const RESERVED_PROPERTIES: readonly string[] = [
  FORMAT_VERSION_PROPERTY,
  'uuid',
  'snapshot-count',
  'current-snapshot-summary',
  'current-snapshot-id',
  'current-snapshot-timestamp-ms',
  'current-schema',
  'default-partition-spec',
  'default-sort-order',
]

export function isReservedProperty(name: string): boolean {
  return RESERVED_PROPERTIES.includes(name)
}

/** Whether a name of the catalogue represents many properties, such as one for each column. */
export function isPropertyPattern(name: string): boolean {
  return name.endsWith('.column.') || name.includes('<')
}

/**
 * The entry for a key, also for one column's (`write.metadata.metrics.column.origin`) and for a rule's; null for other keys.
 */
export function findProperty(name: string): TableProperty | null {
  if (isRuleKey(name)) return TABLE_PROPERTIES.find((entry) => entry.name === ruleProperty('<name>')) ?? null
  const setting = parseColumnSettingKey(name)?.setting
  const pattern =
    setting === undefined ? (parseColumnAboutKey(name)?.pattern ?? null) : columnSettingKey('<field id>', setting)
  return (
    TABLE_PROPERTIES.find((entry) => {
      if (!isPropertyPattern(entry.name)) return name === entry.name
      return entry.name === pattern || (name.startsWith(entry.name) && name !== entry.name)
    }) ?? null
  )
}
