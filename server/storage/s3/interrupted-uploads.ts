import 'server-only'
import type { S3Access } from '@/server/locations/storage-access'
import { requireS3Object } from '@/server/locations/location-gate'
import { readText, remoteClient, type RemoteClient } from '../remote/client'
import { isRefusal } from '../remote/refusal'
import { s3Protocol } from './s3-protocol'
import { type ListedUpload, parseUploads } from './s3-xml'

/** As Hadoop's S3A: no writer needs longer for a file. */
const MIN_AGE_MS = 24 * 60 * 60_000
const MAX_LISTING_BYTES = 4 * 1024 * 1024
/** A page has up to a thousand uploads. The next round sees the others. */
const MAX_PAGES = 100

/** `isListed` is false if the store does not list uploads. */
export type AbortedUploads = { aborted: number; seen: number; isListed: boolean; isComplete: boolean }

/**
 * Aborts uploads in parts that were begun more than a day ago below a location, and were neither completed nor aborted:
 * their writers were killed. Their parts take up space, and no listing of objects shows them.
 *
 * @throws {AppError} storage-unavailable, and what else the store refuses
 */
export async function abortInterruptedUploads(
  access: S3Access,
  location: string,
  { nowMs, signal }: { nowMs: number; signal: AbortSignal },
): Promise<AbortedUploads> {
  const client = remoteClient(s3Protocol(access))
  const { bucket, key } = requireS3Object(location, access.roots)
  const found: AbortedUploads = { aborted: 0, seen: 0, isListed: true, isComplete: true }
  let markers: Readonly<Record<string, string>> | null = {}
  for (let page = 0; markers !== null; page += 1) {
    if (page === MAX_PAGES) return { ...found, isComplete: false }
    const listed = await listUploads(client, { bucket, prefix: `${key}/`, markers, signal })
    if (listed === null) return { ...found, isListed: false }
    for (const upload of listed.uploads) {
      found.seen += 1
      if (!upload.key.startsWith(`${key}/`) || upload.initiatedAtMs === null) continue
      if (nowMs - upload.initiatedAtMs <= MIN_AGE_MS) continue
      await abortUpload(client, bucket, upload, signal)
      found.aborted += 1
    }
    markers = listed.next
  }
  return found
}

/** Null if the store, or the policy of the bucket, does not allow it. */
async function listUploads(
  client: RemoteClient,
  {
    bucket,
    prefix,
    markers,
    signal,
  }: { bucket: string; prefix: string; markers: Readonly<Record<string, string>>; signal: AbortSignal },
): Promise<ReturnType<typeof parseUploads> | null> {
  const query = { uploads: '', prefix, ...markers }
  try {
    return await client.send({ method: 'GET', object: { bucket, key: '' }, query, signal }, async (response) =>
      parseUploads(await readText(client, response, MAX_LISTING_BYTES)),
    )
  } catch (error) {
    if (isRefusal(error, [400, 403, 405, 501])) return null
    throw error
  }
}

async function abortUpload(
  client: RemoteClient,
  bucket: string,
  { key, uploadId }: ListedUpload,
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.send({ method: 'DELETE', object: { bucket, key }, query: { uploadId }, signal }, (response) =>
      readText(client, response),
    )
  } catch (error) {
    // It was completed or aborted meanwhile.
    if (!isRefusal(error, [404])) throw error
  }
}
