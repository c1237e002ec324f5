import 'server-only'
import { XMLParser } from 'fast-xml-parser'

/** Reads the XML of stores. A body with a document type is refused: no store sends one, and it can define entities. */

const ATTRIBUTE = '@'
const TEXT = '#text'

/**
 * @param repeated names of elements that can occur several times: they are always returned as lists
 * @param attribute the only attribute that is read; see {@link attributeAt}
 * @returns a document's elements by name, or null when the body is not XML, as from proxies, or is incomplete
 */
export function xmlReader(repeated: readonly string[] = [], attribute?: string): (body: string) => unknown {
  const parser = new XMLParser({
    ignoreAttributes: (name) => name !== attribute,
    attributeNamePrefix: ATTRIBUTE,
    textNodeName: TEXT,
    parseTagValue: false,
    trimValues: false,
    // Required for numeric character references such as `&#39;`.
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

/** The parser accepts incomplete documents. A complete one ends with its root element. */
function isComplete(body: string, document: unknown): boolean {
  const [name = ''] = Object.keys(document ?? {}).filter((key) => !key.startsWith('?'))
  const closingName = /<\/(?:[^<>:]*:)?([^<>:\s]+)\s*>\s*$/.exec(body)?.[1]
  return closingName === undefined ? /\/>\s*$/.test(body) && childAt(document, name) === '' : closingName === name
}

/** Null when the element does not exist. */
export function childAt(node: unknown, name: string): unknown {
  return typeof node === 'object' && node !== null && Object.hasOwn(node, name)
    ? (node as Record<string, unknown>)[name]
    : null
}

/** Null when the attribute does not exist. */
export function attributeAt(node: unknown, name: string): string | null {
  const found = childAt(node, ATTRIBUTE + name)
  return typeof found === 'string' ? found : null
}

/** The elements of a list; empty without one. */
export function listAt(node: unknown, name: string): readonly unknown[] {
  const found = childAt(node, name)
  return Array.isArray(found) ? found : []
}

/** A count of bytes as text; null for another text. */
export function parseSize(text: string | null): number | null {
  const value = text !== null && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(value) ? value : null
}

/** Milliseconds since 1970; null when the text is not a time. */
export function parseTime(text: string | null): number | null {
  const timeMs = text === null ? Number.NaN : Date.parse(text)
  return Number.isFinite(timeMs) ? timeMs : null
}

/** Null when the element is empty or does not exist. */
export function textAt(node: unknown, ...path: readonly string[]): string | null {
  const element = path.reduce(childAt, node)
  // For an element with an attribute, the parser returns the text as a child.
  const found = childAt(element, TEXT) ?? element
  return typeof found === 'string' && found !== '' ? found : null
}

/** People see it in messages, so it must look like a code. */
export function toErrorCode(text: string | null | undefined): string | null {
  return text !== null && text !== undefined && /^[A-Za-z0-9.]{1,80}$/.test(text) ? text : null
}
