/**
 * Levels and a name, separated by dots: `demo.flights`, `demo."daily.v2"`. A part with dots or quotes is in double
 * quotes, in which two quotes mean one.
 */

const PART = /^(?:"((?:[^"]|"")+)"|([^."]+))(?:\.|$)/

export function toDottedName(names: readonly string[]): string {
  return names.map((name) => (/[."]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name)).join('.')
}

/** Null for a text that is not a list of names. */
export function parseDottedName(text: string): string[] | null {
  const names: string[] = []
  let rest = text
  while (rest !== '') {
    const part = PART.exec(rest)
    if (part === null) return null
    names.push(part[1]?.replaceAll('""', '"') ?? part[2] ?? '')
    rest = rest.slice(part[0].length)
  }
  return text.endsWith('.') ? null : names
}
