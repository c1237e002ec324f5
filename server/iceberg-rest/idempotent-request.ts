import 'server-only'
import { createHash } from 'node:crypto'
import { AppError, ERROR_CODES, type ErrorCode } from '@/lib/errors'
import type { Actor } from '@/server/auth/actor'
import type { Change } from '@/server/db/database'
import { answerChanges, answeredBefore, type IdempotencyKey } from '@/server/db/idempotency'
import type { RequestHead } from '@/server/http/answer'
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
  changes(answer?: KeptAnswer): Change[]
  /** To be asked after work that may have changed nothing, so that no transaction of it wrote them. */
  keep(answer?: KeptAnswer): Promise<void>
  /** @param replay answers a request that was done before */
  once<Answer>(work: () => Promise<Answer>, replay: (kept: KeptAnswer) => Promise<Answer>): Promise<Answer>
}

/**
 * What a request was answered with: the text of its body, or the metadata file that told of a table, whose metadata is
 * too long to be kept a second time. Null where the answer had no body.
 */
export type KeptAnswer = { text: string } | { metadataLocation: string } | null

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** Kept of an answer without a body. */
const DONE = 'done'
const KEPT_STATUSES: ReadonlySet<number> = new Set([400, 404, 409, 413, 422])
/** The disk's failures, not the request's: they may have passed when it comes again. */
const OF_THE_DISK: ReadonlySet<ErrorCode> = new Set(['file-missing', 'file-damaged'])

/**
 * @returns null where the request carries no key, or the operation takes none
 * @throws {AppError} invalid-request for a key that is no UUID
 */
export function idempotentRequest(
  services: Pick<Services, 'database' | 'log'>,
  operation: Operation,
  request: RequestHead,
  input: RestInput,
  actor: Actor,
): IdempotentRequest | null {
  const given = request.headers.get('idempotency-key')
  if (given === null || !operation.isKeyed) return null
  if (!UUID.test(given)) throw new AppError('invalid-request', 'An Idempotency-Key is a UUID.')
  const asked = [operation.id, new URL(request.url).pathname, input.query.toString(), input.bodyText]
  const key: IdempotencyKey = {
    actorId: actor.userId,
    key: given.toLowerCase(),
    operation: createHash('sha256').update(JSON.stringify(asked)).digest('hex'),
  }
  const database = services.database
  const changes = (answer: KeptAnswer = null) => answerChanges(key, answer === null ? DONE : JSON.stringify({ answer }))
  return {
    changes,
    async keep(answer) {
      if ((await answeredBefore(database, key)) === null) await database.commit(changes(answer))
    },
    async once(work, replay) {
      const again = (kept: string) => replay(answerOf(kept))
      const kept = await answeredBefore(database, key)
      if (kept !== null) return again(kept)
      try {
        return await work()
      } catch (error) {
        // The same request may have been at work at the same time and come first.
        const twin = await answeredBefore(database, key)
        if (twin !== null) return again(twin)
        if (error instanceof AppError && isKept(error)) await keepRefusal(services, key, error)
        throw error
      }
    },
  }
}

function isKept({ code }: AppError): boolean {
  return KEPT_STATUSES.has(ERROR_CODES[code].status) && !OF_THE_DISK.has(code)
}

/** Not keeping it changes no answer but that of a later repetition, so a failure to do so is only logged. */
async function keepRefusal(
  services: Pick<Services, 'database' | 'log'>,
  key: IdempotencyKey,
  { code, message, facts }: AppError,
): Promise<void> {
  try {
    await services.database.commit(answerChanges(key, JSON.stringify({ code, message, facts })))
  } catch (error) {
    services.log.error(error, { doing: 'keeping the answer of an idempotency key' })
  }
}

type Refusal = { code: ErrorCode; message: string; facts: AppError['facts'] }

/** @throws {AppError} the refusal, where it was one */
function answerOf(kept: string): KeptAnswer {
  if (kept === DONE) return null
  const told = JSON.parse(kept) as { answer: KeptAnswer } | Refusal
  if ('answer' in told) return told.answer
  throw new AppError(told.code, told.message, { facts: { ...told.facts } })
}
