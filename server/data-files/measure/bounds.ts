import 'server-only'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { roundUpBytes, roundUpPoints } from '@/lib/parquet/write/cut-bound'
import type { MetricsMode } from './metrics-modes'

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
  return roundUpPoints(points)
}
