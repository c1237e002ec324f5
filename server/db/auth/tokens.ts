import 'server-only'
import { sql } from 'kysely'
import { AppError } from '@/lib/errors'
import { joinNamespace } from '@/lib/names/identifiers'
import type { Role, RoleGrant } from '@/lib/permissions'
import type { Change, Database } from '../database'
import { insertIf, isBelow, ROW_COUNT } from '../insert-if'
import { change, type Dialect, preparedQuery, query } from '../statement'
import type { Tables } from '../tables'
import { commitOrThrow } from '../try-commit'
import { isWithinNameLimits, toResource } from './resource-columns'

/**
 * Whether a token is valid, by the database's clock. `disabled`: its owner is disabled; it is valid again when the
 * owner is enabled. `paused`: its owner signs in with a generated password only; it is valid again when they have
 * changed it.
 */
export type TokenState = 'live' | 'disabled' | 'paused' | 'expired' | 'revoked'

/**
 * Personal access tokens, with which a program acts for a user. Only a hash of the secret is stored. Removing a user
 * removes their tokens.
 */
export type Token = {
  tokenId: string
  name: string
  /** The most that it allows: its owner's grants are cut down to it. */
  limit: RoleGrant
  /** With the role on everything. */
  owner: { userId: string; username: string; role: Role | null; isService: boolean }
  /** At the time when it was read. */
  state: TokenState
  createdAtMs: number
  expiresAtMs: number
  /** When its secret was used, to the minute; null: never. */
  lastUsedAtMs: number | null
  /** When the secret was replaced last; null: it is the first one. */
  rotatedAtMs: number | null
  /** The secret before the last rotation, while it is still accepted. */
  previous: { endsAtMs: number; lastUsedAtMs: number | null } | null
}

/** The hashes of a token's secret and of the one before it, which may no longer be accepted. */
export type SecretHashes = { secretHash: string; previousSecretHash: string | null }

/** A secret of a token, and when its use was recorded last. */
export type UsedSecret = Pick<Token, 'tokenId' | 'lastUsedAtMs'> & { secretHash: string }

export type NewToken = Pick<Token, 'tokenId' | 'name' | 'limit' | 'createdAtMs' | 'expiresAtMs'> & {
  userId: string
  /** SHA-256 of the secret, base64url. */
  secretHash: string
}

/** Per user, counting only tokens that have not ended. */
export const MAX_LIVE_TOKENS = 50
/** How many ended tokens per user are still listed; the oldest are removed. */
const MAX_ENDED_TOKENS = 50
const MAX_LISTED_TOKENS = 1000
const USE_RECORD_INTERVAL_MS = 60_000

type TokenRow = Pick<
  Tables['tokens'],
  | 'id'
  | 'name'
  | 'role'
  | 'catalog'
  | 'namespace'
  | 'secret_hash'
  | 'created_at_ms'
  | 'expires_at_ms'
  | 'last_used_at_ms'
  | 'rotated_at_ms'
  | 'previous_secret_hash'
  | 'previous_ends_at_ms'
  | 'previous_used_at_ms'
> & {
  has_previous: number
  state: TokenState
  user_id: string
  username: string
  user_role: Role
  has_role: number
  is_service: number
}

/** Finds ended tokens too; null when the token does not exist or its owner was removed. */
export async function findToken(database: Database, tokenId: string): Promise<(Token & SecretHashes) | null> {
  const [row] = await database.read(tokenById({ tokenId }))
  return row ? { ...toToken(row), ...toHashes(row) } : null
}

/**
 * A token, ended or not, and how long a key of `sign_in_attempts` is still paused: zero or negative when it is not. Every
 * request of a client needs both, so they are one statement.
 */
export async function findTokenWithPause(
  database: Database,
  { tokenId, attemptsKey }: { tokenId: string; attemptsKey: string },
): Promise<{ token: Token; hashes: SecretHashes; pauseLeftMs: number } | null> {
  const [row] = await database.read(tokenWithPause({ tokenId, attemptsKey }))
  return row ? { token: toToken(row), hashes: toHashes(row), pauseLeftMs: row.pause_left_ms ?? 0 } : null
}

/** The user's token with this secret, now or before its last rotation, or null. */
export async function findTokenIdByHash(
  database: Database,
  userId: string,
  secretHash: string,
): Promise<string | null> {
  const [row] = await database.read(tokenByHash({ userId, secretHash }))
  return row?.id ?? null
}

