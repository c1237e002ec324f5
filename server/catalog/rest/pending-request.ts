import 'server-only'
import { AppError } from '@/lib/errors'
import type { NewAuditEntry } from '@/server/db/audit'
import type { WriteEvidence } from '@/server/db/catalog/write-evidence'
import type { Change } from '@/server/db/database'
import type { CommittedTable, WritePlan } from '../port/catalog-write'
import { isAfterLostAttempt } from './http/errors'
import type { RestSession } from './http/session'

/**
 * One write to a catalog, from before its first request to its record in our database. Until it is recorded, its row in
 * the outbox says that it may have been made, even when this process is killed.
 */
export class PendingRequest {
  readonly #session: RestSession
  readonly #plan: WritePlan | undefined
  #isStored = false
  #mayHaveArrived = false

  constructor(session: RestSession, plan: WritePlan | undefined) {
    this.#session = session
    this.#plan = plan
  }

  /**
   * Runs a write. When it fails for certain, its row is removed. Otherwise workers look up the outcome.
   *
   * @param work calls {@link store} before each request, and {@link record} when the catalog has made the change
   */
  static async run<Result>(
    session: RestSession,
    plan: WritePlan | undefined,
    work: (request: PendingRequest) => Promise<Result>,
  ): Promise<Result> {
    const request = new PendingRequest(session, plan)
    let isRefused = true
    try {
      return await work(request)
    } catch (error) {
      isRefused = error instanceof AppError && error.code !== 'commit-state-unknown' && !isAfterLostAttempt(error)
      throw error
    } finally {
      await request.#close(isRefused)
    }
  }

  /**
   * Stores the next request in place of an earlier attempt.
   *
   * @throws if it cannot be stored: then the request must not be sent
   */
  async store(evidence: WriteEvidence, expected: readonly CommittedTable[] = []): Promise<void> {
    if (this.#plan === undefined) return
    const { auditId, entry, toEntry = () => entry, idempotency = null, claim } = this.#plan
    const entries = (expected.length === 0 ? [null] : expected).map((one, i) => ({
      id: i === 0 ? auditId : `${auditId}-${i}`,
      entry: toStoredEntry(one === null ? entry : toEntry(one)),
    }))
    await this.#session.outbox.save({ id: auditId, catalog: this.#session.name, entries, evidence, idempotency }, claim)
    this.#isStored = true
  }

  /** A refusal after which the write is attempted again. */
  noteRefusal(error: AppError): void {
    this.#mayHaveArrived ||= isAfterLostAttempt(error)
  }

  /**
   * Writes the rows that belong to the change. The change is made whatever happens here, so a failure is only logged:
   * reporting it would invite a second attempt. The row then stays, and a worker records the change.
   */
  async record(buildChanges: () => readonly Change[] | null | undefined): Promise<void> {
    const { log, name, outbox } = this.#session
    const id = this.#isStored && this.#plan ? this.#plan.auditId : null
    this.#isStored = false
    try {
      await outbox.record(id, buildChanges() ?? [])
    } catch (error) {
      log.error(error, { doing: 'recording a change that a remote catalog acknowledged', catalog: name })
      // A worker checks soon, before the time of this process is over.
      if (id !== null)
        await outbox
          .release(id)
          .catch((cause: unknown) =>
            log.error(cause, { doing: 'releasing a write to a remote catalog', catalog: name }),
          )
    }
  }

  async #close(isRefused: boolean): Promise<void> {
    if (!this.#isStored || this.#plan === undefined) return
    const { log, name, outbox } = this.#session
    const { auditId } = this.#plan
    try {
      await (isRefused && !this.#mayHaveArrived ? outbox.withdraw(auditId) : outbox.release(auditId))
    } catch (error) {
      // The row stays, and a worker looks up the outcome.
      log.error(error, { doing: 'settling a write to a remote catalog', catalog: name })
    }
  }
}

/** Without the version after the change, which is not known yet, and without the grants of the actor. */
function toStoredEntry({ actor: { userId, username, origin }, after, ...entry }: NewAuditEntry) {
  const { metadataLocation: _, ...expected } = after ?? {}
  return {
    ...entry,
    actor: { userId, username, ...(origin && { origin }) },
    after: after ? expected : null,
  }
}
