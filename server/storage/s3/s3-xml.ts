import 'server-only'
import { XMLParser } from 'fast-xml-parser'
import { S3Unreachable } from './s3-errors'

/**
 * What S3 says in XML. Names of elements we read are in the protocol's spelling; what is not there is null. A body
 * with a document type is not read: S3 has none, and entities are made there.
 */

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  removeNSPrefix: true,
  isArray: (name) => name === 'Contents',
})

/** Of an error or of an answer that came as 200 and is none. Null where it is no error. */
export function errorCodeOf(body: string): string | null {
  const code = textAt(parsed(body), 'Error', 'Code')
  // Said on to people, so it must look like a code.
  return code !== null && /^[A-Za-z0-9.]{1,80}$/.test(code) ? code : null
}

/** Keys of a listing, as far as it goes; `next` leads on where there are more. */
export function listingOf(body: string): { keys: string[]; next: string | null } {
  const result = childOf(parsed(body), 'ListBucketResult')
  if (result === null) throw new S3Unreachable('This is not a listing.')
  const contents = childOf(result, 'Contents')
  return {
    keys: Array.isArray(contents) ? contents.flatMap((entry: unknown) => textAt(entry, 'Key') ?? []) : [],
    next: textAt(result, 'NextContinuationToken'),
  }
}

export function uploadIdOf(body: string): string {
  const id = textAt(parsed(body), 'InitiateMultipartUploadResult', 'UploadId')
  if (id === null) throw new S3Unreachable('This names no upload.')
  return id
}

/** @param etags of the parts, in order */
export function completeUploadBody(etags: readonly string[]): string {
  const parts = etags.map((etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${escaped(etag)}</ETag></Part>`)
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`
}

/** Null for what is no XML, as proxies answer. */
function parsed(body: string): unknown {
  if (/<!DOCTYPE/i.test(body)) return null
  try {
    return parser.parse(body)
  } catch {
    return null
  }
}

function childOf(node: unknown, name: string): unknown {
  return typeof node === 'object' && node !== null && Object.hasOwn(node, name)
    ? (node as Record<string, unknown>)[name]
    : null
}

function textAt(node: unknown, ...path: readonly string[]): string | null {
  const found = path.reduce(childOf, node)
  return typeof found === 'string' && found !== '' ? found : null
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
}