/** Newest first, including ended ones; of one user, or of all. At most 1000. */
export async function listTokens(database: Database, userId?: string): Promise<Token[]> {
  const rows = await database.read(
    query((dialect) => {
      const newest = selectTokens(dialect)
        .orderBy('tokens.created_at_ms', 'desc')
        .orderBy('tokens.id')
        .limit(MAX_LISTED_TOKENS)
      return userId === undefined ? newest : newest.where('tokens.user_id', '=', userId)
    }),
  )
  return rows.map(toToken)
}

const tokenById = preparedQuery((dialect, { tokenId }: { tokenId: string }) =>
  selectTokens(dialect).where('tokens.id', '=', tokenId),
)

const tokenWithPause = preparedQuery((dialect, { tokenId, attemptsKey }: { tokenId: string; attemptsKey: string }) =>
  selectTokens(dialect)
    .leftJoin('sign_in_attempts', (join) => join.on('sign_in_attempts.key', '=', attemptsKey))
    .select((eb) => eb('sign_in_attempts.paused_until_ms', '-', dialect.nowMs).as('pause_left_ms'))
    .where('tokens.id', '=', tokenId),
)

const tokenByHash = preparedQuery(({ db }, { userId, secretHash }: { userId: string; secretHash: string }) =>
  db
    .selectFrom('tokens')
    .select('id')
    .where('user_id', '=', userId)
    .where((eb) => eb.or([eb('secret_hash', '=', secretHash), eb('previous_secret_hash', '=', secretHash)])),
)

function selectTokens({ db, nowMs }: Dialect) {
  return db
    .selectFrom('tokens')
    .innerJoin('users', 'users.id', 'tokens.user_id')
    .where(isWithinNameLimits('tokens'))
    .select([
      'tokens.id',
      'tokens.name',
      'tokens.role',
      'tokens.catalog',
      'tokens.namespace',
      'tokens.secret_hash',
      'tokens.created_at_ms',
      'tokens.expires_at_ms',
      'tokens.last_used_at_ms',
      'tokens.rotated_at_ms',
      'tokens.previous_secret_hash',
      'tokens.previous_ends_at_ms',
      'tokens.previous_used_at_ms',
      'users.id as user_id',
      'users.username',
      'users.role as user_role',
      'users.has_role',
      'users.is_service',
      sql<TokenState>`case
        when tokens.revoked_at_ms is not null then 'revoked'
        when tokens.expires_at_ms <= ${nowMs} then 'expired'
        when users.disabled_at_ms is not null then 'disabled'
        when users.has_generated_password = 1
          and not exists (select 1 from identities where identities.user_id = users.id) then 'paused'
        else 'live' end`.as('state'),
      sql<number>`case when tokens.previous_ends_at_ms > ${nowMs} then 1 else 0 end`.as('has_previous'),
    ])
}

/**
 * @param alongside rows that belong to the change, written in the same transaction
 * @throws {AppError} invalid-request when the user already has the greatest number of tokens
 */
export async function addToken(database: Database, token: NewToken, alongside: readonly Change[] = []): Promise<void> {
  await commitOrThrow(
    database,
    [insertChange(token), deleteEndedChange(token.userId), ...alongside],
    () => new AppError('invalid-request', `A user has at most ${MAX_LIVE_TOKENS} active tokens. Revoke one first.`),
  )
}

function insertChange({ tokenId, userId, name, secretHash, limit, createdAtMs, expiresAtMs }: NewToken): Change {
  const { catalog = null, namespace } = limit.resource
  return change(
    (dialect) => {
      const live = dialect.db
        .selectFrom('tokens as live')
        .select(ROW_COUNT)
        .where('live.user_id', '=', userId)
        .where('live.revoked_at_ms', 'is', null)
        .where('live.expires_at_ms', '>', dialect.nowMs)
        .where(isWithinNameLimits('live'))
      const row = {
        id: tokenId,
        user_id: userId,
        name,
        secret_hash: secretHash,
        role: limit.role,
        catalog,
        namespace: namespace ? joinNamespace(namespace) : null,
        created_at_ms: createdAtMs,
        expires_at_ms: expiresAtMs,
      }
      return insertIf(dialect, 'tokens', row, isBelow(live, MAX_LIVE_TOKENS))
    },
    { expectedRows: 1, guards: ['tokens'] },
  )
}

