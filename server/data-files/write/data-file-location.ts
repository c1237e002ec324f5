import 'server-only'
import { createHash } from 'node:crypto'
import { hashFolders } from '@/lib/iceberg/partitioning/hashed-path'
import { partitionPath, type PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { StagedFile } from './staged-file'

const MAX_FOLDER_NAME_BYTES = 200

type Properties = Readonly<Record<string, string>>

/**
 * Where a data file is written. By default this is Hive style below the table's data folder, as engines that list
 * folders expect. With `write.object-storage.enabled`, the path begins with a hash of its rest, so that an object store
 * spreads the requests for a table; the paths are those of Iceberg's `ObjectStoreLocationProvider`.
 */
export function dataFileLocation(
  { fileName, partition }: Pick<StagedFile, 'fileName' | 'partition'>,
  { location, properties }: Pick<TableMetadata, 'location' | 'properties'>,
  { spec, schema }: { spec: PartitionSpec; schema: Schema },
): string {
  const partitionFolder = partitionPath(spec, schema, partition)
  const partitionFolders = partitionFolder === '' ? [] : partitionFolder.split('/').map(toFolderName)
  const isHashed = isOn(properties, 'write.object-storage.enabled', false)
  const folder = dataFolder({ location: stripSlashes(location), properties, isHashed })
  if (!isHashed) return [folder, ...partitionFolders, fileName].join('/')
  const hasPartitions = isOn(properties, 'write.object-storage.partitioned-paths', true)
  const name = hasPartitions ? [...partitionFolders, fileName].join('/') : fileName
  const context = pathContext(folder, stripSlashes(location))
  if (context !== null) return [folder, hashFolders(name), context, name].join('/')
  return `${folder}/${hashFolders(name)}${hasPartitions ? '/' : '-'}${name}`
}

/** Older tables name the folder in properties that `write.data.path` has replaced. */
function dataFolder({
  location,
  properties,
  isHashed,
}: {
  location: string
  properties: Properties
  isHashed: boolean
}): string {
  const names = ['write.data.path', ...(isHashed ? ['write.object-storage.path'] : []), 'write.folder-storage.path']
  const configured = names.map((name) => propertyValue(properties, name)).find((value) => value !== null)
  return stripSlashes(configured ?? `${location}/data`)
}

/** The last two folders of the table's location, if its data is in another folder, which tables may share. */
function pathContext(folder: string, location: string): string | null {
  return folder.startsWith(location) ? null : location.split('/').slice(-2).join('/')
}

function isOn(properties: Properties, name: string, fallback: boolean): boolean {
  const text = propertyValue(properties, name)
  return text === null ? fallback : text.toLowerCase() === 'true'
}

function stripSlashes(folder: string): string {
  return folder.replace(/\/+$/, '')
}

/** File systems allow 255 bytes per name; a digest replaces the rest. Readers do not parse these names. */
function toFolderName(segment: string): string {
  if (segment.length <= MAX_FOLDER_NAME_BYTES) return segment
  const digest = createHash('sha256').update(segment).digest('hex').slice(0, 16)
  return `${segment.slice(0, MAX_FOLDER_NAME_BYTES - digest.length - 1).replace(/%[0-9A-F]?$/, '')}-${digest}`
}
