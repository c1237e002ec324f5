/** A member of a JSON object or array; `text` is its JSON as it is written, so that numbers keep all their digits. */
export type JsonMember = { name: string; text: string }

/** Whether a JSON text is an object or an array. */
export function isJsonContainer(text: string): boolean {
  return /^\s*[[{]/.test(text)
}

/**
 * The members of a JSON object or array, one level deep: any depth can be walked level by level. Names of array elements
 * are their indices.
 *
 * @returns null if the text is not an object or array, or is malformed at this level
 */
export function jsonMembers(text: string): JsonMember[] | null {
  let at = skipSpace(text, 0)
  const isObject = text[at] === '{'
  if (!isObject && text[at] !== '[') return null
  const close = isObject ? '}' : ']'
  const members: JsonMember[] = []
  at = skipSpace(text, at + 1)
  if (text[at] === close) return members
  for (;;) {
    let name = String(members.length)
    if (isObject) {
      const end = stringEnd(text, at)
      if (end === null) return null
      name = decodeName(text.slice(at, end))
      at = skipSpace(text, end)
      if (text[at] !== ':') return null
      at++
    }
    const start = skipSpace(text, at)
    const end = valueEnd(text, start)
    if (end === null) return null
    const value = text.slice(start, end).trimEnd()
    if (value === '') return null
    members.push({ name, text: value })
    if (text[end] === close) return members
    if (text[end] !== ',') return null
    at = skipSpace(text, end + 1)
  }
}

/** Where the value that starts here ends: at the comma or the bracket that follows it on its level. */
function valueEnd(text: string, start: number): number | null {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const char = text[at]
    if (char === '"') {
      const end = stringEnd(text, at)
      if (end === null) return null
      at = end - 1
    } else if (char === '{' || char === '[') depth++
    else if (char === '}' || char === ']') {
      if (depth === 0) return at
      depth--
    } else if (char === ',' && depth === 0) return at
  }
  return null
}

/** Behind the closing quote of the string that starts here. */
function stringEnd(text: string, start: number): number | null {
  if (text[start] !== '"') return null
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at + 1
  }
  return null
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at++
  return at
}

function decodeName(quoted: string): string {
  try {
    return String(JSON.parse(quoted))
  } catch {
    return quoted
  }
}
