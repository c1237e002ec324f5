import 'server-only'
import { AppError } from '@/lib/errors'
import type { Role } from '@/lib/permissions'
import { type SqlValue, type Statement, UnexpectedChanges } from './database'
import { openDatabase } from './open-database'

/**
 * Personal access tokens: what a person gives a program so that it may act for them. Only a hash of the secret is
 * here. A token whose owner is removed goes with them.
 */
export type Token = {
  tokenId: string
  name: string
  /** What the token may do at most; never more than its owner may now. */
  role: Role
  owner: { userId: string; username: string; role: Role }
  createdAtMs: number
  expiresAtMs: number
  /** To the minute; null: never. */
  lastUsedAtMs: number | null
  revokedAtMs: number | null
}

export type NewToken = Pick<Token, 'tokenId' | 'name' | 'role' | 'createdAtMs' | 'expiresAtMs'> & {
  userId: string
  /** SHA-256 of the secret, base64url. */
  secretHash: string
}

/** Of one person at a time, that have not ended. */
export const MOST_LIVE_TOKENS = 50
/** Ended ones that are still listed, of one person; the oldest give way. */
const MOST_ENDED_TOKENS = 50
const MOST_LISTED = 1000
const USE_NOTED_EVERY_MS = 60_000

const SELECT = `SELECT tokens.id, tokens.name, tokens.role, tokens.secret_hash, tokens.created_at_ms,
    tokens.expires_at_ms, tokens.last_used_at_ms, tokens.revoked_at_ms,
    users.id AS user_id, users.username, users.role AS user_role
  FROM tokens JOIN users ON users.id = tokens.user_id`

type TokenRow = {
  id: string
  name: string
  role: Role
  secret_hash: string
  created_at_ms: number
  expires_at_ms: number
  last_used_at_ms: number | null
  revoked_at_ms: number | null
  user_id: string
  username: string
  user_role: Role
}

/** Whether a token still holds, as far as the token itself goes. */
export function stateOf(
  { expiresAtMs, revokedAtMs }: Pick<Token, 'expiresAtMs' | 'revokedAtMs'>,
  nowMs: number,
): 'live' | 'expired' | 'revoked' {
  if (revokedAtMs !== null) return 'revoked'
  return expiresAtMs > nowMs ? 'live' : 'expired'
}

/** Ended ones too; null where there is none, or its owner was removed. */
export function findToken(tokenId: string): (Token & { secretHash: string }) | null {
  const [row] = select('tokens.id = ?', [tokenId])
  return row ? { ...toToken(row), secretHash: row.secret_hash } : null
}

/** Which of a person's tokens has this secret; null: none. */
export function findTokenIdByHash(userId: string, secretHash: string): string | null {
  const [row] = openDatabase().read<{ id: string }>('SELECT id FROM tokens WHERE user_id = ? AND secret_hash = ?', [
    userId,
    secretHash,
  ])
  return row?.id ?? null
}

/** Newest first, ended ones too; of one person, or of everybody. At most 1000. */
export function listTokens(userId?: string): Token[] {
  return (userId === undefined ? select('true', []) : select('tokens.user_id = ?', [userId])).map(toToken)
}

/**
 * @param alongside rows that belong to the change, written in its transaction
 * @throws {AppError} invalid-request when the person has as many as anybody may
 */
export async function addToken(token: NewToken, alongside: readonly Statement[] = []): Promise<void> {
  const { userId, createdAtMs } = token
  const isLiveSql = 'revoked_at_ms IS NULL AND expires_at_ms > ?2'
  const insert: Statement = {
    sql: `INSERT INTO tokens (id, user_id, name, secret_hash, role, created_at_ms, expires_at_ms)
      SELECT ?3, ?1, ?4, ?5, ?6, ?2, ?7
      WHERE (SELECT count(*) FROM tokens WHERE user_id = ?1 AND ${isLiveSql}) < ?8`,
    params: [
      userId,
      createdAtMs,
      token.tokenId,
      token.name,
      token.secretHash,
      token.role,
      token.expiresAtMs,
      MOST_LIVE_TOKENS,
    ],
    expectedChanges: 1,
  }
  const forgetEnded: Statement = {
    sql: `DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE user_id = ?1 AND NOT (${isLiveSql})
      ORDER BY created_at_ms DESC LIMIT -1 OFFSET ?3)`,
    params: [userId, createdAtMs, MOST_ENDED_TOKENS],
  }
  await change(
    [insert, forgetEnded, ...alongside],
    () => new AppError('invalid-request', `A person has at most ${MOST_LIVE_TOKENS} tokens: revoke one first.`),
  )
}

/** @throws {AppError} not-found when there is none, or it was revoked before */
export async function revokeToken(tokenId: string, nowMs: number, alongside: readonly Statement[] = []): Promise<void> {
  const update: Statement = {
    sql: 'UPDATE tokens SET revoked_at_ms = ? WHERE id = ? AND revoked_at_ms IS NULL',
    params: [nowMs, tokenId],
    expectedChanges: 1,
  }
  await change([update, ...alongside], () => new AppError('not-found', 'There is no such token that still holds.'))
}

const noting = new Set<string>()

/** Writes at most once a minute for one token, however often it is used. */
export async function noteTokenUse({ tokenId, lastUsedAtMs }: Token, nowMs: number): Promise<void> {
  const isNoted = lastUsedAtMs !== null && Math.abs(nowMs - lastUsedAtMs) < USE_NOTED_EVERY_MS
  if (isNoted || noting.has(tokenId)) return
  noting.add(tokenId)
  try {
    await openDatabase().transact([
      { sql: 'UPDATE tokens SET last_used_at_ms = ? WHERE id = ?', params: [nowMs, tokenId] },
    ])
  } finally {
    noting.delete(tokenId)
  }
}

/** Runs the statements; when the first did not find what it changes, nothing is changed and `refusal` is thrown. */
async function change(statements: readonly Statement[], refusal: () => AppError): Promise<void> {
  try {
    await openDatabase().transact(statements)
  } catch (error) {
    if (error instanceof UnexpectedChanges && error.index === 0) throw refusal()
    throw error
  }
}

function select(condition: string, params: SqlValue[]): TokenRow[] {
  return openDatabase().read<TokenRow>(
    `${SELECT} WHERE ${condition} ORDER BY tokens.created_at_ms DESC, tokens.id LIMIT ${MOST_LISTED}`,
    params,
  )
}

function toToken(row: TokenRow): Token {
  return {
    tokenId: row.id,
    name: row.name,
    role: row.role,
    owner: { userId: row.user_id, username: row.username, role: row.user_role },
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    lastUsedAtMs: row.last_used_at_ms,
    revokedAtMs: row.revoked_at_ms,
  }
}
