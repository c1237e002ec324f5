import 'server-only'
import { randomBytes } from 'node:crypto'
import { type Endpoint, ENDPOINTS } from './endpoints'

/**
 * When a catalog supports `Idempotency-Key`, a write whose response was lost is sent again with the same key. The
 * catalog performs it once and repeats the response.
 *
 * Spec: REST `open-api`, parameter `idempotency-key`, and `idempotency-key-lifetime` of schema `CatalogConfig`.
 */

/** The operations of this client that accept a key. Creating a view is not among them. */
const KEYED_ENDPOINTS: ReadonlySet<Endpoint> = new Set([
  ENDPOINTS.createNamespace,
  ENDPOINTS.dropNamespace,
  ENDPOINTS.updateProperties,
  ENDPOINTS.createTable,
  ENDPOINTS.updateTable,
  ENDPOINTS.dropTable,
  ENDPOINTS.registerTable,
  ENDPOINTS.renameTable,
  ENDPOINTS.commitTransaction,
  ENDPOINTS.replaceView,
  ENDPOINTS.dropView,
  ENDPOINTS.registerView,
  ENDPOINTS.renameView,
])

/** After this time the client stops retrying and looks up the outcome. */
const MAX_RETRYABLE_MS = 120_000

/** A new key for one write, and how long the write may be retried with it; null when the catalog supports no keys. */
export function newIdempotencyKey(
  endpoint: Endpoint,
  lifetimeMs: number | null,
  nowMs: number,
): { key: string; retryableMs: number } | null {
  if (lifetimeMs === null || !KEYED_ENDPOINTS.has(endpoint)) return null
  return { key: uuidV7(nowMs), retryableMs: Math.min(lifetimeMs, MAX_RETRYABLE_MS) }
}

/** RFC 9562 section 5.7: 48 bits of milliseconds, then random bits around version and variant. */
function uuidV7(nowMs: number): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(nowMs, 0, 6)
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6)
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

const DURATION = /^P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.\d{1,9})?S)?)?$/i

/**
 * @returns the length of an ISO-8601 duration of days or shorter units, such as `PT30M`; null for invalid text, so that
 *   no key is sent
 */
export function parseDurationMs(text: string): number | null {
  const match = DURATION.exec(text.trim())
  if (match === null || match.slice(1).every((part) => part === undefined)) return null
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0))
  return ((((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000
}
