import 'server-only'
import { Unreachable } from '../remote/refusal'
import { toErrorCode, childAt, textAt, xmlReader } from '../remote/xml'

/** What S3 says in XML. Names of elements we read are in the protocol's spelling; what is not there is null. */

const parseXml = xmlReader(['Contents'])

/** Of an error or of an answer that came as 200 and is none. Null where it is no error. */
export function parseErrorCode(body: string): string | null {
  return toErrorCode(textAt(parseXml(body), 'Error', 'Code'))
}

/** Keys of a listing, as far as it goes; `next` leads on where there are more. */
export function parseListing(body: string): { keys: string[]; nextPageToken: string | null } {
  const result = childAt(parseXml(body), 'ListBucketResult')
  if (result === null) throw new Unreachable('This is not a listing.')
  const contents = childAt(result, 'Contents')
  const nextPageToken = textAt(result, 'NextContinuationToken')
  // Of a store that knows older listings only: what is left out would be taken for what is not there.
  if (nextPageToken === null && textAt(result, 'IsTruncated') === 'true') throw new Unreachable('This leads nowhere.')
  return { keys: Array.isArray(contents) ? contents.map(keyOf) : [], nextPageToken }
}

function keyOf(entry: unknown): string {
  const key = textAt(entry, 'Key')
  if (key === null) throw new Unreachable('This is not a listing.')
  return key
}

/** Of what says that the parts of an upload are an object now. */
export function isCompleted(body: string): boolean {
  return childAt(parseXml(body), 'CompleteMultipartUploadResult') !== null
}

export function parseUploadId(body: string): string {
  const id = textAt(parseXml(body), 'InitiateMultipartUploadResult', 'UploadId')
  if (id === null) throw new Unreachable('The response contains no upload id.')
  return id
}

/** @param etags of the parts, in order */
export function completeUploadBody(etags: readonly string[]): string {
  const parts = etags.map((etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`)
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
}
