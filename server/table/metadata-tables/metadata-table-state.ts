import 'server-only'
import type { z } from 'zod'
import type { getMetadataTable } from '@/lib/contract/table/metadata-tables'
import { AppError } from '@/lib/errors'
import type { AsOf } from '@/lib/iceberg/as-of'
import { isOfOneSnapshot, type MetadataTableName } from '@/lib/iceberg/metadata/metadata-table-names'
import { resolveAsOf } from '@/lib/iceberg/metadata/snapshot-graph'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { isHeldValue } from '@/lib/query/duckdb/held-times'
import type { MetadataRow, MetadataTable, ReportUnreadable } from '@/lib/scan/metadata-tables/metadata-table'
import { openMetadataTable } from '@/lib/scan/metadata-tables/open-metadata-table'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { readEarlierMetadata } from '@/server/catalog/read-earlier-metadata'
import { requireReadableMetadata } from '@/server/catalog/read-problem'
import { pageCodecs } from '@/server/parquet/page-codecs'
import type { TableServices } from '@/server/table/table-services'
import { avroCodecs } from '../../codecs/avro-codecs'
import { createManifestSource } from '../files/live-files'
import type { MayRead } from '../hidden-names'
import { maskProperties } from '../mask-properties'
import { resolveRequestedState } from '../requested-state'
import { readShownMetadata } from '../shown-metadata'
import { toWireField } from '../wire-schema'

type StateServices = Pick<TableServices, 'database' | 'keys' | 'manifestCache' | 'metadataFiles'>

/** The state of a table whose rows a metadata table shows. */
type TableState = { metadata: TableMetadata; location: string; snapshot: Snapshot | null }

/** Rows of some columns of a metadata table. */
export type MetadataRows = {
  fields: readonly NestedField[]
  /** Starts reading. `report`: as in {@link MetadataTable}. */
  read(report: ReportUnreadable): AsyncGenerator<MetadataRow, void>
}

/**
 * @throws {AppError} as `resolveRequestedState` and `openMetadataTable` do; not-supported if the metadata file of the
 * requested time was deleted
 */
export async function describeMetadataTable(
  services: StateServices,
  table: LoadedTable,
  { name, asOf, mayRead, signal }: { name: MetadataTableName; asOf: AsOf; mayRead?: MayRead; signal: AbortSignal },
): Promise<z.output<typeof getMetadataTable.output>> {
  const state = await findState(services, table, { name, asOf, signal })
  const { fields, estimatedRowCount } = await openAtState(services, table, { name, state, mayRead, signal })
  return {
    metadataLocation: state.location,
    snapshotId: state.snapshot?.snapshotId ?? null,
    committedAtMs: state.snapshot?.timestampMs ?? null,
    fields: fields.map(toWireField),
    // The counts of a manifest list can be any numbers.
    estimatedRowCount: Math.min(Math.max(0, estimatedRowCount), Number.MAX_SAFE_INTEGER),
  }
}

/**
 * Opens the rows of a state that was described.
 *
 * @throws {AppError} invalid-request for an unknown column; not-found when the table no longer has the metadata file or
 *   the snapshot; as `openMetadataTable` does
 */
export async function openMetadataRows(
  services: StateServices,
  table: LoadedTable,
  input: {
    name: MetadataTableName
    metadata: string
    snapshot?: string | undefined
    columns: string
    mayRead?: MayRead
    signal: AbortSignal
  },
): Promise<MetadataRows> {
  const { name, columns, mayRead, signal } = input
  const metadata = await readMetadataAt(services, table, input.metadata, signal)
  const snapshot = input.snapshot === undefined ? null : resolveAsOf(metadata, { snapshotId: input.snapshot }).snapshot
  const state = { metadata, location: input.metadata, snapshot }
  const opened = await openAtState(services, table, { name, state, mayRead, signal })
  const names = columns === '' ? [] : columns.split(',')
  const fields = names.map((column) => {
    const field = opened.fields.find((each) => each.name === column)
    if (field) return field
    throw new AppError('invalid-request', `The metadata table ${name} has no column ${column}.`, { facts: { column } })
  })
  return { fields, read: (report) => opened.readRows(names, report) }
}

async function findState(
  { database, metadataFiles }: Pick<StateServices, 'database' | 'metadataFiles'>,
  table: LoadedTable,
  { name, asOf, signal }: { name: MetadataTableName; asOf: AsOf; signal: AbortSignal },
): Promise<TableState> {
  const { metadata, metadataLocation: location } = table
  const resolved = resolveRequestedState(metadata, asOf, database.nowMs())
  const { snapshot } = resolved
  if (isOfOneSnapshot(name) || Object.keys(asOf).length === 0) return { metadata, location, snapshot }
  const shown = await readShownMetadata(metadataFiles, table, { asOf, resolved }, signal)
  if (shown.metadata === null)
    throw new AppError(
      'not-supported',
      `The metadata table ${name} describes the whole table, and its state at that time is not known. ${shown.problem}`,
    )
  return { ...shown, snapshot }
}

/** The metadata of a file that is current, or in the metadata log of the table. */
async function readMetadataAt(
  { metadataFiles }: Pick<StateServices, 'metadataFiles'>,
  table: LoadedTable,
  location: string,
  signal: AbortSignal,
): Promise<TableMetadata> {
  const { metadata, metadataLocation } = table
  if (location === metadataLocation) return metadata
  const isInLog = metadata.metadataLog.some(({ metadataFile }) => metadataFile === location)
  const earlier = isInLog ? await readEarlierMetadata(metadataFiles, table, location, signal) : null
  // A registered metadata file may name any file in its log.
  if (earlier?.tableUuid === metadata.tableUuid) return earlier
  throw new AppError(
    'not-found',
    'The table no longer has the metadata file that was described. Run the query again.',
    {
      facts: { metadataLocation: location },
    },
  )
}

async function openAtState(
  services: StateServices,
  table: LoadedTable,
  {
    name,
    state,
    mayRead,
    signal,
  }: { name: MetadataTableName; state: TableState; mayRead: MayRead | undefined; signal: AbortSignal },
): Promise<MetadataTable> {
  const { keys, manifestCache } = services
  const { metadata, location, snapshot } = state
  const { store } = table
  requireReadableMetadata(table)
  return await openMetadataTable(name, {
    metadata,
    metadataLocation: location,
    snapshot,
    openFiles: () => ({
      source: createManifestSource(manifestCache, { ...table, metadata }, { store, signal }),
      deleteFiles: {
        open: (file) => toByteSource(table, file, signal),
        codecs: { ...pageCodecs, avro: avroCodecs },
        signal,
      },
    }),
    canHold: isHeldValue,
    properties: maskProperties(keys, metadata.properties, metadata.tableUuid, mayRead),
  })
}

function toByteSource({ store }: LoadedTable, { filePath, fileSizeBytes }: DataFile, signal: AbortSignal): ByteSource {
  return {
    name: filePath,
    byteLength: fileSizeBytes,
    read: (start, end) => store.read(filePath, { range: { start, end }, signal }),
  }
}
