import 'server-only'
import { createHash } from 'node:crypto'
import { AwsV4Signer } from 'aws4fetch'
import { AppError } from '@/lib/errors'
import { rootLength } from '../../locations/location-gate'
import { resolveSigningKeys } from './request-signer'
import type { S3Access } from '../../locations/storage-access'

/**
 * Signs a request that a client will send to the object store itself, so that the client needs no keys. The objects
 * that the request touches are read from its URL and, when it removes several objects, from its body; all of them must
 * be in the given folders. Only requests that read, write, list or remove objects are signed.
 *
 * Spec: REST `open-api`, schema `RemoteSignRequest`.
 */

export type RemoteSignRequest = {
  method: string
  url: string
  headers: Readonly<Record<string, readonly string[]>>
  /** Only for a request that removes several objects. */
  body: string | null
}

export type RequestKind = 'read' | 'write' | 'remove'

/** Allowed query parameters; any other parameter means another operation (`acl`, `policy`, `tagging` …). */
const OBJECT_QUERY = new Set(['x-id'])
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
/** Allowed `x-amz-` headers: none that share a file, lock it or remove a lock. */
const ALLOWED_AMZ_HEADER = new RegExp(
  `^x-amz-(${[
    'content-sha256',
    'checksum-[a-z0-9-]+',
    'copy-source(-range|-if-[a-z-]+)?',
    'decoded-content-length',
    'expected-bucket-owner',
    'meta-.+',
    'metadata-directive',
    'mp-object-size',
    'request-payer',
    'sdk-checksum-algorithm',
    'server-side-encryption(-[a-z0-9-]+)?',
    'source-expected-bucket-owner',
    'storage-class',
    'tagging(-directive)?',
    'te',
    'trailer',
    'user-agent',
  ].join('|')})$`,
)
/** Headers of the signature itself, which is created here. */
const SIGNATURE_HEADERS = new Set(['authorization', 'host', 'x-amz-date', 'x-amz-security-token'])
/** Proxies change these headers, which would invalidate a signature over them. AWS's tools leave them unsigned too. */
const UNSIGNED_HEADERS = new Set(['connection', 'expect', 'user-agent', 'x-amzn-trace-id'])
const MAX_DELETED_OBJECTS = 1_000
/** A key has at most 1,024 bytes, plus markup. */
const MAX_DELETE_BODY_CHARS = MAX_DELETED_OBJECTS * 8_192

/** @throws {AppError} invalid-request for a method that neither reads nor writes */
export function requestKind({ method, url }: Pick<RemoteSignRequest, 'method' | 'url'>): RequestKind {
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
      // Aborting an upload removes no existing object.
      return query?.get('uploadId') ? 'write' : 'remove'
    default:
      throw new AppError('invalid-request', `Requests with the method ${method} are not signed.`)
  }
}

/** Which files belong to a table: those below `folders` whose own folder `isTableFolder` accepts. */
export type TableFiles = {
  folders: readonly string[]
  isTableFolder: (folder: string) => Promise<boolean>
  /** Whether a user who may change the table's files may change this one. */
  isChangeable: (location: string, kind: 'write' | 'remove') => Promise<boolean>
}

