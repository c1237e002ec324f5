import 'server-only'
import { azureBlobOf } from '../location-gate'
import type { ObjectStore } from '../object-store'
import { remoteClient, textOf, type Timing } from '../remote/client'
import { remoteStore } from '../remote/remote-store'
import type { AzureAccess } from '../storage-access'
import { accountOf } from './account'
import { AZURE } from './azure-errors'
import { azureProtocol } from './azure-protocol'
import { listingOf } from './azure-xml'
import { uploader } from './upload'

/** Of one answer: what is said of a blob, its name of 1,024 characters among it. */
const MAX_LISTING_BYTES = 16 * 1024 * 1024
const MOST_LISTED = 1_000

/** Sizes from which a test shows what takes large files otherwise. */
export type AzureStoreOptions = Timing & { partBytes?: number; largestWholeBytes?: number }

/**
 * Blobs of one Azure account, those of Data Lake Storage among them. What the store has in common with others is in
 * `remote-store`.
 */
export function azureStore(
  access: AzureAccess,
  { partBytes, largestWholeBytes, ...timing }: AzureStoreOptions = {},
): ObjectStore {
  const client = remoteClient(azureProtocol(access, accountOf(access.roots)), timing)
  return remoteStore({
    dialect: AZURE,
    client,
    objectOf(location) {
      const { container, key } = azureBlobOf(location, access.roots)
      return { holder: container, key }
    },
    upload: uploader(client, partBytes, largestWholeBytes),
    list({ holder, prefix, isShallow, most = MOST_LISTED, after, signal }) {
      const query = {
        restype: 'container',
        comp: 'list',
        prefix,
        include: 'metadata',
        maxresults: String(most),
        ...(isShallow && { delimiter: '/' }),
        ...(after !== null && { marker: after }),
      }
      return client.send({ method: 'GET', object: { holder, key: '' }, query, signal }, async (answer) =>
        listingOf(await textOf(client, answer, MAX_LISTING_BYTES)),
      )
    },
    missingCode: 'BlobNotFound',
  })
}