function deleteEndedChange(userId: string): Change {
  return change(
    ({ db, nowMs }) =>
      db
        .deleteFrom('tokens')
        .where('user_id', '=', userId)
        .where('id', 'in', ({ selectFrom }) =>
          selectFrom('tokens as ended')
            .select('ended.id')
            .where('ended.user_id', '=', userId)
            .where((eb) => eb.or([eb('ended.revoked_at_ms', 'is not', null), eb('ended.expires_at_ms', '<=', nowMs)]))
            .orderBy('ended.created_at_ms', 'desc')
            .limit(NO_LIMIT)
            .offset(MAX_ENDED_TOKENS),
        ),
    { guards: ['tokens'] },
  )
}

/** More than any user has; SQLite needs a limit before an offset. */
const NO_LIMIT = 1_000_000_000

/** @throws {AppError} not-found when the token does not exist or was revoked before */
export async function revokeToken(
  database: Database,
  tokenId: string,
  alongside: readonly Change[] = [],
): Promise<void> {
  const update = change(
    ({ db, nowMs }) =>
      db
        .updateTable('tokens')
        .set({ revoked_at_ms: nowMs })
        .where('id', '=', tokenId)
        .where('revoked_at_ms', 'is', null),
    { expectedRows: 1 },
  )
  await commitOrThrow(
    database,
    [update, ...alongside],
    () => new AppError('not-found', 'There is no active token with this id.'),
  )
}

/**
 * Replaces the secret of a live token. The old one is accepted for another `overlapMs`; the one before it no longer is.
 *
 * @param secretHash of the new secret
 * @param replacedHash of the secret to replace, so that of two rotations at once only one is made
 * @throws {AppError} version-conflict when the token was rotated, revoked or removed, or has expired
 */
export async function rotateToken(
  database: Database,
  tokenId: string,
  { secretHash, replacedHash, overlapMs }: { secretHash: string; replacedHash: string; overlapMs: number },
  alongside: readonly Change[] = [],
): Promise<void> {
  const update = change(
    ({ db, nowMs }) =>
      db
        .updateTable('tokens')
        .set((eb) => ({
          secret_hash: secretHash,
          last_used_at_ms: null,
          rotated_at_ms: nowMs,
          previous_secret_hash: eb.ref('secret_hash'),
          previous_ends_at_ms: eb(nowMs, '+', overlapMs),
          previous_used_at_ms: eb.ref('last_used_at_ms'),
        }))
        .where('id', '=', tokenId)
        .where('secret_hash', '=', replacedHash)
        .where('revoked_at_ms', 'is', null)
        .where('expires_at_ms', '>', nowMs),
    { expectedRows: 1 },
  )
  await commitOrThrow(
    database,
    [update, ...alongside],
    () => new AppError('version-conflict', 'The token was changed at the same moment, so it was not rotated.'),
  )
}

/** Writes at most once a minute per secret, however often it is used. */
export async function recordTokenUse(
  database: Database,
  { tokenId, secretHash, lastUsedAtMs }: UsedSecret,
): Promise<void> {
  const isRecentlyRecorded = lastUsedAtMs !== null && Math.abs(database.nowMs() - lastUsedAtMs) < USE_RECORD_INTERVAL_MS
  if (isRecentlyRecorded) return
  const record = (column: 'last_used_at_ms' | 'previous_used_at_ms', hash: 'secret_hash' | 'previous_secret_hash') =>
    change(({ db, nowMs }) =>
      db
        .updateTable('tokens')
        .set({ [column]: nowMs })
        .where('id', '=', tokenId)
        .where(hash, '=', secretHash),
    )
  await database.commit([
    record('last_used_at_ms', 'secret_hash'),
    record('previous_used_at_ms', 'previous_secret_hash'),
  ])
}

function toHashes(row: Pick<TokenRow, 'secret_hash' | 'previous_secret_hash'>): SecretHashes {
  return { secretHash: row.secret_hash, previousSecretHash: row.previous_secret_hash }
}

function toToken(row: TokenRow): Token {
  return {
    tokenId: row.id,
    name: row.name,
    limit: {
      role: row.role,
      resource: toResource({ catalog: row.catalog ?? '', namespace: row.namespace ?? '', table_name: '' }),
    },
    owner: {
      userId: row.user_id,
      username: row.username,
      role: row.has_role === 1 ? row.user_role : null,
      isService: row.is_service === 1,
    },
    state: row.state,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    lastUsedAtMs: row.last_used_at_ms,
    rotatedAtMs: row.rotated_at_ms,
    previous:
      row.has_previous === 1 && row.previous_ends_at_ms !== null
        ? { endsAtMs: Math.min(row.previous_ends_at_ms, row.expires_at_ms), lastUsedAtMs: row.previous_used_at_ms }
        : null,
  }
}
