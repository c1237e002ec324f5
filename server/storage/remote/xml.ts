import 'server-only'
import { XMLParser } from 'fast-xml-parser'

/**
 * What stores say in XML. A body with a document type is not read: no store has one, and entities are made there.
 */

const ATTRIBUTE = '@'
const TEXT = '#text'

/**
 * @param repeated names of elements of which there may be several: they come as lists, also when there is one
 * @param attribute that is read, the only one; see {@link attributeAt}
 * @returns a document's elements by name, or null for what is no XML, as proxies answer, or not all of it
 */
export function xmlReader(repeated: readonly string[] = [], attribute?: string): (body: string) => unknown {
  const parser = new XMLParser({
    ignoreAttributes: (name) => name !== attribute,
    attributeNamePrefix: ATTRIBUTE,
    textNodeName: TEXT,
    parseTagValue: false,
    trimValues: false,
    // Characters by their numbers are read with it only: `&#39;`.
    htmlEntities: true,
    removeNSPrefix: true,
    isArray: (name) => repeated.includes(name),
  })
  return (body) => {
    if (/<!DOCTYPE/i.test(body)) return null
    try {
      const document: unknown = parser.parse(body)
      return isComplete(body, document) ? document : null
    } catch {
      return null
    }
  }
}

/** The parser reads what there is of a document. Its one element has to end with it. */
function isComplete(body: string, document: unknown): boolean {
  const [name = ''] = Object.keys(document ?? {}).filter((key) => !key.startsWith('?'))
  const closingName = /<\/(?:[^<>:]*:)?([^<>:\s]+)\s*>\s*$/.exec(body)?.[1]
  return closingName === undefined ? /\/>\s*$/.test(body) && childAt(document, name) === '' : closingName === name
}

/** Null where there is none. */
export function childAt(node: unknown, name: string): unknown {
  return typeof node === 'object' && node !== null && Object.hasOwn(node, name)
    ? (node as Record<string, unknown>)[name]
    : null
}

/** Null where it is not there. */
export function attributeAt(node: unknown, name: string): string | null {
  const found = childAt(node, ATTRIBUTE + name)
  return typeof found === 'string' ? found : null
}

/** Null where it is empty or not there. */
export function textAt(node: unknown, ...path: readonly string[]): string | null {
  const element = path.reduce(childAt, node)
  // An element with an attribute that is read comes with its text beside it.
  const found = childAt(element, TEXT) ?? element
  return typeof found === 'string' && found !== '' ? found : null
}

/** Said on to people, so it must look like a code. */
export function toErrorCode(text: string | null | undefined): string | null {
  return text !== null && text !== undefined && /^[A-Za-z0-9.]{1,80}$/.test(text) ? text : null
}
