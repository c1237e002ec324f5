/** A value of a list as it was written. Quoted ones are JSON, so that they can have commas, line breaks and blanks. */
export type ListedValue = { text: string; isQuoted: boolean }

const QUOTED = /^"(?:[^"\\]|\\.)*"(?=\s*(?:[,\n]|$))/

/** The values of a list, which commas or line breaks separate. Blank ones are left out. */
export function splitValues(text: string): ListedValue[] {
  const values: ListedValue[] = []
  let rest = text.trimStart()
  while (rest !== '') {
    const quoted = parseQuoted(QUOTED.exec(rest)?.[0])
    const written = quoted?.written ?? /^[^,\n]*/.exec(rest)?.[0] ?? ''
    if (quoted) values.push({ text: quoted.text, isQuoted: true })
    else if (written.trim() !== '') values.push({ text: written.trim(), isQuoted: false })
    rest = rest.slice(written.length).replace(/^[^\S\n]*[,\n]?\s*/, '')
  }
  return values
}

/** A value as {@link splitValues} reads it. */
export function quoteListed(value: string): string {
  const isPlain = value !== '' && value === value.trim() && !/^"|[,\n\r]/.test(value)
  return isPlain ? value : JSON.stringify(value)
}

function parseQuoted(written: string | undefined): { written: string; text: string } | null {
  if (written === undefined) return null
  try {
    return { written, text: JSON.parse(written) as string }
  } catch {
    return null
  }
}
