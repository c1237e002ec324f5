import 'server-only'
import { gsObjectOf } from '../location-gate'
import type { ObjectStore } from '../object-store'
import { remoteClient, textOf, type Timing } from '../remote/client'
import { remoteStore } from '../remote/remote-store'
import type { GcsAccess } from '../storage-access'
import { GCS, NOT_FOUND, ofBucket } from './gcs-errors'
import { listingOf } from './gcs-json'
import { gcsProtocol } from './gcs-protocol'
import { uploader } from './upload'

/** Of one answer: at most 1,000 names of 1,024 bytes, each of which may be six times as long in JSON. */
const MAX_LISTING_BYTES = 8 * 1024 * 1024
const MOST_LISTED = 1_000

/** Sizes from which a test shows what takes large files otherwise. */
export type GcsStoreOptions = Timing & { partBytes?: number; largestWholeBytes?: number }

/** Google Cloud Storage. What it has in common with other stores is in `remote-store`. */
export function gcsStore(
  access: GcsAccess,
  { partBytes, largestWholeBytes, ...timing }: GcsStoreOptions = {},
): ObjectStore {
  const client = remoteClient(gcsProtocol(access), timing)
  return remoteStore({
    dialect: GCS,
    client,
    objectOf(location) {
      const { bucket, key } = gsObjectOf(location, access.roots)
      return { holder: bucket, key }
    },
    upload: uploader(client, partBytes, largestWholeBytes),
    list({ holder, prefix, isShallow, most = MOST_LISTED, after, signal }) {
      const query = {
        fields: 'kind,nextPageToken,items(name)',
        prefix,
        maxResults: String(most),
        ...(isShallow && { delimiter: '/' }),
        ...(after !== null && { pageToken: after }),
      }
      return ofBucket(() =>
        client.send({ method: 'GET', object: { holder, key: '' }, query, signal }, async (answer) =>
          listingOf(await textOf(client, answer, MAX_LISTING_BYTES)),
        ),
      )
    },
    missingCode: NOT_FOUND,
  })
}
