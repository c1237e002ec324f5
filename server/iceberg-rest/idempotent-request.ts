import 'server-only'
import { createHash } from 'node:crypto'
import { AppError, ERROR_CODES, type ErrorCode } from '@/lib/errors'
import type { Actor } from '@/server/auth/actor'
import type { Change } from '@/server/db/database'
import { responseChanges, findStoredResponse, type IdempotencyKey } from '@/server/db/idempotency'
import type { RequestHead } from '@/server/http/handle-request'
import type { Services } from '@/server/services'
import type { Operation } from './operations'
import type { RestInput } from './request-input'

/**
 * A request with an `Idempotency-Key`. One transaction makes its change and records that it is done. A repeated request
 * gets the same response without repeating the change. Permanent refusals are stored too. Refusals that may not recur
 * are not: server errors, files that may be repaired, missing permissions, too many requests.
 *
 * Spec: REST `open-api`, parameter `idempotency-key`.
 */
export type IdempotentRequest = {
  /** Rows to write in the transaction of the work. */
  changes(response?: StoredResponse): Change[]
  /** Stores the response after work that may have changed nothing, and so wrote no transaction. */
  store(response?: StoredResponse): Promise<void>
  /** @param replay builds the response to a request that is already done */
  runOnce<Result>(work: () => Promise<Result>, replay: (stored: StoredResponse) => Promise<Result>): Promise<Result>
}

/**
 * The stored response of a request: the text of its body, or for a table its metadata location, because metadata is too
 * large to store twice. Null when the response had no body.
 */
export type StoredResponse = { text: string } | { metadataLocation: string } | null

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** Stored for a response without a body. */
const NO_BODY = 'done'
const STORED_STATUSES: ReadonlySet<number> = new Set([400, 404, 409, 413, 422])
/** Errors of the disk rather than of the request. A repeated request may not meet them. */
const DISK_CODES: ReadonlySet<ErrorCode> = new Set(['file-missing', 'file-damaged'])

/**
 * @returns null if the request has no key, or the operation accepts none
 * @throws {AppError} invalid-request for a key that is not a UUID
 */
export function createIdempotentRequest(
  services: Pick<Services, 'database' | 'log'>,
  operation: Operation,
  request: RequestHead,
  input: RestInput,
  actor: Actor,
): IdempotentRequest | null {
  const header = request.headers.get('idempotency-key')
  if (header === null || !operation.canHaveIdempotencyKey) return null
  if (!UUID.test(header)) throw new AppError('invalid-request', 'The Idempotency-Key must be a UUID.')
  const fingerprintParts = [operation.id, new URL(request.url).pathname, input.query.toString(), input.bodyText]
  const key: IdempotencyKey = {
    actorId: actor.userId,
    key: header.toLowerCase(),
    operation: createHash('sha256').update(JSON.stringify(fingerprintParts)).digest('hex'),
  }
  const database = services.database
  const changes = (answer: StoredResponse = null) =>
    responseChanges(key, answer === null ? NO_BODY : JSON.stringify({ answer }))
  return {
    changes,
    async store(response) {
      if ((await findStoredResponse(database, key)) === null) await database.commit(changes(response))
    },
    async runOnce(work, replay) {
      const replayStored = (stored: string) => replay(parseStoredResponse(stored))
      const stored = await findStoredResponse(database, key)
      if (stored !== null) return replayStored(stored)
      try {
        return await work()
      } catch (error) {
        // The same request may have run at the same time and finished first.
        const concurrent = await findStoredResponse(database, key)
        if (concurrent !== null) return replayStored(concurrent)
        if (error instanceof AppError && isStorable(error)) await storeRefusal(services, key, error)
        throw error
      }
    },
  }
}

function isStorable({ code }: AppError): boolean {
  return STORED_STATUSES.has(ERROR_CODES[code].status) && !DISK_CODES.has(code)
}

/** Stores a refusal. A failure is only logged, because it affects nothing but a later repetition. */
async function storeRefusal(
  services: Pick<Services, 'database' | 'log'>,
  key: IdempotencyKey,
  { code, message, facts }: AppError,
): Promise<void> {
  try {
    await services.database.commit(responseChanges(key, JSON.stringify({ code, message, facts })))
  } catch (error) {
    services.log.error(error, { doing: 'storing the response of an idempotency key' })
  }
}

type Refusal = { code: ErrorCode; message: string; facts: AppError['facts'] }

/** @throws {AppError} the stored refusal, if the response was one */
function parseStoredResponse(stored: string): StoredResponse {
  if (stored === NO_BODY) return null
  const parsed = JSON.parse(stored) as { answer: StoredResponse } | Refusal
  if ('answer' in parsed) return parsed.answer
  throw new AppError(parsed.code, parsed.message, { facts: { ...parsed.facts } })
}
