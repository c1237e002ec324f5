import 'server-only'
import { Unreachable } from '../remote/refusal'
import type { FolderListing } from '../remote/remote-store'
import { toErrorCode, childAt, listAt, parseSize, parseTime, textAt, xmlReader } from '../remote/xml'

/** Parses S3's XML. Elements have the names of the protocol; missing ones are null. */

const parseXml = xmlReader(['Contents', 'CommonPrefixes', 'Upload'])

/** Reads the code of an error, including one that came with status 200. Null when the body is not an error. */
export function parseErrorCode(body: string): string | null {
  return toErrorCode(textAt(parseXml(body), 'Error', 'Code'))
}

/** Keys in one page of a listing; `next` leads to the following page. */
export function parseListing(body: string): { keys: string[]; nextPageToken: string | null } {
  const result = childAt(parseXml(body), 'ListBucketResult')
  if (result === null) throw new Unreachable('The response is not a listing.')
  const contents = childAt(result, 'Contents')
  const nextPageToken = textAt(result, 'NextContinuationToken')
  // A store that only supports older listings. Objects left out of a listing would be taken for missing.
  if (nextPageToken === null && textAt(result, 'IsTruncated') === 'true')
    throw new Unreachable('The listing is cut off without a continuation token.')
  return { keys: Array.isArray(contents) ? contents.map(keyOf) : [], nextPageToken }
}

/** One page of the direct contents of a folder. */
export function parseFolder(body: string): FolderListing {
  const { nextPageToken } = parseListing(body)
  const result = childAt(parseXml(body), 'ListBucketResult')
  return {
    folderKeys: listAt(result, 'CommonPrefixes').map((prefix) => requireText(textAt(prefix, 'Prefix'))),
    objects: listAt(result, 'Contents').map((entry) => {
      const sizeBytes = parseSize(textAt(entry, 'Size'))
      if (sizeBytes === null) throw new Unreachable('The response is not a listing.')
      return { key: keyOf(entry), sizeBytes, modifiedAtMs: parseTime(textAt(entry, 'LastModified')) }
    }),
    nextPageToken,
  }
}

export type ListedUpload = { key: string; uploadId: string; initiatedAtMs: number | null }

/** One page of uploads in parts that are not completed; `next` has the query of the following page. */
export function parseUploads(body: string): { uploads: ListedUpload[]; next: Record<string, string> | null } {
  const result = childAt(parseXml(body), 'ListMultipartUploadsResult')
  if (result === null) throw new Unreachable('The response is not a listing of uploads.')
  const keyMarker = textAt(result, 'NextKeyMarker')
  const uploadIdMarker = textAt(result, 'NextUploadIdMarker')
  const isTruncated = textAt(result, 'IsTruncated') === 'true' && keyMarker !== null
  return {
    uploads: listAt(result, 'Upload').map((entry) => ({
      key: keyOf(entry),
      uploadId: requireText(textAt(entry, 'UploadId')),
      initiatedAtMs: parseTime(textAt(entry, 'Initiated')),
    })),
    next: isTruncated
      ? { 'key-marker': keyMarker, ...(uploadIdMarker !== null && { 'upload-id-marker': uploadIdMarker }) }
      : null,
  }
}

function requireText(text: string | null): string {
  if (text === null) throw new Unreachable('The response is not a listing.')
  return text
}

function keyOf(entry: unknown): string {
  return requireText(textAt(entry, 'Key'))
}

/** Whether the response confirms that the parts of an upload are now an object. */
export function isCompleted(body: string): boolean {
  return childAt(parseXml(body), 'CompleteMultipartUploadResult') !== null
}

export function parseUploadId(body: string): string {
  const id = textAt(parseXml(body), 'InitiateMultipartUploadResult', 'UploadId')
  if (id === null) throw new Unreachable('The response contains no upload id.')
  return id
}

/** @param etags ETags of the parts, in order */
export function completeUploadBody(etags: readonly string[]): string {
  const parts = etags.map((etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`)
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
}
