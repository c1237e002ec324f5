import 'server-only'
import { requireAzureBlob } from '../../locations/location-gate'
import type { ObjectStore } from '../object-store'
import { remoteClient, readText, type Timing } from '../remote/client'
import { type ListRequest, remoteStore } from '../remote/remote-store'
import type { AzureAccess } from '../../locations/storage-access'
import { requireSingleAccount } from './account'
import { AZURE } from './azure-errors'
import { azureProtocol } from './azure-protocol'
import { parseFolder, parseListing } from './azure-xml'
import { uploader } from './upload'

/** For one page: the entries of its blobs, including names of up to 1,024 characters. */
const MAX_LISTING_BYTES = 16 * 1024 * 1024
const MAX_LISTED_KEYS = 1_000

/** Lets tests use the code for large files with small ones. */
export type AzureStoreOptions = Timing & { partBytes?: number; maxSingleUploadBytes?: number }

/** Blobs of one Azure storage account, including Data Lake Storage. `remote-store` has what all stores share. */
export function azureStore(
  access: AzureAccess,
  { partBytes, maxSingleUploadBytes, ...timing }: AzureStoreOptions = {},
): ObjectStore {
  const client = remoteClient(azureProtocol(access, requireSingleAccount(access.roots)), timing)
  return remoteStore({
    dialect: AZURE,
    client,
    resolveObject(location) {
      const { container, key } = requireAzureBlob(location, access.roots)
      return { bucket: container, key }
    },
    upload: uploader(client, partBytes, maxSingleUploadBytes),
    list: (request) => requestListing(request, parseListing),
    listFolder: (request) => requestListing(request, parseFolder),
    missingObjectCode: 'BlobNotFound',
  })

  function requestListing<Result>(
    { bucket, prefix, isShallow, maxKeys = MAX_LISTED_KEYS, pageToken, signal }: ListRequest,
    parse: (body: string) => Result,
  ): Promise<Result> {
    const query = {
      restype: 'container',
      comp: 'list',
      prefix,
      include: 'metadata',
      maxresults: String(maxKeys),
      ...(isShallow && { delimiter: '/' }),
      ...(pageToken !== null && { marker: pageToken }),
    }
    return client.send({ method: 'GET', object: { bucket, key: '' }, query, signal }, async (response) =>
      parse(await readText(client, response, MAX_LISTING_BYTES)),
    )
  }
}
