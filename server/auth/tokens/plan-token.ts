import 'server-only'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import type { Keys } from '@/server/auth/keys'
import type { Services } from '@/server/services'

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
}

const MIN_LIFETIME_MS = 3_600_000
/** Tokens issued for one snapshot within this time are identical, so that the browser's cache recognizes the URLs of its files. */
const LIFETIME_STEP_MS = 1_800_000
const MAX_TOKEN_CHARS = 8192

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

/** @returns `payload.signature`, both base64url, valid for 60 to 90 minutes */
export function signPlanToken(
  services: Pick<Services, 'database' | 'keys'>,
  plan: Omit<PlanToken, 'expiresAtMs'>,
  nowMs = services.database.nowMs(),
): string {
  const { identifier, tableUuid, snapshotId, schemaId, userId } = plan
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
  return `${text}.${computeSignature(services.keys, text)}`
}

/** @throws {AppError} forbidden for a token that is not ours, token-expired */
export function readPlanToken(
  services: Pick<Services, 'database' | 'keys'>,
  token: string,
  nowMs = services.database.nowMs(),
): PlanToken {
  const [text, signature, ...more] = token.length > MAX_TOKEN_CHARS ? [] : token.split('.')
  if (!text || !signature || more.length > 0 || !isValidSignature(services.keys, signature, text)) {
    throw new AppError('forbidden', 'This link to the files of a table was not created by this Lakeshore.')
  }
  const { data } = payload.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
  // A payload in another format is from an older version.
  if (!data) throw expiredError()
  const [, catalog, namespace, table, tableUuid, snapshotId, schemaId, userId, expiresAtMs] = data
  if (expiresAtMs <= nowMs) throw expiredError()
  return { identifier: { catalog, namespace, table }, tableUuid, snapshotId, schemaId, userId, expiresAtMs }
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
