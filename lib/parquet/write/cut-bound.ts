/**
 * Bounds of at most some bytes: the lower one rounded down, the upper one rounded up, so that every value stays between
 * them. Bounds of text stay valid UTF-8, which some readers expect.
 *
 * Spec: parquet-format, `parquet.thrift`, *ColumnIndex*.
 */

export function cutLowerBound(value: Uint8Array, maxBytes: number, isText: boolean): Uint8Array {
  if (value.length <= maxBytes) return value
  return value.slice(0, isText ? characterStart(value, maxBytes) : maxBytes)
}

/** Null if there is no shorter value above. */
export function cutUpperBound(value: Uint8Array, maxBytes: number, isText: boolean): Uint8Array | null {
  if (value.length <= maxBytes) return value
  return isText ? roundUpText(value, maxBytes) : roundUpBytes(value, maxBytes)
}

/** Where the character that contains the byte at `at` begins. */
function characterStart(text: Uint8Array, at: number): number {
  let start = at
  while (start > 0 && ((text[start] ?? 0) & 0xc0) === 0x80) start--
  return start
}

function roundUpText(bytes: Uint8Array, maxBytes: number): Uint8Array | null {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      bytes.subarray(0, characterStart(bytes, maxBytes)),
    )
  } catch {
    // A column that is declared as text may hold other bytes.
    return roundUpBytes(bytes, maxBytes)
  }
  const above = roundUpPoints(Array.from(text))
  return above === null ? null : new TextEncoder().encode(above)
}

/** The lowest text above all texts that begin with these characters; null if there is none. */
export function roundUpPoints(points: readonly string[]): string | null {
  for (let last = points.length - 1; last >= 0; last--) {
    const next = nextCodePoint(points[last]?.codePointAt(0) ?? 0)
    if (next !== null) return points.slice(0, last).join('') + String.fromCodePoint(next)
  }
  return null
}

/** Surrogates are not characters. */
function nextCodePoint(point: number): number | null {
  if (point >= 0x10ffff) return null
  return point === 0xd7ff ? 0xe000 : point + 1
}

/** The lowest value of at most `maxBytes` bytes that is above all that begin with the same bytes; null if there is none. */
export function roundUpBytes(bytes: Uint8Array, maxBytes: number): Uint8Array | null {
  if (bytes.length <= maxBytes) return bytes
  for (let last = maxBytes - 1; last >= 0; last--) {
    const byte = bytes[last] ?? 0xff
    if (byte < 0xff) return Uint8Array.of(...bytes.subarray(0, last), byte + 1)
  }
  return null
}
