import 'server-only'
import { createHash } from 'node:crypto'
import { AwsV4Signer } from 'aws4fetch'
import { AppError } from '@/lib/errors'
import { rootLength } from '../location-gate'
import { resolveSigningKeys } from './request-signer'
import type { S3Access } from '../storage-access'

/**
 * Signs a request that a client will send to the object store itself, so that it needs no keys. What the request would
 * touch is read from its address and, where it removes many objects at once, from its body; all of it must be in the
 * folders given. Nothing but reading, writing, listing and removing objects is signed.
 *
 * Spec: REST `open-api`, schema `RemoteSignRequest`.
 */

export type RemoteSignRequest = {
  method: string
  url: string
  headers: Readonly<Record<string, readonly string[]>>
  /** Only of a request that removes several objects. */
  body: string | null
}

export type RequestKind = 'read' | 'write' | 'remove'

/** What may stand in an address's query; anything else is another operation (`acl`, `policy`, `tagging` …). */
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
/** What may be said to the store besides: nothing that shares a file, locks it or lifts a lock. */
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
/** Of the signature itself, which is made anew. */
const SIGNATURE_HEADERS = new Set(['authorization', 'host', 'x-amz-date', 'x-amz-security-token'])
/** What proxies on the way change, so that a signature over it would not hold; AWS's tools leave it unsigned too. */
const UNSIGNED_HEADERS = new Set(['connection', 'expect', 'user-agent', 'x-amzn-trace-id'])
const MAX_DELETED_OBJECTS = 1_000
/** A key has 1024 bytes at most, and markup around it. */
const MAX_DELETE_BODY_CHARS = MAX_DELETED_OBJECTS * 8_192

/** @throws {AppError} invalid-request for a method that no reading or writing has */
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
      // To give up an upload takes nothing away that was there.
      return query?.get('uploadId') ? 'write' : 'remove'
    default:
      throw new AppError('invalid-request', `No request with the method ${method} is signed.`)
  }
}

/** What a table's own files are: in one of these folders, and `isOwn` says so of each folder in them besides. */
export type TableFiles = {
  folders: readonly string[]
  isTableFolder: (folder: string) => Promise<boolean>
  /** Of one of its files: whether whoever may change the table's files may change this one. */
  isChangeable: (location: string, kind: 'write' | 'remove') => Promise<boolean>
}

/**
 * @param own of one table
 * @throws {AppError} forbidden when the request would touch anything else, or another store
 */
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
    // Files that are removed at once are in few folders.
    parentFolders.add(location.replace(/[^/]*$/, ''))
  }
  for (const parentFolder of parentFolders) if (!(await isTableFolder(parentFolder))) throw refusal()
  const kind = requestKind(request)
  for (const target of targets) {
    if (kind === 'read' || (await isChangeable(target, kind))) continue
    throw new AppError('forbidden', 'Metadata files are written and removed by the catalog alone.')
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
      throw new AppError('invalid-request', 'A header has a character that none may have.')
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

/** Every object, or folder of objects, that the request names: what it is for, and what it copies from. */
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
    // The prefix `t` would list `t_2` too: it has to end where a folder does.
    if (!prefix.endsWith('/')) throw new AppError('forbidden', 'A listing is of a folder, with a slash at its end.')
    return { targets: [`s3://${bucket}/${prefix}`], sources: [] }
  }
  if (upperMethod === 'POST' && query.includes('delete')) {
    requireAllowedQuery(query, new Set(['delete', 'x-id']))
    return { targets: parseDeletedKeys(body, headers).map((deletedKey) => `s3://${bucket}/${deletedKey}`), sources: [] }
  }
  throw new AppError('forbidden', 'This request is on the bucket as a whole.')
}

/**
 * The bucket and key of an address of this store; null of any other store. The bucket is in the host name only where
 * the store takes it from there: one that does not would take the first of the key for the bucket.
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
 * A removal as clients write it, and nothing else that is XML: what another parser might read differently (entities
 * of its own, comments, other encodings, versions) is no removal here.
 *
 * Spec: Amazon S3 API, *DeleteObjects*.
 */
const DELETE_BODY =
  /^(<\?xml version=["']1\.0["']( encoding=["']utf-8["'])?( standalone=["'](yes|no)["'])?\s*\?>)?\s*<Delete( xmlns="[^"<&]*")?>(?<listed>.*)<\/Delete>\s*$/is
const DELETE_ENTRY = /\s*(?:<Quiet>(?:true|false)<\/Quiet>|<Object>\s*<Key>([^<>]+)<\/Key>\s*<\/Object>)\s*/y
const XML_ENTITY = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi
const NAMED_ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The keys that the body names; the store must be sent this very body, so its digest is signed. */
function parseDeletedKeys(body: string | null, headers: Headers): string[] {
  const entries =
    body === null || body.length > MAX_DELETE_BODY_CHARS ? undefined : DELETE_BODY.exec(body)?.groups?.['listed']
  if (body === null || entries === undefined) throw invalidDeleteError()
  const digest = createHash('sha256').update(body).digest('hex')
  const claimedDigest = headers.get('x-amz-content-sha256') ?? 'UNSIGNED-PAYLOAD'
  if (claimedDigest !== digest && claimedDigest !== 'UNSIGNED-PAYLOAD') {
    throw new AppError('invalid-request', 'The digest is not that of the body.')
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
    // A name that is none (`&AMP;`) has no number either.
    if (!(codePoint <= 0x10ffff)) throw invalidDeleteError()
    return String.fromCodePoint(codePoint)
  })
}

function invalidDeleteError(): AppError {
  return new AppError(
    'invalid-request',
    `The body has to name 1 to ${MAX_DELETED_OBJECTS} objects to remove, each by its key.`,
  )
}

function requireAllowedQuery(query: readonly string[], allowed: ReadonlySet<string>): void {
  const unexpectedName = query.find((name, index) => !allowed.has(name) || query.indexOf(name) !== index)
  if (unexpectedName !== undefined)
    throw new AppError('forbidden', `A request with ${unexpectedName}, or with it twice, is not signed.`)
}

/** A plus is one thing to some and a space to others, so that a signature for it would be one for either. */
function decodePath(path: string): string {
  if (path.includes('+')) throw new AppError('invalid-request', 'A plus in an address is written %2B.')
  try {
    return decodeURIComponent(path)
  } catch (cause) {
    throw new AppError('invalid-request', 'The address is not well encoded.', { cause })
  }
}
