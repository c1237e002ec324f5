import 'server-only'
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type { readSnapshotFile } from '@/lib/contract/files-bytes'
import { asOfFromInput } from '@/lib/contract/shapes/wire'
import { AppError } from '@/lib/errors'
import type { Services } from '@/server/services'
import { findEntry, openManifests } from '@/server/table/listed-entries'
import { openScan, type OpenScan } from '@/server/table/scan/open-scan'
import type { RequestContext } from './handle-request'
import type { ServedBytes } from './serve-bytes'

/** A data file never changes once it is written; its URL is valid as long as its token. */
const CACHE_CONTROL = 'private, max-age=3600, immutable'

/**
 * Opens a file of the scan that a token names, see {@link openScan}. The file is served at its real length: sizes in
 * manifests can be wrong, and the reader compares them.
 *
 * @throws {AppError} as `openScan` does; not-found when the scan has no such file; location-refused, file-missing
 */
export async function openTableFile(
  services: Pick<Services, 'catalogs' | 'database' | 'keys' | 'manifestCache' | 'scanTables'>,
  { token, index }: { token: string; index: number },
  { actor, signal }: Pick<RequestContext, 'actor' | 'signal'>,
): Promise<ServedBytes> {
  const { table, plan } = await openScan(services, token, { actor, signal })
  const [task] = await plan.listTasks({ fromFile: index }, 1)
  if (task?.fileIndex !== index) {
    const facts = { index, fileCount: plan.fileCount }
    throw new AppError('not-found', `The scan has ${plan.fileCount} files, so none has the index ${index}.`, { facts })
  }
  return serveFile(table, task.filePath, signal)
}

/**
 * Opens a data or delete file that a manifest of the requested state lists.
 *
 * @throws {AppError} as `openManifests` and `findEntry` do; location-refused, file-missing
 */
export async function openSnapshotFile(
  services: Pick<Services, 'catalogs' | 'database' | 'manifestCache'>,
  input: z.output<typeof readSnapshotFile.input>,
  { actor, signal }: Pick<RequestContext, 'actor' | 'signal'>,
): Promise<ServedBytes> {
  const catalog = await services.catalogs.open(input.catalog, actor)
  const table = await catalog.loadTable(input, { signal })
  const open = await openManifests(services, table, asOfFromInput(input), signal)
  const { entry } = await findEntry(open, input)
  return serveFile(table, entry.dataFile.filePath, signal)
}

async function serveFile({ store }: OpenScan['table'], location: string, signal: AbortSignal): Promise<ServedBytes> {
  const sizeBytes = await store.sizeBytes(location, { signal })
  return {
    sizeBytes,
    etag: createHash('sha256').update(`${location}\n${sizeBytes}`).digest('base64url').slice(0, 22),
    contentType: 'application/octet-stream',
    cacheControl: CACHE_CONTROL,
    open: (range) => store.stream(location, { range, signal }),
  }
}
