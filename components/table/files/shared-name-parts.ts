/** How many characters each name of a list begins and ends with that all names have, in characters of `Array.from`. */
export type SharedParts = { startChars: number; endChars: number }

export const NOTHING_SHARED: SharedParts = { startChars: 0, endChars: 0 }

/** A part of a name ends here, so that no number or id is divided. */
const SEPARATOR = /[-_./= ]/

/**
 * The beginning and the end that all names share, up to a separator. Names of one writer often differ only in a number
 * between them.
 */
export function findSharedParts(names: readonly string[]): SharedParts {
  const [first = [], ...others] = [...new Set(names)].map((name) => Array.from(name))
  if (others.length === 0) return NOTHING_SHARED
  let startChars = first.length
  let endChars = first.length
  for (const other of others) {
    let start = 0
    while (start < Math.min(startChars, other.length) && first[start] === other[start]) start += 1
    startChars = start
    let end = 0
    while (end < Math.min(endChars, other.length) && first.at(-1 - end) === other.at(-1 - end)) end += 1
    endChars = end
  }
  while (startChars > 0 && !SEPARATOR.test(first[startChars - 1] ?? '')) startChars -= 1
  while (endChars > 0 && !SEPARATOR.test(first[first.length - endChars] ?? '')) endChars -= 1
  const shortest = Math.min(first.length, ...others.map(({ length }) => length))
  // In `a-a` and `a-a-a`, the same characters are at the beginning and at the end.
  return { startChars, endChars: Math.max(0, Math.min(endChars, shortest - startChars)) }
}
