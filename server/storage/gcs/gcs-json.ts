import 'server-only'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import { Unreachable } from '../remote/refusal'
import type { FolderListing, Listing } from '../remote/remote-store'
import { toErrorCode, childAt, listAt, parseSize, parseTime, textAt, xmlReader } from '../remote/xml'

/** Parses Google's responses: JSON, and XML for requests of an object's bytes. */

const parseXml = xmlReader()

/** Reads the code of an error in either format, or null. */
export function parseErrorCode(body: string): string | null {
  return toErrorCode(
    textAt(parseJsonOrNull(body), 'error', 'errors', '0', 'reason') ?? textAt(parseXml(body), 'Error', 'Code'),
  )
}

/** Reads one page of a listing. `next` leads to the following page. */
export function parseListing(body: string): Listing {
  const response = parseJsonOrNull(body)
  // An empty listing has no `items`, but every response has a `kind`.
  if (textAt(response, 'kind') !== 'storage#objects') throw new Unreachable('The response is not a listing.')
  const items = childAt(response, 'items')
  return {
    keys: Array.isArray(items) ? items.map(nameOf) : [],
    nextPageToken: textAt(response, 'nextPageToken'),
  }
}

/** One page of the direct contents of a folder. */
export function parseFolder(body: string): FolderListing {
  const { nextPageToken } = parseListing(body)
  const response = parseJsonOrNull(body)
  return {
    folderKeys: listAt(response, 'prefixes').filter((prefix) => typeof prefix === 'string'),
    objects: listAt(response, 'items').map((item) => {
      const sizeBytes = parseSize(textAt(item, 'size'))
      if (sizeBytes === null) throw new Unreachable('The response is not a listing.')
      return { key: nameOf(item), sizeBytes, modifiedAtMs: parseTime(textAt(item, 'updated')) }
    }),
    nextPageToken,
  }
}

function nameOf(item: unknown): string {
  const name = textAt(item, 'name')
  if (name === null) throw new Unreachable('The response is not a listing.')
  return name
}

/** Null when the text is not JSON. */
function parseJsonOrNull(body: string): unknown {
  try {
    return parseExactJson(body)
  } catch {
    return null
  }
}
