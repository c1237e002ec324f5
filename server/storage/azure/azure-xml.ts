import 'server-only'
import { Unreachable } from '../remote/refusal'
import { asCode, attributeAt, childOf, textAt, xmlReader } from '../remote/xml'

/** What Azure says in XML. Names of elements are in the protocol's spelling; what is not there is null. */

const parsed = xmlReader(['Blob'], 'Encoded')

/** Null where it is no error. */
export function errorCodeOf(body: string): string | null {
  return asCode(textAt(parsed(body), 'Error', 'Code'))
}

/**
 * Keys of files in a listing, as far as it goes; `next` leads on where there are more. Folders are left out: those of
 * accounts that have them, and the empty blobs Hadoop marks them with elsewhere.
 */
export function listingOf(body: string): { keys: string[]; next: string | null } {
  const results = childOf(parsed(body), 'EnumerationResults')
  if (results === null) throw new Unreachable('This is not a listing.')
  const blobs = childOf(childOf(results, 'Blobs'), 'Blob')
  return {
    keys: Array.isArray(blobs) ? blobs.flatMap((blob: unknown) => (isFolder(blob) ? [] : nameOf(blob))) : [],
    next: textAt(results, 'NextMarker'),
  }
}

/** Names with characters that XML cannot hold come percent-encoded, and say so. */
function nameOf(blob: unknown): string {
  const name = textAt(blob, 'Name')
  if (name === null) throw new Unreachable('This is not a listing.')
  if (attributeAt(childOf(blob, 'Name'), 'Encoded') !== 'true') return name
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
