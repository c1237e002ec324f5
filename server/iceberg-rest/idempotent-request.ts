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
 * A request that carries an `Idempotency-Key`. What it did and that it was done are one transaction; a repeated one is
 * given the same answer without doing it again. Refusals that would be the same again are kept too; what may be otherwise
 * the next time (a server's failure, a file that may be mended, no permission yet, too many requests) is not.
 *
 * Spec: REST `open-api`, parameter `idempotency-key`.
 */
export type IdempotentRequest = {
  /** To be written in the transaction of the work. */
  changes(response?: StoredResponse): Change[]
  /** To be asked after work that may have changed nothing, so that no transaction of it wrote them. */
  store(response?: StoredResponse): Promise<void>
  /** @param replay answers a request that was done before */
  runOnce<Result>(work: () => Promise<Result>, replay: (stored: StoredResponse) => Promise<Result>): Promise<Result>
}

/**
 * What a request was answered with: the text of its body, or the metadata file that told of a table, whose metadata is
 * too long to be kept a second time. Null where the answer had no body.
 */
export type StoredResponse = { text: string } | { metadataLocation: string } | null

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** Kept of an answer without a body. */
const NO_BODY = 'done'
const STORED_STATUSES: ReadonlySet<number> = new Set([400, 404, 409, 413, 422])
/** The disk's failures, not the request's: they may have passed when it comes again. */
const DISK_CODES: ReadonlySet<ErrorCode> = new Set(['file-missing', 'file-damaged'])

/**
 * @returns null where the request carries no key, or the operation takes none
 * @throws {AppError} invalid-request for a key that is no UUID
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
  if (!UUID.test(header)) throw new AppError('invalid-request', 'An Idempotency-Key is a UUID.')
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
        // The same request may have been at work at the same time and come first.
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

/** Not keeping it changes no answer but that of a later repetition, so a failure to do so is only logged. */
async function storeRefusal(
  services: Pick<Services, 'database' | 'log'>,
  key: IdempotencyKey,
  { code, message, facts }: AppError,
): Promise<void> {
  try {
    await services.database.commit(responseChanges(key, JSON.stringify({ code, message, facts })))
  } catch (error) {
    services.log.error(error, { doing: 'keeping the answer of an idempotency key' })
  }
}

type Refusal = { code: ErrorCode; message: string; facts: AppError['facts'] }

/** @throws {AppError} the refusal, where it was one */
function parseStoredResponse(stored: string): StoredResponse {
  if (stored === NO_BODY) return null
  const parsed = JSON.parse(stored) as { answer: StoredResponse } | Refusal
  if ('answer' in parsed) return parsed.answer
  throw new AppError(parsed.code, parsed.message, { facts: { ...parsed.facts } })
}
