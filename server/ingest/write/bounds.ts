import 'server-only'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import type { MetricsMode } from '../stage-request'

/**
 * Bounds as manifests store them: strings and binaries truncated to a length, the lower bound rounded down and the
 * upper bound rounded up, so that every value stays between them.
 *
 * Spec: Iceberg table spec, *Data File Metrics*; property `write.metadata.metrics.default`.
 */

export function lowerBound(type: PrimitiveType, lowest: Value, mode: MetricsMode): Value | null {
  if (mode.kind === 'none' || mode.kind === 'counts') return null
  if (mode.kind === 'truncate') {
    if (typeof lowest === 'string' && type === 'string') return firstCodePoints(lowest, mode.length).join('')
    if (lowest instanceof Uint8Array) return lowest.subarray(0, mode.length)
  }
  // DuckDB's zero may be -0 or +0, and a bound must keep their order.
  return isFloating(type) && lowest === 0 ? -0 : lowest
}

/** Null also when no shorter value is above the highest one. */
export function upperBound(type: PrimitiveType, highest: Value, mode: MetricsMode): Value | null {
  if (mode.kind === 'none' || mode.kind === 'counts') return null
  if (mode.kind === 'truncate') {
    if (typeof highest === 'string' && type === 'string') return roundUpText(highest, mode.length)
    if (highest instanceof Uint8Array) return roundUpBytes(highest, mode.length)
  }
  return isFloating(type) && highest === 0 ? 0 : highest
}

function isFloating(type: PrimitiveType): boolean {
  const { kind } = parsePrimitive(type)
  return kind === 'float' || kind === 'double'
}

function firstCodePoints(text: string, length: number): string[] {
  const points: string[] = []
  for (const point of text) {
    if (points.length === length) break
    points.push(point)
  }
  return points
}

function roundUpText(text: string, length: number): string | null {
  const points = firstCodePoints(text, length)
  if (points.join('').length === text.length) return text
  for (let last = points.length - 1; last >= 0; last -= 1) {
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

function roundUpBytes(bytes: Uint8Array, length: number): Uint8Array | null {
  if (bytes.length <= length) return bytes
  for (let last = length - 1; last >= 0; last -= 1) {
    const byte = bytes[last] ?? 0xff
    if (byte < 0xff) return Uint8Array.of(...bytes.subarray(0, last), byte + 1)
  }
  return null
}
