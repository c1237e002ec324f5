import type { AvroBlockCodecs } from '@/lib/iceberg/avro/codecs'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { Value } from '@/lib/iceberg/schema/types'
import type { PageCodecs } from '@/lib/parquet/page-codecs'
import type { BlockCache } from './avro/block-cache'
import type { ShapeOptions } from './column-shape'
import { initialDefaultOf } from './initial-default'
import type { FileOrigin } from './metadata-columns'

export type FileFormat = DataFile['fileFormat']

/** The codecs of all formats, handed in by the caller. */
export type DataFileCodecs = PageCodecs & {
  avro: AvroBlockCodecs
  /** Keeps blocks of Avro files for the next rows of a grid; every read decompresses its blocks without one. */
  avroBlocks?: BlockCache
}

/** The facts about a data file that its table knows. */
export type DataFileFacts = {
  /** As in its manifest entry; Parquet if left out. */
  fileFormat?: FileFormat
  recordCount: number
  /** Values of identity partition fields by source field id; they replace columns that the file leaves out. */
  constants: ReadonlyMap<number, Value | null>
  /** For files written without field ids. */
  nameMapping: NameMapping | null
  /**
   * Whether the file is read by itself: its columns are its own (`fileColumns`), matched by their positions, and a
   * Parquet file may have any number of rows.
   */
  hasOwnColumns?: boolean
  /** Needed for metadata columns only. */
  origin?: FileOrigin
}

/**
 * The name mapping for a file without ids, null without one. Identity partition columns are left out, because their
 * values are in the manifest: such files mostly come from Hive tables, which have them in the names of folders, and a
 * column of the file may have the same name by chance, and another type. Iceberg's Java code prefers these values, too
 * (`PartitionUtil.constantsMap`).
 */
export function mappingOf({ nameMapping, constants }: DataFileFacts): NameMapping | null {
  return nameMapping && (constants.size === 0 ? nameMapping : omitFields(nameMapping, constants))
}

function omitFields(mapping: NameMapping, omitted: ReadonlyMap<number, unknown>): NameMapping {
  return mapping
    .filter(({ fieldId }) => fieldId === null || !omitted.has(fieldId))
    .map((field) => ({ ...field, fields: omitFields(field.fields, omitted) }))
}

/** Values of columns that a file does not contain. A null partition value is a value: no default replaces it. */
export function missingValueOf({ constants }: DataFileFacts): ShapeOptions['missingValueOf'] {
  return (missing) => {
    const constant = constants.get(missing.id)
    return constant === undefined ? initialDefaultOf(missing) : constant
  }
}
