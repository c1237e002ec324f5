import 'server-only'
import { parseExactJson } from '@/lib/iceberg/exact-json'
import { Unreachable } from '../remote/refusal'
import type { Listing } from '../remote/remote-store'
import { asCode, childOf, textAt, xmlReader } from '../remote/xml'

/** What Google's store says: in JSON and, of the bytes of an object, in XML. */

const xml = xmlReader()

/** Of an error in either of its two forms; null where there is none. */
export function errorCodeOf(body: string): string | null {
  return asCode(textAt(json(body), 'error', 'errors', '0', 'reason') ?? textAt(xml(body), 'Error', 'Code'))
}

/** Keys of a listing, as far as it goes; `next` leads on where there are more. */
export function listingOf(body: string): Listing {
  const answer = json(body)
  // None has no items; the kind is said of every answer.
  if (textAt(answer, 'kind') !== 'storage#objects') throw new Unreachable('This is not a listing.')
  const items = childOf(answer, 'items')
  return {
    keys: Array.isArray(items) ? items.map(nameOf) : [],
    next: textAt(answer, 'nextPageToken'),
  }
}

function nameOf(item: unknown): string {
  const name = textAt(item, 'name')
  if (name === null) throw new Unreachable('This is not a listing.')
  return name
}

/** Null for what is no JSON. */
function json(body: string): unknown {
  try {
    return parseExactJson(body)
  } catch {
    return null
  }
}
