import 'server-only'
import type { Log } from '@/server/log'
import { requireS3Object } from '../../locations/location-gate'
import type { ObjectStore } from '../object-store'
import { remoteClient, readText, type Timing } from '../remote/client'
import { type ListRequest, remoteStore } from '../remote/remote-store'
import type { S3Access } from '../../locations/storage-access'
import { copyObject } from './copy'
import { S3 } from './s3-errors'
import { s3Protocol } from './s3-protocol'
import { parseFolder, parseListing } from './s3-xml'
import { uploader } from './upload'

/** For one page: at most 1,000 keys of 1,024 characters, with their attributes. */
const MAX_LISTING_BYTES = 4 * 1024 * 1024

/** Lets tests use the code for large files with small ones. */
export type S3StoreOptions = Timing & { partBytes?: number; maxSingleUploadBytes?: number }

/** An S3-compatible store. `remote-store` has what all stores share. */
export function s3Store(
  access: S3Access,
  log: Log,
  { partBytes, maxSingleUploadBytes, ...timing }: S3StoreOptions = {},
): ObjectStore {
  const client = remoteClient(s3Protocol(access), timing)
  return remoteStore({
    dialect: S3,
    client,
    resolveObject(location) {
      const { bucket, key } = requireS3Object(location, access.roots)
      return { bucket, key }
    },
    copy: (from, to, signal) => copyObject(client, from, to, signal),
    upload: uploader(client, log, partBytes, maxSingleUploadBytes),
    list: (request) => requestListing(request, parseListing),
    listFolder: (request) => requestListing(request, parseFolder),
    missingObjectCode: 'NoSuchKey',
  })

  function requestListing<Result>(
    { bucket, prefix, isShallow, maxKeys, pageToken, signal }: ListRequest,
    parse: (body: string) => Result,
  ): Promise<Result> {
    const query = {
      'list-type': '2',
      prefix,
      ...(isShallow && { delimiter: '/' }),
      ...(maxKeys !== undefined && { 'max-keys': String(maxKeys) }),
      ...(pageToken !== null && { 'continuation-token': pageToken }),
    }
    return client.send({ method: 'GET', object: { bucket, key: '' }, query, signal }, async (response) =>
      parse(await readText(client, response, MAX_LISTING_BYTES)),
    )
  }
}
