import { CLONED_FROM } from '../../iceberg/properties/cloned-from'
import { currentSchema, defaultSortOrder, defaultSpec } from '../../iceberg/metadata/current-layout'
import { LATEST_FORMAT_VERSION } from '../../iceberg/metadata/supported-format'
import type { TableMetadata } from '../../iceberg/metadata/table-metadata'
import { parseTransform } from '../../iceberg/partitioning/transform'
import { ABOUT_KEYS, PROTECTED_PROPERTY } from '../../iceberg/properties/about'
import { parseColumnAboutKey } from '../../iceberg/properties/column-about'
import { parseColumnSettingKey } from '../../iceberg/properties/column-settings'
import { DEMO_HISTORY_PROPERTY } from '../../iceberg/properties/demo-history'
import { isSecretProperty } from '../../iceberg/properties/secret-property'
import { isReservedProperty } from '../../iceberg/properties/table-properties'
import { NAME_MAPPING_PROPERTY } from '../../iceberg/properties/name-mapping'
import type { NewTableDraft } from './new-table-draft'

/** Properties that belong to one table: where its files are, what refers to its ids and keys, and how it is judged. */
const OF_ONE_TABLE = [
  'write.data.path',
  'write.metadata.path',
  'write.object-storage.path',
  'write.folder-storage.path',
  'encryption.key-id',
  NAME_MAPPING_PROPERTY,
  ABOUT_KEYS.badge,
  ABOUT_KEYS.badgeReason,
  PROTECTED_PROPERTY,
  DEMO_HISTORY_PROPERTY,
  ...Object.values<string>(CLONED_FROM),
]

/** A new table with the columns, layout and settings of another one, and the properties that are left out. */
export function draftLikeTable(metadata: TableMetadata): { draft: NewTableDraft; leftOut: readonly string[] } {
  const { fields, identifierFieldIds } = currentSchema(metadata)
  const entries = Object.entries(metadata.properties)
  const isRetained = (key: string) =>
    !OF_ONE_TABLE.includes(key) &&
    !isSecretProperty(key) &&
    !isReservedProperty(key) &&
    parseColumnSettingKey(key) === null &&
    parseColumnAboutKey(key) === null
  return {
    draft: {
      formatVersion: metadata.formatVersion === 4 ? LATEST_FORMAT_VERSION : metadata.formatVersion,
      schema: { schemaId: 0, identifierFieldIds, fields },
      partitionFields: defaultSpec(metadata)
        .fields.filter(({ transform }) => parseTransform(transform).kind !== 'void')
        .map(({ sourceId, name, transform }) => ({ sourceId, name, transform })),
      sortFields: defaultSortOrder(metadata).fields,
      properties: Object.fromEntries(entries.filter(([key]) => isRetained(key))),
    },
    leftOut: entries.map(([key]) => key).filter((key) => !isRetained(key)),
  }
}
