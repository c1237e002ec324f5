import 'server-only'
import { Unreachable } from '../remote/refusal'
import { toErrorCode, attributeAt, childAt, textAt, xmlReader } from '../remote/xml'

/** What Azure says in XML. Names of elements are in the protocol's spelling; what is not there is null. */

const parseXml = xmlReader(['Blob'], 'Encoded')

/** Null where it is no error. */
export function parseErrorCode(body: string): string | null {
  return toErrorCode(textAt(parseXml(body), 'Error', 'Code'))
}

/**
 * Keys of files in a listing, as far as it goes; `next` leads on where there are more. Folders are left out: those of
 * accounts that have them, and the empty blobs Hadoop marks them with elsewhere.
 */
export function parseListing(body: string): { keys: string[]; nextPageToken: string | null } {
  const results = childAt(parseXml(body), 'EnumerationResults')
  if (results === null) throw new Unreachable('This is not a listing.')
  const blobs = childAt(childAt(results, 'Blobs'), 'Blob')
  return {
    keys: Array.isArray(blobs) ? blobs.flatMap((blob: unknown) => (isFolder(blob) ? [] : nameOf(blob))) : [],
    nextPageToken: textAt(results, 'NextMarker'),
  }
}

/** Names with characters that XML cannot hold come percent-encoded, and say so. */
function nameOf(blob: unknown): string {
  const name = textAt(blob, 'Name')
  if (name === null) throw new Unreachable('This is not a listing.')
  if (attributeAt(childAt(blob, 'Name'), 'Encoded') !== 'true') return name
  try {
    return decodeURIComponent(name)
  } catch {
    throw new Unreachable('This is not a listing.')
  }
}

function isFolder(blob: unknown): boolean {
  return (
    textAt(blob, 'Properties', 'ResourceType') === 'directory' || textAt(blob, 'Metadata', 'hdi_isfolder') === 'true'
  )
}

/** @param ids of the blocks, base64, in order */
export function blockListBody(ids: readonly string[]): string {
  const blocks = ids.map((id) => `<Uncommitted>${id}</Uncommitted>`)
  return `<?xml version="1.0" encoding="utf-8"?><BlockList>${blocks.join('')}</BlockList>`
}
