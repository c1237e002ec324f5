import 'server-only'
import pMap from 'p-map'
import type { z } from 'zod'
import type { compareMetadataFiles, listMetadataFiles, MetadataFigures, MetadataFile } from '@/lib/contract/table/files'
import { AppError } from '@/lib/errors'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { diffJson } from '@/lib/iceberg/json/json-diff'
import { tableMetadataToJson } from '@/lib/iceberg/metadata/metadata-json'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { readEarlierMetadata } from '@/server/catalog/read-earlier-metadata'
import type { TableServices } from '@/server/table/table-services'
import type { MayRead } from '@/server/table/hidden-names'
import { maskProperties } from '@/server/table/mask-properties'
import { snapshotFigures } from '@/server/table/summary-counts'

/** Each file of a page takes a request to the store. */
const PAGE_SIZE = 100
const CONCURRENCY = 8
const MAX_DIFFERENCES = 1_000
const MAX_VALUE_CHARS = 2_000

/** One page of the metadata files that the table's metadata names, newest first, the current one among them. */
export async function readMetadataFilePage(
  { metadata, metadataLocation, store }: LoadedTable,
  { offset, signal }: { offset: number; signal: AbortSignal },
): Promise<z.output<typeof listMetadataFiles.output>> {
  const earlier = metadata.metadataLog.map(({ metadataFile, timestampMs }) => ({
    location: metadataFile,
    writtenAtMs: timestampMs,
    isCurrent: false,
  }))
  const current = { location: metadataLocation, writtenAtMs: metadata.lastUpdatedMs, isCurrent: true }
  const newestFirst = [current, ...earlier.filter(({ location }) => location !== metadataLocation).toReversed()]
  const page = newestFirst.slice(offset, offset + PAGE_SIZE)
  const readSize = async (location: string): Promise<Pick<MetadataFile, 'sizeBytes' | 'problem'>> => {
    try {
      return { sizeBytes: await store.sizeBytes(location, { signal }), problem: null }
    } catch (error) {
      if (!(error instanceof AppError) || signal.aborted) throw error
      return { sizeBytes: null, problem: error.code === 'file-missing' ? 'The file is gone.' : error.message }
    }
  }
  return {
    totalCount: newestFirst.length,
    files: await pMap(page, async (file) => ({ ...file, ...(await readSize(file.location)) }), {
      concurrency: CONCURRENCY,
    }),
    nextOffset: offset + page.length < newestFirst.length ? offset + page.length : null,
  }
}

/**
 * The differences between two metadata files of the table.
 *
 * @throws {AppError} not-found if the table's metadata does not name a file, or the file has another table;
 * file-missing; as `readTable` does
 */
export async function compareMetadata(
  services: Pick<TableServices, 'keys' | 'metadataFiles'>,
  table: LoadedTable,
  { from, to, mayRead, signal }: { from: string; to: string; mayRead?: MayRead; signal: AbortSignal },
): Promise<z.output<typeof compareMetadataFiles.output>> {
  const [before, after] = await Promise.all([
    readListed(services, table, from, signal),
    readListed(services, table, to, signal),
  ])
  const figures = { before: figuresOf(before), after: figuresOf(after) }
  const differences = []
  for (const { path, before: old, after: next } of diffJson(
    toShownJson(services, before, mayRead),
    toShownJson(services, after, mayRead),
  )) {
    if (differences.length === MAX_DIFFERENCES) return { figures, isTruncated: true, differences }
    differences.push({ path: shorten(path), before: old && shorten(old), after: next && shorten(next) })
  }
  return { figures, isTruncated: false, differences }
}

function figuresOf(metadata: TableMetadata): MetadataFigures {
  const snapshot = metadata.snapshots.find(({ snapshotId }) => snapshotId === metadata.currentSnapshotId) ?? null
  return { ...snapshotFigures(snapshot), refCount: Object.keys(metadata.refs).length }
}

async function readListed(
  { metadataFiles }: Pick<TableServices, 'metadataFiles'>,
  table: LoadedTable,
  location: string,
  signal: AbortSignal,
): Promise<TableMetadata> {
  const { metadata, metadataLocation } = table
  if (location === metadataLocation) return metadata
  if (!metadata.metadataLog.some(({ metadataFile }) => metadataFile === location)) {
    throw new AppError('not-found', 'The table’s metadata names no such metadata file.', { facts: { location } })
  }
  const earlier = await readEarlierMetadata(metadataFiles, table, location, signal)
  if (earlier === null)
    throw new AppError('file-missing', `The metadata file is gone: ${location}`, { facts: { location } })
  // A registered metadata file may name any file in its log.
  if (earlier.tableUuid !== metadata.tableUuid) {
    throw new AppError('not-found', 'The metadata file belongs to another table.', { facts: { location } })
  }
  return earlier
}

/** Metadata for display, without values that grant access. */
function toShownJson({ keys }: Pick<TableServices, 'keys'>, metadata: TableMetadata, mayRead?: MayRead): JsonObject {
  const { tableUuid, properties, encryptionKeys } = metadata
  return tableMetadataToJson({
    ...metadata,
    properties: maskProperties(keys, properties, tableUuid, mayRead),
    encryptionKeys: encryptionKeys.map((key) => ({ ...key, 'encrypted-key-metadata': 'hidden' })),
  })
}

function shorten(text: string): string {
  return text.length > MAX_VALUE_CHARS ? `${text.slice(0, MAX_VALUE_CHARS)}…` : text
}
