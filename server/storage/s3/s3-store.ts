import 'server-only'
import type { Log } from '@/server/log'
import { s3ObjectOf } from '../location-gate'
import type { ObjectStore } from '../object-store'
import { remoteClient, textOf, type Timing } from '../remote/client'
import { remoteStore } from '../remote/remote-store'
import type { S3Access } from '../storage-access'
import { S3 } from './s3-errors'
import { s3Protocol } from './s3-protocol'
import { listingOf } from './s3-xml'
import { uploader } from './upload'

/** Of one answer: at most 1,000 keys of 1,024 characters, and what is said of each. */
const MAX_LISTING_BYTES = 4 * 1024 * 1024

/** Sizes from which a test shows what takes large files otherwise. */
export type S3StoreOptions = Timing & { partBytes?: number; largestWholeBytes?: number }

/** An S3-compatible store. What it has in common with others is in `remote-store`. */
export function s3Store(
  access: S3Access,
  log: Log,
  { partBytes, largestWholeBytes, ...timing }: S3StoreOptions = {},
): ObjectStore {
  const client = remoteClient(s3Protocol(access), timing)
  return remoteStore({
    dialect: S3,
    client,
    objectOf(location) {
      const { bucket, key } = s3ObjectOf(location, access.roots)
      return { holder: bucket, key }
    },
    upload: uploader(client, log, partBytes, largestWholeBytes),
    list({ holder, prefix, isShallow, most, after, signal }) {
      const query = {
        'list-type': '2',
        prefix,
        ...(isShallow && { delimiter: '/' }),
        ...(most !== undefined && { 'max-keys': String(most) }),
        ...(after !== null && { 'continuation-token': after }),
      }
      return client.send({ method: 'GET', object: { holder, key: '' }, query, signal }, async (answer) =>
        listingOf(await textOf(client, answer, MAX_LISTING_BYTES)),
      )
    },
    missingCode: 'NoSuchKey',
  })
}
