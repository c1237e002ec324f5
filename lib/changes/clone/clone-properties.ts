import type { TableIdentifier } from '../../names/identifiers'
import { ABOUT_KEYS, PROTECTED_PROPERTY } from '../../iceberg/properties/about'
import { CLONED_FROM } from '../../iceberg/properties/cloned-from'
import { DEMO_HISTORY_PROPERTY } from '../../iceberg/properties/demo-history'
import { parseColumnAboutKey } from '../../iceberg/properties/column-about'
import { isSecretProperty } from '../../iceberg/properties/secret-property'
import { isReservedProperty } from '../../iceberg/properties/table-properties'
import { NAME_MAPPING_PROPERTY } from '../../iceberg/properties/name-mapping'

/** Where the files of the source are, what grants access to it, and what people decided about it alone. */
const OF_THE_SOURCE: readonly string[] = [
  'write.data.path',
  'write.metadata.path',
  'write.object-storage.path',
  'write.folder-storage.path',
  'encryption.key-id',
  // The clone has files of its own, whatever the source shares.
  'gc.enabled',
  ABOUT_KEYS.badge,
  ABOUT_KEYS.badgeReason,
  PROTECTED_PROPERTY,
  DEMO_HISTORY_PROPERTY,
  ...Object.values(CLONED_FROM),
]

const DESCRIPTION_KEYS: readonly string[] = [ABOUT_KEYS.description, ABOUT_KEYS.owner, ABOUT_KEYS.tags]

/**
 * The properties of a table by whether a clone can take them over. The ids of columns stay, so it can take over
 * settings by id.
 */
export type CloneProperties = {
  /** May go along, if chosen. */
  settings: readonly string[]
  /** Description, owner and tags, of the table and its columns: go along together. */
  description: readonly string[]
  /** Go along always: rows cannot be read without them. */
  required: readonly string[]
  leftOut: readonly string[]
}

export function sortProperties(properties: Readonly<Record<string, string>>): CloneProperties {
  const sorted = {
    settings: [] as string[],
    description: [] as string[],
    required: [] as string[],
    leftOut: [] as string[],
  }
  for (const key of Object.keys(properties).toSorted()) sorted[groupOf(key)].push(key)
  return sorted
}

function groupOf(key: string): keyof CloneProperties {
  if (OF_THE_SOURCE.includes(key) || isSecretProperty(key) || isReservedProperty(key)) return 'leftOut'
  if (key === NAME_MAPPING_PROPERTY) return 'required'
  const columnKey = parseColumnAboutKey(key)
  if (columnKey !== null) return 'description'
  return DESCRIPTION_KEYS.includes(key) ? 'description' : 'settings'
}

export function clonedFromProperties(
  source: { identifier: TableIdentifier; tableUuid: string; snapshotId: string | null },
  nowMs: number,
): Record<string, string> {
  const { catalog, namespace, table } = source.identifier
  return {
    [CLONED_FROM.table]: [catalog, ...namespace, table].join('.'),
    [CLONED_FROM.tableUuid]: source.tableUuid,
    ...(source.snapshotId !== null && { [CLONED_FROM.snapshotId]: source.snapshotId }),
    [CLONED_FROM.at]: new Date(nowMs).toISOString(),
  }
}
