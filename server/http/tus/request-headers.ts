import 'server-only'
import * as z from 'zod'
import { entryName, namespaceLevels } from '@/lib/contract/shapes/wire'
import { AppError } from '@/lib/errors'
import { LEVEL_SEPARATOR, type TableIdentifier } from '@/lib/names/identifiers'
import { enforceNameLimits } from '@/lib/names/name-limits'
import { CHECKSUM_ALGORITHMS, type Checksum } from '@/server/uploads/append-bytes'
import { TusRefusal } from '@/server/uploads/tus-refusal'

/** The headers of requests of tus 1.0 (https://tus.io/protocols/resumable-upload), each checked on its own. */

export const TUS_VERSION = '1.0.0'
export const CHUNK_TYPE = 'application/offset+octet-stream'

const CHECKSUM_BYTES: Record<Checksum['algorithm'], number> = { sha256: 32, sha1: 20 }

/** @throws {TusRefusal} 412 */
export function requireTusVersion(headers: Headers): void {
  const version = headers.get('tus-resumable')
  if (version === TUS_VERSION) return
  throw new TusRefusal(
    412,
    'not-supported',
    version === null
      ? `An upload needs the header Tus-Resumable: ${TUS_VERSION}.`
      : `Version ${JSON.stringify(version.slice(0, 20))} of tus is not supported; this server has ${TUS_VERSION}.`,
  )
}

/** @throws {AppError} invalid-request; {TusRefusal} 415 */
export function requireChunkType(headers: Headers): void {
  if (isChunkType(headers)) return
  throw new TusRefusal(415, 'invalid-request', `The body must be ${CHUNK_TYPE}.`)
}

export function isChunkType(headers: Headers): boolean {
  return headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() === CHUNK_TYPE
}

/** The length of the file that a client announces. @throws {AppError} invalid-request */
export function readUploadLength(headers: Headers): number {
  if (headers.has('upload-concat'))
    throw new AppError('invalid-request', 'An upload of several joined ones (Upload-Concat) is not supported.')
  if (headers.has('upload-defer-length'))
    throw new AppError('invalid-request', 'The size of a file has to be known: Upload-Defer-Length is not supported.')
  return readWholeNumber(headers, 'Upload-Length')
}

/** @throws {AppError} invalid-request */
export function readUploadOffset(headers: Headers): number {
  return readWholeNumber(headers, 'Upload-Offset')
}

function readWholeNumber(headers: Headers, name: string): number {
  const text = headers.get(name)
  if (text !== null && /^\d{1,15}$/.test(text)) return Number(text)
  throw new AppError('invalid-request', `The header ${name} must be a whole number of bytes.`)
}

/** Null if the client sends none. @throws {AppError} invalid-request */
export function readChecksum(headers: Headers): Checksum | null {
  const header = headers.get('upload-checksum')
  if (header === null) return null
  const [name = '', encoded = ''] = header.split(' ')
  const algorithm = CHECKSUM_ALGORITHMS.find((known) => known === name.toLowerCase())
  if (algorithm === undefined)
    throw new AppError('invalid-request', `The checksum must be one of ${CHECKSUM_ALGORITHMS.join(', ')}.`)
  const digest = decodeBase64(encoded)
  if (digest?.byteLength === CHECKSUM_BYTES[algorithm]) return { algorithm, digest }
  throw new AppError('invalid-request', `The checksum is not base64 of ${CHECKSUM_BYTES[algorithm]} bytes.`)
}

const targetShape = z.object({ catalog: entryName, namespace: namespaceLevels, table: entryName })

/**
 * The name of the file and its table, from `Upload-Metadata`: `filename`, `catalog`, `namespace` (a JSON list) and
 * `table`. Other keys have no effect.
 *
 * @throws {AppError} invalid-request
 */
export function readUploadMetadata(headers: Headers): { fileName: string; target: TableIdentifier } {
  const entries = (headers.get('upload-metadata') ?? '').split(',').filter((entry) => entry.trim() !== '')
  const values = new Map<string, string>()
  for (const entry of entries) {
    const [key = '', encoded = ''] = entry.trim().split(' ')
    if (values.has(key)) throw new AppError('invalid-request', 'Upload-Metadata has a key twice.')
    values.set(key, decodeText(encoded))
  }
  const fileName = values.get('filename')
  const target = targetShape.safeParse({
    catalog: values.get('catalog'),
    namespace: parseList(values.get('namespace')),
    table: values.get('table'),
  })
  const names = target.data && [target.data.catalog, ...target.data.namespace, target.data.table]
  if (fileName === undefined || !target.data || names?.some((name) => name.includes(LEVEL_SEPARATOR))) {
    throw new AppError(
      'invalid-request',
      'Upload-Metadata must have filename, catalog, namespace (a JSON list of its levels) and table, each in base64.',
    )
  }
  enforceNameLimits(target.data)
  return { fileName, target: target.data }
}

function parseList(json: string | undefined): unknown {
  if (json === undefined) return undefined
  try {
    return JSON.parse(json)
  } catch {
    // Not a list, which the shape then reports.
    return undefined
  }
}

function decodeText(encoded: string): string {
  const bytes = decodeBase64(encoded)
  try {
    if (bytes) return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new AppError('invalid-request', 'A value of Upload-Metadata is not UTF-8.', { cause })
  }
  throw new AppError('invalid-request', 'A value of Upload-Metadata is not base64.')
}

/** Null for any other text; Node ignores characters that are not base64. */
function decodeBase64(encoded: string): Buffer | null {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded) || encoded.length % 4 !== 0) return null
  return Buffer.from(encoded, 'base64')
}
