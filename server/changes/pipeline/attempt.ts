import 'server-only'
import { type EntryIdentifier, type TableIdentifier, toResource } from '@/lib/names/identifiers'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { type NewAuditEntry, newAuditId } from '@/server/db/audit'
import { requireNoPolicyChange } from '@/server/db/catalog/change-policies'
import { requireOpenProposalChange } from '@/server/db/catalog/proposal-decisions'
import type { IdempotencyKey } from '@/server/db/idempotency'
import { requireProposalIfDemanded, requireSameUuid } from '@/server/policy/demanded-proposal'
import { recordCommit, recordWrite, type WriteRecord } from '@/server/policy/recorded-write'
import { isConfirmedName, requireConfirmedName } from '@/server/table/confirmed-name'
import type { ChangeRequest, ChangeServices, Target } from './change-request'

type Recorded<Written> = Parameters<typeof recordWrite<Written>>[1]
/** The actor, the way in and the request are those of the attempt. */
type Audited = Omit<NewAuditEntry, 'actor' | 'via' | 'requestId'>

/** One attempt to carry out an action, with everything that has to be written with it. */
export class Attempt<Services extends ChangeServices> {
  readonly services: Services
  readonly catalog: CatalogClient
  readonly request: ChangeRequest
  readonly actor: ChangeRequest['actor']
  readonly signal: AbortSignal
  /** The id of the entry that the write adds. */
  readonly auditId = newAuditId()
  readonly #key: IdempotencyKey | null
  readonly #on: Target
  readonly #isHeld: boolean
  readonly #proposalAdvice: string | undefined

  constructor(
    services: Services,
    {
      catalog,
      request,
      key,
      on,
      isHeld,
      proposalAdvice,
    }: {
      catalog: CatalogClient
      request: ChangeRequest
      key: IdempotencyKey | null
      on: Target
      isHeld: boolean
      proposalAdvice?: string | undefined
    },
  ) {
    this.services = services
    this.catalog = catalog
    this.request = request
    this.actor = request.actor
    this.signal = request.signal
    this.#key = key
    this.#on = on
    this.#isHeld = isHeld
    this.#proposalAdvice = proposalAdvice
  }

  /** A table as it is now, as the actor sees it. */
  loadTable(identifier: TableIdentifier): Promise<LoadedTable> {
    return this.catalog.loadTable(identifier, { signal: this.signal })
  }

  /** The rows that are written together with the change. */
  get record(): WriteRecord {
    const { actor, proposal, isPart = false, committedAtMs } = this.request
    const isByOneUser = proposal === undefined || proposal.proposedBy.userId === actor.userId
    // The policy may have been set since it was read. A remote catalog has made the change already.
    const isEmbedded = this.catalog.kind === 'embedded'
    return {
      auditId: this.auditId,
      actor,
      proposal,
      endsProposal: !isPart,
      key: this.#key,
      guards: [
        ...(this.#isHeld && isEmbedded && isByOneUser ? [requireNoPolicyChange(this.#on)] : []),
        ...(proposal && isPart && isEmbedded ? [requireOpenProposalChange(proposal.proposalId)] : []),
      ],
      committedAtMs,
    }
  }

  /** The audit entry with who acts, and by which request. */
  entry(audited: Audited): NewAuditEntry {
    const { actor, requestId } = this.request
    return { actor, via: actor.via ?? null, requestId, ...audited }
  }

  /** Options of a write of the catalog, which record it. */
  recorded<Written>(recorded: Recorded<Written>) {
    return { signal: this.signal, ...this.#at(), ...recordWrite(this.#recordOfRow(), recorded) }
  }

  /** As `recorded`, for a commit of a table. */
  recordedCommit(recorded: Parameters<typeof recordCommit>[1]) {
    return { signal: this.signal, ...this.#at(), ...recordCommit(this.record, recorded) }
  }

  /**
   * An action that is held by policies asks it on every state that it commits on: a catalog outside of our database has no
   * transaction that would fail instead.
   *
   * @throws {AppError} forbidden where a policy demands two people, and no other user proposed it
   */
  async requirePolicy(): Promise<void> {
    const { proposal, actor } = this.request
    if (!this.#isHeld) return
    await requireProposalIfDemanded(this.services.database, this.#on, proposal, actor.userId, this.#proposalAdvice)
  }

  /**
   * @param uuid of the table or view that has the name now; absent: its metadata cannot be read
   * @throws {AppError} not-found when the proposal is for another one, which was dropped
   */
  requireSame(uuid: string | undefined): void {
    if (!this.request.isPart) requireSameUuid(this.request.proposal, uuid)
  }

  /** @throws {AppError} invalid-request unless the person typed the name of an entry that loses something */
  requireTypedName(entry: EntryIdentifier, reason?: string): void {
    requireConfirmedName(entry, this.request.confirmedName, reason)
  }

  hasTypedName(entry: EntryIdentifier): boolean {
    return isConfirmedName(entry, this.request.confirmedName)
  }

  /** Another table may have got the name since the uuid was compared: the write of a row does not read it again. */
  #recordOfRow(): WriteRecord {
    return { ...this.record, proposedName: this.catalog.kind === 'embedded' ? toResource(this.#on) : null }
  }

  #at(): { committedAtMs?: number } {
    const { committedAtMs } = this.request
    return committedAtMs === undefined ? {} : { committedAtMs }
  }
}
