import { AppError } from '@/lib/errors'
import { intentFor, type PropertiesOfTable, type PropertyIntent } from '@/lib/changes/intents/property-intent'
import { isOutcomeKnown } from '@/lib/errors'
import { randomKey } from '../call/idempotency-key'

/**
 * The same changes of properties on many tables. Every table has a preview, on its current metadata, and a commit of
 * its own. Repeating an edit shows what it has done: a table that already has the values has nothing to change.
 */

/** A property and its new value; null: not set. */
export type PropertyChange = { key: string; value: string | null }

export type ChangedValue = { key: string; before: string | null; after: string | null }

/** The state of one table. `failed` with intents: the write failed, otherwise the preview. */
export type TableEdit =
  | { state: 'reading' }
  | { state: 'unchanged' }
  | { state: 'refused'; reason: string }
  | { state: 'ready'; intents: readonly PropertyIntent[]; values: readonly ChangedValue[]; warnings: readonly string[] }
  | { state: 'writing'; values: readonly ChangedValue[] }
  | { state: 'written'; values: readonly ChangedValue[]; how: WriteMethod }
  | { state: 'failed'; error: Error; values: readonly ChangedValue[]; intents: readonly PropertyIntent[] | null }

/** Committed, or proposed for another user to commit. */
export type WriteMethod = { kind: 'commit' } | { kind: 'propose'; title: string; note: string }

type Review = { problem: { message: string } | null; conflicts: readonly unknown[]; warnings: readonly string[] }

/** The requests that an edit makes. */
export type BulkEditCalls = {
  readTable: (table: string, signal: AbortSignal) => Promise<PropertiesOfTable>
  review: (table: string, intents: readonly PropertyIntent[], signal: AbortSignal) => Promise<Review>
  /** Not aborted: its outcome would not be known. */
  write: (
    table: string,
    request: { intents: readonly PropertyIntent[]; idempotencyKey: string; how: WriteMethod },
  ) => Promise<void>
}

export type BulkEditState = {
  edits: ReadonlyMap<string, TableEdit>
  running: 'preview' | 'write' | null
}

export const MAX_BULK_TABLES = 500
export const MAX_BULK_CHANGES = 20
const PREVIEW_LANES = 4
const WRITE_LANES = 2

const NOTHING: BulkEditState = { edits: new Map(), running: null }

export class BulkEdit {
  readonly #calls: BulkEditCalls
  readonly #listeners = new Set<() => void>()
  /** Keys of writes whose outcome is not known: when they are sent again, the server carries them out once. */
  readonly #keys = new Map<string, string>()
  #state = NOTHING
  #run: AbortController | null = null

  constructor(calls: BulkEditCalls) {
    this.#calls = calls
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly getSnapshot = (): BulkEditState => this.#state

  /** Forgets the state of all tables, for other changes. Does nothing while an edit runs. */
  reset(): void {
    if (this.#run === null) this.#update(NOTHING)
  }

  /** Ends what runs. Writes that were sent come to their end. */
  cancel(): void {
    this.#run?.abort()
  }

  /** Reads each table and reviews its changes. The state of other tables stays. */
  async preview(tables: readonly string[], changes: readonly PropertyChange[]): Promise<void> {
    if (this.#run === null) this.#forget(tables)
    await this.#inLanes('preview', PREVIEW_LANES, tables, async (table, signal) => {
      this.#put(table, { state: 'reading' })
      this.#put(table, await this.#previewOf(table, changes, signal))
    })
  }

  /** Writes the tables that are ready, and repeats writes that failed, each in its way. */
  async write(tables: readonly string[], methodOf: (table: string) => WriteMethod): Promise<void> {
    await this.#inLanes('write', WRITE_LANES, tables, async (table) => {
      const edit = this.#state.edits.get(table)
      const intents = edit?.state === 'ready' || edit?.state === 'failed' ? edit.intents : null
      if (!edit || !('values' in edit) || intents === null) return
      const { values } = edit
      const how = methodOf(table)
      const content = JSON.stringify([table, intents, how])
      const idempotencyKey = this.#keys.get(content) ?? randomKey()
      this.#keys.set(content, idempotencyKey)
      this.#put(table, { state: 'writing', values })
      try {
        await this.#calls.write(table, { intents, idempotencyKey, how })
        this.#put(table, { state: 'written', values, how })
      } catch (cause) {
        const error = cause instanceof Error ? cause : new Error(String(cause))
        if (isOutcomeKnown(error)) this.#keys.delete(content)
        this.#put(table, { state: 'failed', error, values, intents })
      }
    })
  }

  async #previewOf(table: string, changes: readonly PropertyChange[], signal: AbortSignal): Promise<TableEdit> {
    try {
      const detail = await this.#calls.readTable(table, signal)
      const intents = changes.flatMap(({ key, value }) => intentFor(detail, key, value) ?? [])
      if (intents.length === 0) return { state: 'unchanged' }
      const { problem, conflicts, warnings } = await this.#calls.review(table, intents, signal)
      if (problem !== null) return { state: 'refused', reason: problem.message }
      if (conflicts.length > 0)
        return { state: 'refused', reason: 'Another user changed it just now. Preview it again.' }
      const values = intents.map((intent) => ({
        key: intent.key,
        before: intent.base,
        after: intent.kind === 'set-property' ? intent.value : null,
      }))
      return { state: 'ready', intents, values, warnings }
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause))
      return { state: 'failed', error, values: [], intents: null }
    }
  }

  async #inLanes(
    running: 'preview' | 'write',
    laneCount: number,
    tables: readonly string[],
    work: (table: string, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    if (this.#run !== null) return
    if (tables.length > MAX_BULK_TABLES)
      throw new AppError('too-large', `At most ${MAX_BULK_TABLES} tables are edited at once.`)
    const run = new AbortController()
    this.#run = run
    this.#update({ ...this.#state, running })
    const waiting = tables.values()
    const lane = async () => {
      for (const table of waiting) {
        if (run.signal.aborted) return
        await work(table, run.signal)
      }
    }
    await Promise.all(Array.from({ length: laneCount }, lane))
    this.#run = null
    this.#update({
      // Tables that were being read when the edit was cancelled have no state.
      edits: new Map([...this.#state.edits].filter(([, edit]) => !isCancelled(edit))),
      running: null,
    })
  }

  #forget(tables: readonly string[]): void {
    const edits = new Map(this.#state.edits)
    for (const table of tables) edits.delete(table)
    this.#update({ ...this.#state, edits })
  }

  #put(table: string, edit: TableEdit): void {
    this.#update({ ...this.#state, edits: new Map(this.#state.edits).set(table, edit) })
  }

  #update(state: BulkEditState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}

function isCancelled(edit: TableEdit): boolean {
  return edit.state === 'failed' && edit.error instanceof AppError && edit.error.code === 'cancelled'
}