/** @throws {AppError} forbidden when the request would touch anything but the table's files, or another store */
export async function signStorageRequest(
  access: S3Access,
  { folders, isTableFolder, isChangeable }: TableFiles,
  request: RemoteSignRequest,
): Promise<{ url: string; headers: Record<string, string[]> }> {
  const headers = filterHeaders(request.headers)
  const refusal = () => new AppError('forbidden', 'The request is not for the files of this table.')
  const parentFolders = new Set<string>()
  const { targets, sources } = parseLocations(access, request, headers)
  for (const location of [...targets, ...sources]) {
    if (rootLength(location, folders) === null) throw refusal()
    // Files that are removed together are in few folders.
    parentFolders.add(location.replace(/[^/]*$/, ''))
  }
  for (const parentFolder of parentFolders) if (!(await isTableFolder(parentFolder))) throw refusal()
  const kind = requestKind(request)
  for (const target of targets) {
    if (kind === 'read' || (await isChangeable(target, kind))) continue
    throw new AppError('forbidden', 'Only the catalog may write and remove metadata files.')
  }
  const keys = await resolveSigningKeys(access.credentials)
  const signer = new AwsV4Signer({
    method: request.method.toUpperCase(),
    url: request.url,
    headers: Object.fromEntries(headers),
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

/** @throws {AppError} invalid-request, forbidden */
function filterHeaders(clientHeaders: RemoteSignRequest['headers']): Headers {
  const filtered = new Headers()
  for (const [name, values] of Object.entries(clientHeaders)) {
    try {
      for (const value of values) filtered.append(name, value)
    } catch {
      throw new AppError('invalid-request', 'A header contains a character that is not allowed in headers.')
    }
  }
  for (const name of [...SIGNATURE_HEADERS, ...UNSIGNED_HEADERS]) filtered.delete(name)
  for (const name of filtered.keys()) {
    if (name.startsWith('x-amz-') && !ALLOWED_AMZ_HEADER.test(name)) {
      throw new AppError('forbidden', `A request with the header ${name} is not signed.`)
    }
  }
  return filtered
}

/** Every object or folder of objects that the request names: its targets, and the sources it copies from. */
type RequestedLocations = { targets: string[]; sources: string[] }

function parseLocations(
  access: S3Access,
  { method, url, body }: RemoteSignRequest,
  headers: Headers,
): RequestedLocations {
  const parsed = URL.parse(url)
  const object = parsed && parseObjectUrl(access, parsed)
  if (!parsed || !object) throw new AppError('forbidden', 'The request is not for the store of this table.')
  const { bucket, key } = object
  const query = [...parsed.searchParams.keys()]
  const upperMethod = method.toUpperCase()
  const copySource = headers.get('x-amz-copy-source')
  const sources = copySource === null ? [] : [`s3://${decodePath(copySource.replace(/^\//, ''))}`]
  if (key !== '') {
    const allowed = upperMethod === 'GET' || upperMethod === 'HEAD' ? OBJECT_QUERY : UPLOAD_QUERY
    requireAllowedQuery(query, allowed)
    return { targets: [`s3://${bucket}/${key}`], sources }
  }
  if (upperMethod === 'GET') {
    requireAllowedQuery(query, LIST_QUERY)
    const prefix = parsed.searchParams.get('prefix') ?? ''
    // The prefix `t` would also list `t_2`, so it must end with a slash.
    if (!prefix.endsWith('/'))
      throw new AppError('forbidden', 'The prefix of a listing must be a folder that ends with a slash.')
    return { targets: [`s3://${bucket}/${prefix}`], sources: [] }
  }
  if (upperMethod === 'POST' && query.includes('delete')) {
    requireAllowedQuery(query, new Set(['delete', 'x-id']))
    return { targets: parseDeletedKeys(body, headers).map((deletedKey) => `s3://${bucket}/${deletedKey}`), sources: [] }
  }
  throw new AppError('forbidden', 'This request is for the whole bucket.')
}

/**
 * The bucket and key of a URL of this store; null for any other store. The bucket is in the host name only if the store
 * reads it from there: any other store would take the first segment of the key for the bucket.
 */
function parseObjectUrl({ endpoint, region, isPathStyle }: S3Access, url: URL): { bucket: string; key: string } | null {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  const hosts = endpoint === null ? [`s3.${region}.${domain}`, `s3.${domain}`] : [new URL(endpoint).host]
  const isSecure = endpoint === null || endpoint.startsWith('https:')
  if (url.protocol !== (isSecure ? 'https:' : 'http:') || url.username !== '' || url.password !== '') return null
  const base = endpoint === null ? '' : new URL(endpoint).pathname.replace(/\/+$/, '')
  if (!url.pathname.startsWith(`${base}/`)) return null
  const path = url.pathname.slice(base.length + 1)
  for (const host of hosts) {
    if (url.host === host) {
      const [, bucket = '', key = ''] = /^([^/]+)\/?(.*)$/s.exec(path) ?? []
      return bucket === '' ? null : { bucket, key: decodePath(key) }
    }
    if (!isPathStyle && url.host.endsWith(`.${host}`)) {
      return { bucket: url.host.slice(0, -host.length - 1), key: decodePath(path) }
    }
  }
  return null
}

/**
 * A removal as clients write it, and no other XML. Anything that another parser might read differently (custom
 * entities, comments, other encodings or versions) is refused.
 *
 * Spec: Amazon S3 API, *DeleteObjects*.
 */
const DELETE_BODY =
  /^(<\?xml version=["']1\.0["']( encoding=["']utf-8["'])?( standalone=["'](yes|no)["'])?\s*\?>)?\s*<Delete( xmlns="[^"<&]*")?>(?<listed>.*)<\/Delete>\s*$/is
const DELETE_ENTRY = /\s*(?:<Quiet>(?:true|false)<\/Quiet>|<Object>\s*<Key>([^<>]+)<\/Key>\s*<\/Object>)\s*/y
const XML_ENTITY = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi
const NAMED_ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The keys that the body names. The store must receive exactly this body, so its digest is signed. */
function parseDeletedKeys(body: string | null, headers: Headers): string[] {
  const entries =
    body === null || body.length > MAX_DELETE_BODY_CHARS ? undefined : DELETE_BODY.exec(body)?.groups?.['listed']
  if (body === null || entries === undefined) throw invalidDeleteError()
  const digest = createHash('sha256').update(body).digest('hex')
  const claimedDigest = headers.get('x-amz-content-sha256') ?? 'UNSIGNED-PAYLOAD'
  if (claimedDigest !== digest && claimedDigest !== 'UNSIGNED-PAYLOAD') {
    throw new AppError('invalid-request', 'The digest does not match the body.')
  }
  headers.set('x-amz-content-sha256', digest)
  const keys: string[] = []
  for (DELETE_ENTRY.lastIndex = 0; DELETE_ENTRY.lastIndex < entries.length; ) {
    const entry = DELETE_ENTRY.exec(entries)
    if (entry === null) throw invalidDeleteError()
    if (entry[1] !== undefined) keys.push(unescapeXml(entry[1]))
  }
  if (keys.length === 0 || keys.length > MAX_DELETED_OBJECTS) throw invalidDeleteError()
  return keys
}

function unescapeXml(text: string): string {
  if (text.replaceAll(XML_ENTITY, '').includes('&')) throw invalidDeleteError()
  return text.replaceAll(XML_ENTITY, (_all, name?: string, decimal?: string, hexadecimal?: string) => {
    const character = name === undefined ? undefined : NAMED_ENTITIES[name]
    if (character !== undefined) return character
    const codePoint = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal)
    // An unknown entity (`&AMP;`) has no code point either.
    if (!(codePoint <= 0x10ffff)) throw invalidDeleteError()
    return String.fromCodePoint(codePoint)
  })
}

function invalidDeleteError(): AppError {
  return new AppError(
    'invalid-request',
    `The body must name 1 to ${MAX_DELETED_OBJECTS} objects to remove, each by its key.`,
  )
}

function requireAllowedQuery(query: readonly string[], allowed: ReadonlySet<string>): void {
  const unexpectedName = query.find((name, index) => !allowed.has(name) || query.indexOf(name) !== index)
  if (unexpectedName !== undefined)
    throw new AppError('forbidden', `A request with the parameter ${unexpectedName}, or with it twice, is not signed.`)
}

/** Some parsers read a plus as itself and others as a space, so a signature would be valid for two objects. */
function decodePath(path: string): string {
  if (path.includes('+')) throw new AppError('invalid-request', 'Write a plus sign in a URL as %2B.')
  try {
    return decodeURIComponent(path)
  } catch (cause) {
    throw new AppError('invalid-request', 'The URL is not correctly percent-encoded.', { cause })
  }
}
