import 'server-only'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import { Unreachable } from '../remote/refusal'
import type { Listing } from '../remote/remote-store'
import { toErrorCode, childAt, textAt, xmlReader } from '../remote/xml'

/** What Google's store says: in JSON and, of the bytes of an object, in XML. */

const parseXml = xmlReader()

/** Of an error in either of its two forms; null where there is none. */
export function parseErrorCode(body: string): string | null {
  return toErrorCode(
    textAt(parseJsonOrNull(body), 'error', 'errors', '0', 'reason') ?? textAt(parseXml(body), 'Error', 'Code'),
  )
}

/** Keys of a listing, as far as it goes; `next` leads on where there are more. */
export function parseListing(body: string): Listing {
  const response = parseJsonOrNull(body)
  // None has no items; the kind is said of every answer.
  if (textAt(response, 'kind') !== 'storage#objects') throw new Unreachable('This is not a listing.')
  const items = childAt(response, 'items')
  return {
    keys: Array.isArray(items) ? items.map(nameOf) : [],
    nextPageToken: textAt(response, 'nextPageToken'),
  }
}

function nameOf(item: unknown): string {
  const name = textAt(item, 'name')
  if (name === null) throw new Unreachable('This is not a listing.')
  return name
}

/** Null for what is no JSON. */
function parseJsonOrNull(body: string): unknown {
  try {
    return parseExactJson(body)
  } catch {
    return null
  }
}
