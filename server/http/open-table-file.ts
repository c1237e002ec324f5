import 'server-only'
import { createHash } from 'node:crypto'
import { AppError } from '@/lib/errors'
import { requirePermission } from '@/server/auth/actor'
import { readFileToken } from '@/server/auth/tokens/file-token'
import type { Services } from '@/server/services'
import type { RequestContext } from './handle-request'
import type { ServedBytes } from './serve-bytes'

/** A data file never changes once it is written; its URL is valid as long as its token. */
const CACHE_CONTROL = 'private, max-age=3600, immutable'

/**
 * Opens the file that a token names, for the user it was issued to, who must still be allowed to read the table. The
 * file is served at its real length: sizes in manifests can be wrong, and the reader compares them.
 *
 * @throws {AppError} forbidden, token-expired, file-missing
 */
export async function openTableFile(
  services: Pick<Services, 'catalogs' | 'database' | 'keys'>,
  token: string,
  { actor, signal }: Pick<RequestContext, 'actor' | 'signal'>,
): Promise<ServedBytes> {
  const { identifier, location, userId } = readFileToken(services, token)
  if (userId !== actor.userId) throw new AppError('forbidden', 'This link to a file was created for another user.')
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
