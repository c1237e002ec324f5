import 'server-only'
import { rm } from 'node:fs/promises'
import type { LogLevel } from '@/lib/contract/jobs'
import { AppError } from '@/lib/errors'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { Config } from '@/server/config/config'
import type { Change } from '@/server/db/database'
import type { ProgressOf } from '@/lib/contract/run-kinds'
import type { Run } from '@/server/db/jobs/runs'
import type { RunContext } from '@/server/jobs/run-kind'
import type { WriteJournal } from './snapshot-journal'
import { createStagingFolder, translateDiskError } from './staging-folder'

export type TableRun = Run & { table: TableIdentifier }

/** Cleans up the files of an attempt that failed. */
export type CleanUp<Journal> = {
  /**
   * Whether the written files and the journal stay for the next attempt when one fails or pauses, until the run is
   * abandoned. Otherwise each attempt begins again, and removes what it wrote.
   */
  keepsFiles: boolean
  /** Removes the journal's files. Called only if the commit was certainly not made. May be called again. */
  discard(catalog: CatalogClient, run: TableRun, journal: Journal): Promise<void>
}

/** The kinds of runs that write files for a table. */
export type TableWriteName = 'ingest' | 'save-result' | 'rewrite-files' | 'clone-table' | 'delete-rows'
/** All of them read or copy bytes. */
type WriteProgress = ProgressOf<TableWriteName> & { unit: 'bytes' }
export type WritePhase = WriteProgress['phase']

type Began<Journal> = {
  run: TableRun
  actor: Actor
  catalog: CatalogClient
  journal: Journal | null
  /** @throws {AppError} forbidden */
  requirePermitted: () => Promise<void>
}

/** One attempt of a table write: its journal, its staging folder and its progress. */
export class TableWrite<Journal extends WriteJournal & JsonObject> {
  readonly run: TableRun
  readonly actor: Actor
  /** Opened for the actor. */
  readonly catalog: CatalogClient
  /**
   * Whether the actor may still do what the run does: it may have worked for hours.
   *
   * @throws {AppError} forbidden
   */
  readonly requirePermitted: () => Promise<void>
  readonly #config: Config
  readonly #context: RunContext<TableWriteName>
  #journal: Journal | null
  #isSaved = false
  #progress: WriteProgress

  constructor(
    config: Config,
    context: RunContext<TableWriteName>,
    phase: WritePhase,
    { run, actor, catalog, journal, requirePermitted }: Began<Journal>,
  ) {
    this.run = run
    this.actor = actor
    this.catalog = catalog
    this.requirePermitted = requirePermitted
    this.#config = config
    this.#context = context
    this.#journal = journal
    this.#progress = { phase, done: 0, total: null, unit: 'bytes', counters: {} }
  }

  get signal(): AbortSignal {
    return this.#context.signal
  }

  /**
   * The journal of this attempt, or of an earlier one whose files were retained. Its fields may be changed; {@link
   * save} makes it durable.
   */
  get journal(): Journal {
    if (this.#journal === null) throw new Error('the journal of this write is not begun')
    return this.#journal
  }

  /** Whether an earlier attempt has left a journal, and files. */
  get isResumed(): boolean {
    return this.run.journal !== null && this.#journal !== null
  }

  begin(journal: Journal): void {
    this.#journal = journal
  }

  /** Before anything that the journal names becomes visible to others. */
  save(): Promise<void> {
    this.#isSaved = true
    return this.#context.saveJournal(this.journal)
  }

  /** The same as a change, for the transaction that makes the files in the journal visible. */
  saveChange(): Change {
    this.#isSaved = true
    return this.#context.journalChange(this.journal)
  }

  /** For the transaction of the commit. */
  successChanges(): Change[] {
    const { outcome } = this.journal
    if (outcome === null) throw new Error('the journal names no outcome')
    return this.#context.successChanges(outcome)
  }

  /** Files are written to the disk of the worker first. The folder is removed at the end of the work. */
  async inStagingFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
    const folder = await createStagingFolder(this.#config, this.run)
    try {
      return await work(folder)
    } catch (error) {
      throw translateDiskError(error)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  log(text: string, level?: LogLevel): void {
    this.#context.log(text, level)
  }

  get progress(): WriteProgress {
    return this.#progress
  }

  /** Counters that the change does not name stay. */
  report(change: Partial<Omit<WriteProgress, 'unit'>>): void {
    const counters = { ...this.#progress.counters, ...change.counters }
    this.#progress = { ...this.#progress, ...change, counters }
    this.#context.report(this.#progress)
  }

  /**
   * Cleans up after a failure, unless the outcome is unknown. The journal must no longer say that the commit may have
   * been sent.
   */
  async cleanUp(kind: CleanUp<Journal>, error: unknown): Promise<void> {
    const isUnknown = error instanceof AppError && error.code === 'commit-state-unknown'
    if (isUnknown || this.#journal === null) return
    if (!kind.keepsFiles && this.#isSaved) await kind.discard(this.catalog, this.run, this.#journal)
    if (!this.#journal.mayBeSent) return
    Object.assign(this.#journal, { mayBeSent: false, outcome: null })
    await this.save()
  }
}
