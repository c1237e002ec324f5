import 'server-only'
import { createHash } from 'node:crypto'
import { AppError } from '@/lib/errors'
import { requirePermission } from '@/server/auth/actor'
import { readFileToken } from '@/server/auth/tokens/file-token'
import type { Services } from '@/server/services'
import type { RequestContext } from './handle-request'
import type { ServedBytes } from './serve-bytes'

/** A data file never changes once it is written; its address holds as long as its token. */
const CACHE_CONTROL = 'private, max-age=3600, immutable'

/**
 * The file a token names, for the person it was made for, who may still read the table. It is served as long as
 * it is: sizes in manifests can be wrong, and who reads it compares.
 *
 * @throws {AppError} forbidden, token-expired, file-missing
 */
export async function openTableFile(
  services: Pick<Services, 'catalogs' | 'database' | 'keys'>,
  token: string,
  { actor, signal }: Pick<RequestContext, 'actor' | 'signal'>,
): Promise<ServedBytes> {
  const { identifier, location, userId } = readFileToken(services, token)
  if (userId !== actor.userId) throw new AppError('forbidden', 'This link to a file was made for somebody else.')
  requirePermission(actor, 'table:read', identifier)
  const store = await (await services.catalogs.open(identifier.catalog, actor)).openStore(identifier, { signal })
  const sizeBytes = await store.sizeBytes(location, { signal })
  return {
    sizeBytes,
    etag: createHash('sha256').update(`${location}\n${sizeBytes}`).digest('base64url').slice(0, 22),
    contentType: 'application/octet-stream',
    cacheControl: CACHE_CONTROL,
    open: (range) => store.stream(location, { range, signal }),
  }
}
