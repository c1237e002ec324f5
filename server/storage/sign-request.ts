import 'server-only'
import { createHash } from 'node:crypto'
import { AwsV4Signer } from 'aws4fetch'
import { XMLParser } from 'fast-xml-parser'
import { AppError } from '@/lib/errors'
import { rootLength } from './location-gate'
import { signingKeys } from './s3/request-signer'
import type { S3Access } from './storage-access'

/**
 * Signs a request that a client will send to the object store itself, so that it needs no keys. What the request would
 * touch is read from its address and, where it removes many objects at once, from its body; all of it must be in the
 * folders given. Nothing but reading, writing, listing and removing objects is signed.
 *
 * Spec: REST `open-api`, schema `RemoteSignRequest`.
 */

export type SigningRequest = {
  method: string
  url: string
  headers: Readonly<Record<string, readonly string[]>>
  /** Only of a request that removes several objects. */
  body: string | null
}

export type RequestKind = 'read' | 'write' | 'remove'

/** What may stand in an address's query; anything else is another operation (`acl`, `policy`, `tagging` …). */
const PLAIN_QUERY = new Set(['x-id'])
const LIST_QUERY = new Set([
  'continuation-token',
  'delimiter',
  'encoding-type',
  'fetch-owner',
  'list-type',
  'max-keys',
  'prefix',
  'start-after',
  'x-id',
])
const UPLOAD_QUERY = new Set(['partNumber', 'uploadId', 'uploads', 'x-id'])
const MOST_REMOVED = 1_000

/** @throws {AppError} invalid-request for a method that no reading or writing has */
export function kindOfRequest({ method, url }: Pick<SigningRequest, 'method' | 'url'>): RequestKind {
  const query = URL.parse(url)?.searchParams
  switch (method.toUpperCase()) {
    case 'GET':
    case 'HEAD':
      return 'read'
    case 'PUT':
      return 'write'
    case 'POST':
      return query?.has('delete') ? 'remove' : 'write'
    case 'DELETE':
      // To give up an upload takes nothing away that was there.
      return query?.has('uploadId') ? 'write' : 'remove'
    default:
      throw new AppError('invalid-request', `No request with the method ${method} is signed.`)
  }
}

/**
 * @param folders of one table
 * @throws {AppError} forbidden when the request would touch anything else, or another store
 */
export async function signedRequest(
  access: S3Access,
  folders: readonly string[],
  request: SigningRequest,
): Promise<{ url: string; headers: Record<string, string[]> }> {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, values]) => [name.toLowerCase(), values.join(',')]),
  )
  for (const location of locationsOf(access, request, headers)) {
    if (rootLength(location, folders) === null) {
      throw new AppError('forbidden', 'The request is not for the files of this table.')
    }
  }
  const keys = await signingKeys(access.credentials)
  const { authorization: _, host: _host, ...kept } = headers
  const signer = new AwsV4Signer({
    method: request.method.toUpperCase(),
    url: request.url,
    headers: kept,
    service: 's3',
    region: access.region,
    allHeaders: true,
    accessKeyId: keys.accessKeyId,
    secretAccessKey: keys.secretAccessKey,
    ...(keys.sessionToken !== undefined && { sessionToken: keys.sessionToken }),
  })
  const signed = await signer.sign()
  return {
    url: signed.url.href,
    headers: Object.fromEntries([...signed.headers].map(([name, value]) => [name, [value]])),
  }
}

/** Every object, or folder of objects, that the request names. */
function locationsOf(
  access: S3Access,
  { method, url, body }: SigningRequest,
  headers: Record<string, string>,
): string[] {
  const parsed = URL.parse(url)
  const named = parsed && placeOf(access, parsed)
  if (!parsed || !named) throw new AppError('forbidden', 'The request is not for the store of this table.')
  const { bucket, key } = named
  const query = [...parsed.searchParams.keys()]
  const upper = method.toUpperCase()
  const copied = headers['x-amz-copy-source']
  const source = copied === undefined ? [] : [`s3://${decoded(copied.replace(/^\//, ''))}`]
  if (key !== '') {
    const allowed = upper === 'GET' || upper === 'HEAD' ? PLAIN_QUERY : UPLOAD_QUERY
    requireOnly(query, allowed)
    return [`s3://${bucket}/${key}`, ...source]
  }
  if (upper === 'GET') {
    requireOnly(query, LIST_QUERY)
    const prefix = parsed.searchParams.get('prefix') ?? ''
    // The prefix `t` would list `t_2` too: it has to end where a folder does.
    if (!prefix.endsWith('/')) throw new AppError('forbidden', 'A listing is of a folder, with a slash at its end.')
    return [`s3://${bucket}/${prefix.replace(/\/+$/, '')}`]
  }
  if (upper === 'POST' && query.includes('delete')) {
    requireOnly(query, new Set(['delete', 'x-id']))
    return removedKeys(body, headers).map((removed) => `s3://${bucket}/${removed}`)
  }
  throw new AppError('forbidden', 'This request is on the bucket as a whole.')
}

/** The bucket and key of an address of this store, in the path or in the host name; null of any other store. */
function placeOf({ endpoint, region }: S3Access, url: URL): { bucket: string; key: string } | null {
  const hosts = endpoint === null ? [`s3.${region}.amazonaws.com`, 's3.amazonaws.com'] : [new URL(endpoint).host]
  const isSecure = endpoint === null || endpoint.startsWith('https:')
  if (url.protocol !== (isSecure ? 'https:' : 'http:') || url.username !== '' || url.password !== '') return null
  const base = endpoint === null ? '' : new URL(endpoint).pathname.replace(/\/+$/, '')
  if (!url.pathname.startsWith(`${base}/`)) return null
  const path = decoded(url.pathname.slice(base.length + 1))
  for (const host of hosts) {
    if (url.host === host) {
      const [, bucket = '', key = ''] = /^([^/]+)\/?(.*)$/s.exec(path) ?? []
      return bucket === '' ? null : { bucket, key }
    }
    if (url.host.endsWith(`.${host}`)) return { bucket: url.host.slice(0, -host.length - 1), key: path }
  }
  return null
}

/** The keys that the body names; the store must be sent this very body, so its digest is signed. */
function removedKeys(body: string | null, headers: Record<string, string>): string[] {
  if (body === null || /<!DOCTYPE/i.test(body))
    throw new AppError('invalid-request', 'What is to be removed is missing.')
  const digest = createHash('sha256').update(body).digest('hex')
  if ((headers['x-amz-content-sha256'] ?? digest) !== digest) {
    throw new AppError('invalid-request', 'The digest is not that of the body.')
  }
  headers['x-amz-content-sha256'] = digest
  const parser = new XMLParser({
    parseTagValue: false,
    removeNSPrefix: true,
    trimValues: false,
    isArray: (name) => name === 'Object',
  })
  const listed = (parser.parse(body) as { Delete?: { Object?: { Key?: unknown }[] } }).Delete?.Object ?? []
  const keys = listed.map(({ Key }) => (typeof Key === 'string' ? Key : ''))
  if (keys.length === 0 || keys.length > MOST_REMOVED || keys.includes('')) {
    throw new AppError('invalid-request', `1 to ${MOST_REMOVED} objects can be removed at once, each by its key.`)
  }
  return keys
}

function requireOnly(query: readonly string[], allowed: ReadonlySet<string>): void {
  const other = query.find((name) => !allowed.has(name))
  if (other !== undefined) throw new AppError('forbidden', `A request with ${other} is not signed.`)
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch (cause) {
    throw new AppError('invalid-request', 'The address is not well encoded.', { cause })
  }
}
