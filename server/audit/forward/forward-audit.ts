import 'server-only'
import { randomUUID } from 'node:crypto'
import { backoffMs } from '@/lib/backoff'
import type { AuditEntryView } from '@/lib/contract/audit'
import { AUDIT_FORMATS } from '@/server/audit/audit-lines'
import { toAuditEntryView } from '@/server/audit/audit-view'
import {
  addReceiverChange,
  deliveredChange,
  failedChange,
  leaseReceiver,
  type NumberedEntry,
  readEntriesAfter,
  readOpenTransactions,
  readReceivers,
  releaseReceiverChange,
} from '@/server/db/audit-receivers'
import { UnexpectedChanges } from '@/server/db/database'
import { clock } from '@/server/timing/clock'
import { Outage } from '@/server/jobs/outage'
import type { Services } from '@/server/services'
import type { Receiver } from './receiver'
import { SettledEntries } from './settled-entries'
import { syslogReceiver } from './syslog'
import { webhookReceiver } from './webhook'

/**
 * Forwards the audit to receivers outside, each on its own: in its order, every entry at least once. Writers never wait
 * for it. Any number of workers may run it at once.
 */

type ForwardServices = Pick<Services, 'config' | 'database' | 'keys' | 'log'>

export type ForwardTimes = {
  /** How often a process looks for new entries. */
  pollMs: number
  /** How long an attempt may take; a lease outlasts it. */
  deliveryMs: number
  leaseMs: number
  backoff: { firstMs: number; maxMs: number }
}

const TIMES: ForwardTimes = {
  pollMs: 2_000,
  deliveryMs: 30_000,
  leaseMs: 60_000,
  backoff: { firstMs: 1_000, maxMs: 5 * 60_000 },
}
const MAX_BATCH_ENTRIES = 200
/** A batch with a longer entry has that alone. */
const MAX_BATCH_CHARS = 1_000_000
const MAX_ERROR_CHARS = 500

export function configuredReceivers({ auditReceivers }: ForwardServices['config']): Receiver[] {
  const { webhook, syslog } = auditReceivers
  return [...(webhook ? [webhookReceiver(webhook)] : []), ...(syslog ? [syslogReceiver(syslog)] : [])]
}

/** Forwards until the signal is aborted. Returns at once when no receiver is configured. */
export async function runForwardLoop(services: ForwardServices, { signal }: { signal: AbortSignal }): Promise<void> {
  await Promise.all(configuredReceivers(services.config).map((one) => forwardTo(services, one, { signal })))
}

export async function forwardTo(
  services: Omit<ForwardServices, 'config'>,
  receiver: Receiver,
  { signal, times = TIMES }: { signal: AbortSignal; times?: ForwardTimes },
): Promise<void> {
  const { database, log } = services
  const forward = new Forward(services, receiver, times)
  const outage = new Outage(log, `forwarding the audit to the ${receiver.name}`)
  while (!signal.aborted) {
    try {
      const pauseMs = await forward.next(signal)
      outage.recordSuccess()
      if (pauseMs > 0) await clock.pause(pauseMs, signal)
    } catch (error) {
      if (signal.aborted) break
      await clock.pause(outage.recordFailure(error), signal)
    }
  }
  await database.commit([releaseReceiverChange(receiver.name, forward.owner)]).catch((error: unknown) => {
    log.debug('the lease of a receiver ends by itself', { receiver: receiver.name, error: String(error) })
  })
}

class Forward {
  readonly owner = randomUUID()
  readonly #services: Omit<ForwardServices, 'config'>
  readonly #receiver: Receiver
  readonly #times: ForwardTimes
  readonly #settled = new SettledEntries()

  constructor(services: Omit<ForwardServices, 'config'>, receiver: Receiver, times: ForwardTimes) {
    this.#services = services
    this.#receiver = receiver
    this.#times = times
  }

  /** Delivers the next entries. @returns how long to wait before the next check */
  async next(signal: AbortSignal): Promise<number> {
    const { database } = this.#services
    const { name } = this.#receiver
    const { pollMs } = this.#times
    const known = (await readReceivers(database)).find((one) => one.name === name)
    if (!known) {
      await database.commit([addReceiverChange(name)])
      return 0
    }
    const waitMs = (known.failure?.retriesAtMs ?? 0) - database.nowMs()
    if (waitMs > 0) return Math.min(waitMs, pollMs)
    const read = await readEntriesAfter(database, known.position, MAX_BATCH_ENTRIES)
    if (read.length === 0) return pollMs
    const open = await readOpenTransactions(database)
    const settledCount = this.#settled.count(
      known.position,
      read.map(({ seq }) => seq),
      open,
    )
    if (settledCount === 0) return Math.min(pollMs, 100)
    const { owner } = this
    if (!(await leaseReceiver(database, name, { owner, leaseMs: this.#times.leaseMs }))) return pollMs
    const batch = this.#toBatch(read.slice(0, settledCount))
    const failure = await this.#deliver(batch.entries, signal)
    if (signal.aborted) return 0
    if (failure !== null) return this.#recordFailure(failure, known.failure?.count ?? 0)
    try {
      await database.commit([deliveredChange(name, { owner, from: known.position, to: batch.to })])
    } catch (error) {
      // Another process took over meanwhile. The receiver gets these entries twice.
      if (!(error instanceof UnexpectedChanges)) throw error
    }
    return 0
  }

  #toBatch(numbered: readonly NumberedEntry[]): { entries: AuditEntryView[]; to: number } {
    const entries: AuditEntryView[] = []
    let to = 0
    let characters = 0
    for (const { seq, entry } of numbered) {
      const view = toAuditEntryView(this.#services.keys, entry, { shows: 'alone' })
      characters += AUDIT_FORMATS.ndjson.toLine(view).length
      if (entries.length > 0 && characters > MAX_BATCH_CHARS) break
      entries.push(view)
      to = seq
    }
    return { entries, to }
  }

  /** @returns why it failed, in words; null: it was delivered */
  async #deliver(entries: readonly AuditEntryView[], signal: AbortSignal): Promise<string | null> {
    const deadline = clock.deadline(this.#times.deliveryMs)
    try {
      await this.#receiver.deliver(entries, AbortSignal.any([signal, deadline]))
      return null
    } catch (error) {
      if (deadline.aborted) return 'It took too long.'
      return (error instanceof Error ? error.message : String(error)).slice(0, MAX_ERROR_CHARS)
    }
  }

  async #recordFailure(error: string, failures: number): Promise<number> {
    const { database, log } = this.#services
    const { name, target } = this.#receiver
    const pauseMs = Math.round(backoffMs(this.#times.backoff, failures))
    await database.commit([failedChange(name, { owner: this.owner, error, pauseMs })])
    if (failures === 0) log.warning('the audit was not forwarded', { receiver: name, target, error })
    else log.debug('the audit was not forwarded again', { receiver: name, target, error })
    return Math.min(pauseMs, this.#times.pollMs)
  }
}
