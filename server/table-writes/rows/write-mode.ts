import 'server-only'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { IsolationLevel } from '@/lib/iceberg/operations/conflicts'
import { propertyValue } from '@/lib/iceberg/properties/property-value'

/** How rows are removed from data files that have other rows, too: by delete files, or by writing the others again. */
export type WriteMode = 'merge-on-read' | 'copy-on-write'

/** Iceberg's properties that say how engines change rows, by the commands of SQL. */
export type ModeProperty = 'write.delete.mode' | 'write.update.mode' | 'write.merge.mode'

/**
 * The mode of a table: `copy-on-write` if one of the properties asks for it, and in format version 1, which has no
 * delete files. Iceberg's own default is `copy-on-write`; here it is `merge-on-read`, which writes less, and which
 * maintenance of the table turns into rewritten files later.
 */
export function readWriteMode(
  { formatVersion, properties }: Pick<TableMetadata, 'formatVersion' | 'properties'>,
  names: readonly ModeProperty[],
): WriteMode {
  const isCopied = names.some((name) => propertyValue(properties, name)?.trim().toLowerCase() === 'copy-on-write')
  return formatVersion < 2 || isCopied ? 'copy-on-write' : 'merge-on-read'
}

/**
 * Which commits of others make one that deletes rows fail.
 *
 * Spec: Iceberg documentation, `write.delete.isolation-level`, whose default is `serializable`
 */
export function readDeleteIsolation({ properties }: Pick<TableMetadata, 'properties'>): IsolationLevel {
  const level = propertyValue(properties, 'write.delete.isolation-level')?.trim().toLowerCase()
  return level === 'snapshot' ? 'snapshot' : 'serializable'
}
