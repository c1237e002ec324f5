import 'server-only'
import { requireGcsObject } from '../../locations/location-gate'
import type { ObjectStore } from '../object-store'
import { remoteClient, readText, type Timing } from '../remote/client'
import { type ListRequest, remoteStore } from '../remote/remote-store'
import type { GcsAccess } from '../../locations/storage-access'
import { GCS, NOT_FOUND, withBucketErrors } from './gcs-errors'
import { parseFolder, parseListing } from './gcs-json'
import { gcsProtocol } from './gcs-protocol'
import { uploader } from './upload'

/** For one page: at most 1,000 names of 1,024 bytes, each of which JSON escapes can make six times as long. */
const MAX_LISTING_BYTES = 8 * 1024 * 1024
const MAX_LISTED_KEYS = 1_000

/** Lets tests use the code for large files with small ones. */
export type GcsStoreOptions = Timing & { partBytes?: number; maxSingleUploadBytes?: number }

/** Google Cloud Storage. `remote-store` has what all stores share. */
export function gcsStore(
  access: GcsAccess,
  { partBytes, maxSingleUploadBytes, ...timing }: GcsStoreOptions = {},
): ObjectStore {
  const client = remoteClient(gcsProtocol(access), timing)
  return remoteStore({
    dialect: GCS,
    client,
    resolveObject(location) {
      const { bucket, key } = requireGcsObject(location, access.roots)
      return { bucket, key }
    },
    upload: uploader(client, partBytes, maxSingleUploadBytes),
    list: (request) => requestListing(request, 'kind,nextPageToken,items(name)', parseListing),
    listFolder: (request) =>
      requestListing(request, 'kind,nextPageToken,prefixes,items(name,size,updated)', parseFolder),
    missingObjectCode: NOT_FOUND,
  })

  function requestListing<Result>(
    { bucket, prefix, isShallow, maxKeys = MAX_LISTED_KEYS, pageToken, signal }: ListRequest,
    fields: string,
    parse: (body: string) => Result,
  ): Promise<Result> {
    const query = {
      fields,
      prefix,
      maxResults: String(maxKeys),
      ...(isShallow && { delimiter: '/' }),
      ...(pageToken !== null && { pageToken: pageToken }),
    }
    return withBucketErrors(() =>
      client.send({ method: 'GET', object: { bucket, key: '' }, query, signal }, async (response) =>
        parse(await readText(client, response, MAX_LISTING_BYTES)),
      ),
    )
  }
}
