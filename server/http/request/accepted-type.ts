import 'server-only'

/**
 * The offered media type that a client prefers; null if it accepts none of them. Without the header it accepts all. If
 * it accepts several equally, the first one offered.
 *
 * Spec: RFC 9110 section 12.5.1.
 */
export function acceptedType<Type extends string>(accept: string | null, offered: readonly Type[]): Type | null {
  if (accept === null || accept.trim() === '') return offered[0] ?? null
  const ranges = accept.split(',').map(parseRange)
  const rated = offered.map((type) => ({ type, quality: qualityOf(type, ranges) }))
  const best = Math.max(...rated.map(({ quality }) => quality))
  return best > 0 ? (rated.find(({ quality }) => quality === best)?.type ?? null) : null
}

type Range = { range: string; quality: number }

function parseRange(text: string): Range {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const [, quality = '1'] = parameters.map((one) => /^q=(\d(?:\.\d{0,3})?)$/.exec(one)).find(Boolean) ?? []
  return { range, quality: Number(quality) }
}

/** The most specific range decides. */
function qualityOf(type: string, ranges: readonly Range[]): number {
  const names = [type, `${type.split('/')[0]}/*`, '*/*']
  for (const name of names) {
    const match = ranges.find(({ range }) => range === name)
    if (match) return match.quality
  }
  return 0
}
