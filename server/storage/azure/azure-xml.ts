import 'server-only'
import { Unreachable } from '../remote/refusal'
import type { FolderListing } from '../remote/remote-store'
import { toErrorCode, attributeAt, childAt, listAt, parseSize, parseTime, textAt, xmlReader } from '../remote/xml'

/** Parses Azure's XML. Elements have the names of the protocol; missing ones are null. */

const parseXml = xmlReader(['Blob', 'BlobPrefix'], 'Encoded')

/** Null when the body is not an error. */
export function parseErrorCode(body: string): string | null {
  return toErrorCode(textAt(parseXml(body), 'Error', 'Code'))
}

/**
 * Keys of the files in one page of a listing; `next` leads to the following page. Leaves out folders: those of accounts
 * with hierarchical namespaces, and the empty blobs with which Hadoop marks folders elsewhere.
 */
export function parseListing(body: string): { keys: string[]; nextPageToken: string | null } {
  const results = childAt(parseXml(body), 'EnumerationResults')
  if (results === null) throw new Unreachable('The response is not a listing.')
  const blobs = childAt(childAt(results, 'Blobs'), 'Blob')
  return {
    keys: Array.isArray(blobs) ? blobs.flatMap((blob: unknown) => (isFolder(blob) ? [] : nameOf(blob))) : [],
    nextPageToken: textAt(results, 'NextMarker'),
  }
}

/** One page of the direct contents of a folder. */
export function parseFolder(body: string): FolderListing {
  const { nextPageToken } = parseListing(body)
  const blobs = childAt(childAt(parseXml(body), 'EnumerationResults'), 'Blobs')
  return {
    folderKeys: listAt(blobs, 'BlobPrefix').map(nameOf),
    objects: listAt(blobs, 'Blob').flatMap((blob) => {
      if (isFolder(blob)) return []
      const sizeBytes = parseSize(textAt(blob, 'Properties', 'Content-Length'))
      if (sizeBytes === null) throw new Unreachable('The response is not a listing.')
      return { key: nameOf(blob), sizeBytes, modifiedAtMs: parseTime(textAt(blob, 'Properties', 'Last-Modified')) }
    }),
    nextPageToken,
  }
}

/** Names with characters that XML cannot represent are percent-encoded and marked as such. */
function nameOf(blob: unknown): string {
  const name = textAt(blob, 'Name')
  if (name === null) throw new Unreachable('The response is not a listing.')
  if (attributeAt(childAt(blob, 'Name'), 'Encoded') !== 'true') return name
  try {
    return decodeURIComponent(name)
  } catch {
    throw new Unreachable('The response is not a listing.')
  }
}

function isFolder(blob: unknown): boolean {
  return (
    textAt(blob, 'Properties', 'ResourceType') === 'directory' || textAt(blob, 'Metadata', 'hdi_isfolder') === 'true'
  )
}

/** @param ids base64 ids of the blocks, in order */
export function blockListBody(ids: readonly string[]): string {
  const blocks = ids.map((id) => `<Uncommitted>${id}</Uncommitted>`)
  return `<?xml version="1.0" encoding="utf-8"?><BlockList>${blocks.join('')}</BlockList>`
}
