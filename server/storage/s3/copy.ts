import 'server-only'
import { drainBody } from '@/server/http-out/send-request'
import { type ObjectIdentifier, type RemoteClient, readText } from '../remote/client'
import { isRefusal, Refusal } from '../remote/refusal'
import type { ObjectStore } from '../object-store'
import { readLength } from '../remote/upload'
import { parseErrorCode } from './s3-xml'

/** S3, *CopyObject*: larger objects are copied in parts, which is left to a copy through here. */
const MAX_COPIED_BYTES = 5 * 1024 ** 3
/** An MD5 of the content: stores invent other ETags for parts and for encrypted bytes. */
const CONTENT_ETAG = /^"[0-9a-f]{32}"$/

/**
 * Copies an object inside the store. The copy is bound to the version whose ETag was read before, so the file cannot be
 * replaced in between.
 */
export async function copyObject(
  client: RemoteClient,
  from: ObjectIdentifier,
  to: ObjectIdentifier,
  signal: AbortSignal | undefined,
): ReturnType<ObjectStore['copyNew']> {
  const source = await readHead(client, from, signal)
  if (source.sizeBytes > MAX_COPIED_BYTES || source.etag === null) return 'not-supported'
  if ((await readLength(client, to)) !== null) throw new Refusal(412, 'PreconditionFailed')
  const headers = { 'x-amz-copy-source': toCopySource(from), 'x-amz-copy-source-if-match': source.etag }
  try {
    await client.send({ method: 'PUT', object: to, headers, body: new Uint8Array(0), signal }, async (response) => {
      // S3 starts its response before it has finished, so an error can come with status 200.
      const code = parseErrorCode(await readText(client, response))
      if (code !== null) throw new Refusal(500, code)
    })
  } catch (error) {
    if (isRefusal(error, [405, 501])) return 'not-supported'
    throw error
  }
  const target = await readHead(client, to, signal)
  const isProved =
    target.sizeBytes === source.sizeBytes && target.etag === source.etag && CONTENT_ETAG.test(source.etag)
  return isProved ? 'proved' : 'copied'
}

function readHead(client: RemoteClient, object: ObjectIdentifier, signal: AbortSignal | undefined) {
  return client.send({ method: 'HEAD', object, signal }, async (response) => {
    await drainBody(response, client.idleTimeoutMs)
    return { sizeBytes: Number(response.headers['content-length']), etag: response.headers.etag ?? null }
  })
}

function toCopySource({ bucket, key }: ObjectIdentifier): string {
  return `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`
}
