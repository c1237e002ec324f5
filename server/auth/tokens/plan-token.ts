import 'server-only'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import * as z from 'zod'
import { MAX_WHERE_CHARS } from '@/lib/contract/table/scan'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Keys } from '@/server/auth/keys'
import type { AuthServices } from '@/server/auth/auth-services'

/** Permission to read the files of one snapshot of a table, for one user, for a limited time. */
export type PlanToken = {
  identifier: TableIdentifier
  tableUuid: string
  /** Null for a table without a snapshot. */
  snapshotId: string | null
  /** The schema that the rows are read with. */
  schemaId: number
  userId: string
  expiresAtMs: number
  /** The filter of the plan as JSON; null without one. It narrows which files are listed and permits nothing. */
  where: string | null
}

const MIN_LIFETIME_MS = 3_600_000
/** Tokens issued for one snapshot within this time are identical, so that the browser's cache recognizes the URLs of its files. */
const LIFETIME_STEP_MS = 1_800_000
const MAX_TOKEN_CHARS = 8192
/** Proxies commonly refuse request lines of more than 8 KiB. */
const MAX_FILTER_CHARS = 4096

const FORMAT_VERSION = 1

/** In this order, because the text is signed and is part of a URL. */
const payload = z.tuple([
  z.literal(FORMAT_VERSION),
  z.string(),
  z.array(z.string()),
  z.string(),
  z.string(),
  z.string().nullable(),
  z.int(),
  z.string(),
  z.int(),
])

/**
 * With a filter, the token without it is its beginning, so that the browser's cache recognizes the URLs of files that
 * were read with another filter.
 *
 * @returns `payload.signature` or `payload.signature.filter.signature`, all base64url, valid for 60 to 90 minutes
 * @throws {AppError} invalid-request when the filter is too long for a URL
 */
export function signPlanToken(
  services: Pick<AuthServices, 'database' | 'keys'>,
  plan: Omit<PlanToken, 'expiresAtMs' | 'where'> & { where?: string | null },
  nowMs = services.database.nowMs(),
): string {
  const { identifier, tableUuid, snapshotId, schemaId, userId, where = null } = plan
  const expiresAtMs = Math.ceil((nowMs + MIN_LIFETIME_MS) / LIFETIME_STEP_MS) * LIFETIME_STEP_MS
  const fields: z.input<typeof payload> = [
    FORMAT_VERSION,
    identifier.catalog,
    [...identifier.namespace],
    identifier.table,
    tableUuid,
    snapshotId,
    schemaId,
    userId,
    expiresAtMs,
  ]
  const text = Buffer.from(JSON.stringify(fields)).toString('base64url')
  const token = `${text}.${computeSignature(services.keys, text)}`
  if (where === null) return token
  const signed = `${token}.${compressFilter(where)}`
  return `${signed}.${computeSignature(services.keys, signed)}`
}

/** @throws {AppError} forbidden for a token that is not ours, token-expired */
export function readPlanToken(
  services: Pick<AuthServices, 'database' | 'keys'>,
  token: string,
  nowMs = services.database.nowMs(),
): PlanToken {
  const [text, signature, ...rest] = token.length > MAX_TOKEN_CHARS ? [] : token.split('.')
  if (!text || !signature || !isValidSignature(services.keys, signature, text)) throw foreignError()
  const [filter, filterSignature, ...more] = rest
  const isUnfiltered = rest.length === 0
  if (!isUnfiltered && (!filter || !filterSignature || more.length > 0)) throw foreignError()
  const isFilterValid =
    isUnfiltered || isValidSignature(services.keys, filterSignature ?? '', `${text}.${signature}.${filter}`)
  if (!isFilterValid) throw foreignError()
  const { data } = payload.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
  // A payload in another format is from another version of Lakeshore.
  if (!data) throw expiredError()
  const [, catalog, namespace, table, tableUuid, snapshotId, schemaId, userId, expiresAtMs] = data
  if (expiresAtMs <= nowMs) throw expiredError()
  const where = filter === undefined ? null : expandFilter(filter)
  return { identifier: { catalog, namespace, table }, tableUuid, snapshotId, schemaId, userId, expiresAtMs, where }
}

function compressFilter(where: string): string {
  const filter = deflateRawSync(where).toString('base64url')
  if (filter.length <= MAX_FILTER_CHARS) return filter
  throw new AppError(
    'invalid-request',
    `The filter has ${filter.length} characters when it is compressed, but at most ${MAX_FILTER_CHARS} fit into an address. Use fewer or shorter values.`,
  )
}

function expandFilter(filter: string): string {
  // A character takes at most three bytes.
  const maxOutputLength = 3 * MAX_WHERE_CHARS
  return inflateRawSync(Buffer.from(filter, 'base64url'), { maxOutputLength }).toString('utf8')
}

function foreignError(): AppError {
  return new AppError('forbidden', 'This link to the files of a table was not created by this Lakeshore.')
}

function expiredError(): AppError {
  return new AppError('token-expired', 'Reload the table to get a new link.')
}

function isValidSignature(keys: Keys, candidate: string, text: string): boolean {
  const signature = Buffer.from(candidate)
  const expected = Buffer.from(computeSignature(keys, text))
  return signature.length === expected.length && timingSafeEqual(signature, expected)
}

function computeSignature(keys: Keys, text: string): string {
  return createHmac('sha256', keys.derive('plan tokens')).update(text).digest('base64url')
}
