import { setTimeout as pause } from 'node:timers/promises'
import type { WebProcess } from '../../product/web-processes.ts'

/** A client that commits to one table of a REST catalog, as an engine does. */

export type Reply = { status: number; retryAfterSeconds: number | null; body: TableReply }

type TableReply = {
  error?: { message: string; type: string }
  metadata?: RestTable
}

/** The part of a table's metadata that the tests read. */
export type RestTable = {
  'table-uuid': string
  location: string
  'last-sequence-number': number
  properties: Record<string, string>
  snapshots?: { 'snapshot-id': number; 'parent-snapshot-id'?: number; 'sequence-number': number }[]
  refs?: Record<string, { 'snapshot-id': number }>
}

/** Counts the refusals and lost responses before a client's acknowledged commits. */
export type RetryCounts = { rebased: number; waited: number; unanswered: number }

const NAMESPACE = 'writers'
const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
const REQUEST_TIMEOUT_MS = 120_000
/** Pause of a client before it retries a lost commit; doubled each time, with jitter. */
const REBASE_PAUSE_MS = { min: 100, max: 800 }

export class TableWriter {
  readonly retryCounts: RetryCounts = { rebased: 0, waited: 0, unanswered: 0 }
  readonly #processes: readonly Pick<WebProcess, 'catalogUri'>[]
  readonly #token: string
  readonly #table: string
  #current: number

  /** @param first index of the process that this client uses while it answers */
  constructor(processes: readonly Pick<WebProcess, 'catalogUri'>[], token: string, table: string, first: number) {
    this.#processes = processes
    this.#token = token
    this.#table = table
    this.#current = first % processes.length
  }

  /** Creates the table, in a namespace that may exist. */
  async createTable(): Promise<RestTable> {
    await this.#send('POST', 'namespaces', { namespace: [NAMESPACE] })
    const { status, body } = await this.#send('POST', `namespaces/${NAMESPACE}/tables`, {
      name: this.#table,
      schema: SCHEMA,
    })
    if (status !== 200 || !body.metadata) throw new Error(`The table was not created: ${status} ${body.error?.message}`)
    return body.metadata
  }

  commit(requirements: readonly object[], updates: readonly object[]): Promise<Reply> {
    return this.#send('POST', `namespaces/${NAMESPACE}/tables/${this.#table}`, { requirements, updates })
  }

  /** @param snapshots `refs`: only snapshots that a branch or a tag names */
  async load(snapshots: 'all' | 'refs'): Promise<RestTable> {
    for (;;) {
      const reply = await this.#sendUntilAnswered(
        'GET',
        `namespaces/${NAMESPACE}/tables/${this.#table}?snapshots=${snapshots}`,
      )
      if (reply.status === 200 && reply.body.metadata) return reply.body.metadata
      await this.#waitBeforeRetry(reply)
    }
  }

  /**
   * Adds a snapshot to `main`, on top of its current tip. The client retries with newer metadata when another client
   * was first, waits as long as `Retry-After` says when the server is busy, and checks whether the snapshot exists when
   * a response was lost.
   */
  async append(snapshotId: number): Promise<void> {
    let isUncertain = false
    for (let attempts = 1; ; attempts += 1) {
      // After a lost response: the commit below asserts the state in which the snapshot did not exist.
      const table = await this.load(isUncertain ? 'all' : 'refs')
      if (isUncertain && table.snapshots?.some((snapshot) => snapshot['snapshot-id'] === snapshotId)) return
      const reply = await this.#commitSnapshot(table, snapshotId)
      if (reply?.status === 200) return
      if (reply === null) isUncertain = true
      else if (reply.status === 409) {
        this.retryCounts.rebased += 1
        const maxPauseMs = Math.min(REBASE_PAUSE_MS.max, REBASE_PAUSE_MS.min * 2 ** attempts)
        await pause(maxPauseMs * Math.random())
      } else await this.#waitBeforeRetry(reply)
    }
  }

  /** Null when no response arrived: the outcome is unknown. */
  async #commitSnapshot(table: RestTable, snapshotId: number): Promise<Reply | null> {
    const parentId = table.refs?.main?.['snapshot-id'] ?? null
    const snapshot = {
      'snapshot-id': snapshotId,
      ...(parentId !== null && { 'parent-snapshot-id': parentId }),
      'sequence-number': table['last-sequence-number'] + 1,
      'timestamp-ms': Date.now(),
      'manifest-list': `${table.location}/metadata/snap-${snapshotId}.avro`,
      'schema-id': 0,
      summary: { operation: 'append' },
    }
    return this.#trySend(() =>
      this.commit(
        [
          { type: 'assert-table-uuid', uuid: table['table-uuid'] },
          { type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': parentId },
        ],
        [
          { action: 'add-snapshot', snapshot },
          { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': snapshotId },
        ],
      ),
    )
  }

  /** @throws when the server did not say how long to wait */
  async #waitBeforeRetry({ status, retryAfterSeconds, body }: Reply): Promise<void> {
    if (status !== 429 || retryAfterSeconds === null) {
      throw new Error(`${status} ${body.error?.type}: ${body.error?.message}, Retry-After ${retryAfterSeconds}`)
    }
    this.retryCounts.waited += 1
    await pause(retryAfterSeconds * 1000)
  }

  /** For requests that may be sent twice. */
  async #sendUntilAnswered(method: string, route: string): Promise<Reply> {
    for (;;) {
      const reply = await this.#trySend(() => this.#send(method, route))
      if (reply !== null) return reply
    }
  }

  /** Uses the next process when the current one does not answer. */
  async #trySend(send: () => Promise<Reply>): Promise<Reply | null> {
    try {
      return await send()
    } catch (error) {
      if (!(error instanceof TypeError)) throw error // `fetch` throws a TypeError when a connection was refused or cut
      this.retryCounts.unanswered += 1
      this.#current = (this.#current + 1) % this.#processes.length
      return null
    }
  }

  async #send(method: string, route: string, body?: object): Promise<Reply> {
    const response = await fetch(`${this.#processes[this.#current]?.catalogUri}/${route}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    })
    const text = await response.text()
    const retryAfter = response.headers.get('retry-after')
    return {
      status: response.status,
      retryAfterSeconds: retryAfter === null ? null : Number(retryAfter),
      body: (text === '' ? {} : JSON.parse(text)) as TableReply,
    }
  }
}

/** The ids of the ancestors of `main` with its tip, oldest first. */
export function snapshotChain({ snapshots = [], refs = {} }: RestTable): number[] {
  const byId = new Map(snapshots.map((snapshot) => [snapshot['snapshot-id'], snapshot]))
  const chain: number[] = []
  for (let id = refs.main?.['snapshot-id']; id !== undefined; id = byId.get(id)?.['parent-snapshot-id']) {
    if (!byId.has(id) || chain.length > snapshots.length) throw new Error(`The chain of snapshots breaks at ${id}.`)
    chain.push(id)
  }
  return chain.toReversed()
}
