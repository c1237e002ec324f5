import 'server-only'
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type { readSnapshotFile } from '@/lib/contract/table/files-bytes'
import { asOfFromInput } from '@/lib/contract/shapes/wire'
import { AppError } from '@/lib/errors'
import type { Services } from '@/server/services'
import { findEntry, openManifests } from '@/server/table/files/listed-entries'
import { type OpenScan, openScan } from '@/server/table/scan/open-scan'
import type { RequestContext } from './handle-request'
import type { ServedBytes } from './serve-bytes'

/** A data file never changes once it is written; its URL is valid as long as its token. */
const CACHE_CONTROL = 'private, max-age=3600, immutable'

type FileServices = Pick<Services, 'catalogs' | 'database' | 'keys' | 'manifestCache' | 'scanTables'>
type FileAddress = { token: string; index: number }
type FileContext = Pick<RequestContext, 'actor' | 'signal'>

/**
 * Opens a file of the scan that a token names, see {@link openScan}.
 *
 * @throws {AppError} as `openScan` does; not-found if the scan has no such file; location-refused, file-missing
 */
export async function openTableFile(
  services: FileServices,
  { token, index }: FileAddress,
  { actor, signal }: FileContext,
): Promise<ServedBytes> {
  const { table, plan } = await openScan(services, token, { actor, signal })
  const [task] = await plan.listTasks({ fromFile: index }, 1)
  if (task?.fileIndex !== index) throw noFileError(`${plan.fileCount} files`, { index, fileCount: plan.fileCount })
  return await openLocation(table, task.filePath, signal)
}

/**
 * Opens a delete file of the scan that a token names, in the same way.
 *
 * @throws {AppError} as {@link openTableFile} does
 */
export async function openDeleteFile(
  services: FileServices,
  { token, index }: FileAddress,
  { actor, signal }: FileContext,
): Promise<ServedBytes> {
  const { table, plan } = await openScan(services, token, { actor, signal })
  const entry = (await plan.readDeletes())?.entries[index]
  if (!entry) {
    const { deleteFileCount } = plan
    throw noFileError(`${deleteFileCount} delete files`, { index, deleteFileCount })
  }
  return await openLocation(table, entry.dataFile.filePath, signal)
}

/**
 * Opens a data or delete file that a manifest of the requested state lists.
 *
 * @throws {AppError} as `openManifests` and `findEntry` do; location-refused, file-missing
 */
export async function openSnapshotFile(
  services: Pick<Services, 'catalogs' | 'database' | 'manifestCache'>,
  input: z.output<typeof readSnapshotFile.input>,
  { actor, signal }: FileContext,
): Promise<ServedBytes> {
  const catalog = await services.catalogs.open(input.catalog, actor)
  const table = await catalog.loadTable(input, { signal })
  const open = await openManifests(services, table, asOfFromInput(input), signal)
  const { entry } = await findEntry(open, input)
  return await openLocation(table, entry.dataFile.filePath, signal)
}

function noFileError(files: string, facts: { index: number } & Record<string, number>): AppError {
  return new AppError('not-found', `The scan has ${files}, so none has the index ${facts.index}.`, { facts })
}

/** The file is served at its real length: sizes in manifests can be wrong, and the reader compares them. */
async function openLocation({ store }: OpenScan['table'], location: string, signal: AbortSignal): Promise<ServedBytes> {
  const sizeBytes = await store.sizeBytes(location, { signal })
  return {
    sizeBytes,
    etag: createHash('sha256').update(`${location}\n${sizeBytes}`).digest('base64url').slice(0, 22),
    contentType: 'application/octet-stream',
    cacheControl: CACHE_CONTROL,
    open: (range) => store.stream(location, { range, signal }),
  }
}
