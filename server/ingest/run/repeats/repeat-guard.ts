import 'server-only'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { APPEND_TO_MAIN } from '@/lib/ingest/load-landing'
import type { LakeServices } from '@/server/catalog/lake-services'
import {
  findKnownSizes,
  findRunsOfSameInputs,
  type LoadedInput,
  recordLoadedInputs,
} from '@/server/db/jobs/loaded-inputs'
import type { TableWrite } from '@/server/table-writes/table-write'
import type { StageResult } from '../../stage-request'
import type { IngestJournal } from '../ingest-journal'
import type { IngestSpec } from '../ingest-spec'
import { digestDuring, digestFile } from '../input-digest'
import { findEarlierLoad } from './earlier-loads'
import { earlierLoadSentence, repeatError, simultaneousLoadError } from './repeat-error'

/** A file of a load on this machine; its digest is absent if nothing has read all of it. */
type StagedFile = { name: string; path: string; sizeBytes: number; sha256?: string | undefined }

type GuardedWrite = Pick<TableWrite<IngestJournal>, 'actor' | 'log' | 'run' | 'signal'>

/**
 * Notices when a load appends bytes that were loaded into its table before, or that it has twice, and records what it
 * loads. Files are compared only if the table got rows from a file of the same size.
 */
export class RepeatGuard {
  readonly #database: LakeServices['database']
  readonly #write: GuardedWrite
  readonly #reaction: 'stop' | 'warn' | 'ignore'
  /** Null for a new table. */
  readonly #metadata: TableMetadata | null
  readonly #inputs: LoadedInput[] = []
  readonly #lookedUpSizes = new Set<number>()
  readonly #loadedSizes = new Set<number>()

  constructor(
    { database }: Pick<LakeServices, 'database'>,
    write: GuardedWrite,
    { spec, metadata }: { spec: IngestSpec; metadata: TableMetadata | null },
  ) {
    this.#database = database
    this.#write = write
    this.#reaction = toReaction(spec)
    this.#metadata = metadata
  }

  /** Looks up the sizes of files before they are staged: one query for many files. */
  async lookUpSizes(sizesBytes: readonly number[]): Promise<void> {
    if (this.#metadata === null || this.#reaction === 'ignore') return
    const missing = [...new Set(sizesBytes)].filter((size) => !this.#lookedUpSizes.has(size))
    const known = await findKnownSizes(this.#database, this.#metadata.tableUuid, missing)
    for (const size of missing) this.#lookedUpSizes.add(size)
    for (const size of known) this.#loadedSizes.add(size)
  }

  /**
   * Stages a file, unless it is a repetition.
   *
   * @throws {AppError} invalid-request that names the earlier load; what staging throws
   */
  async stage(file: StagedFile, stage: () => Promise<StageResult>): Promise<StageResult> {
    const { signal } = this.#write
    const { name, path, sizeBytes } = file
    const isCompared = await this.#hasSize(sizeBytes)
    if (file.sha256 === undefined && !isCompared) {
      const { result, digest } = await digestDuring(path, stage, signal)
      this.#add({ name, sizeBytes, sha256: digest.sha256 }, result)
      return result
    }
    const input = { name, sizeBytes, sha256: file.sha256 ?? (await digestFile(path, signal)).sha256 }
    if (isCompared) await this.#requireNew(input)
    const result = await stage()
    this.#add(input, result)
    return result
  }

  /**
   * Records the inputs right before the load is committed. Of two runs with the same bytes, the later one to record them
   * sees the other.
   *
   * @throws {AppError} invalid-request
   */
  async record(tableUuid: string): Promise<void> {
    const { run } = this.#write
    await recordLoadedInputs(this.#database, { runId: run.id, tableUuid }, this.#inputs)
    if (this.#reaction !== 'stop') return
    const startedAtMs = run.attemptStartedAtMs ?? run.createdAtMs
    for (const { run: other, fileName } of await findRunsOfSameInputs(this.#database, run.id))
      if (other.state === 'running' || (other.state === 'succeeded' && (other.finishedAtMs ?? 0) >= startedAtMs))
        throw simultaneousLoadError(other, fileName)
  }

  async #hasSize(sizeBytes: number): Promise<boolean> {
    if (this.#reaction === 'ignore') return false
    await this.lookUpSizes([sizeBytes])
    return this.#loadedSizes.has(sizeBytes) || this.#inputs.some((input) => input.sizeBytes === sizeBytes)
  }

  async #requireNew(input: LoadedInput): Promise<void> {
    const { name, sizeBytes, sha256 } = input
    const twin = this.#inputs.find((other) => other.sizeBytes === sizeBytes && other.sha256 === sha256)
    if (twin !== undefined) {
      this.#react(`${name} has the same bytes as ${twin.name}, another file of this load.`, name, null)
      return
    }
    if (this.#metadata === null) return
    const { actor, run } = this.#write
    const earlier = await findEarlierLoad(this.#database, this.#metadata, input, run.id)
    if (earlier !== null) this.#react(earlierLoadSentence(name, earlier, actor), name, earlier.run.id)
  }

  #react(sentence: string, name: string, runId: string | null): void {
    if (this.#reaction === 'stop') throw repeatError(sentence, name, runId)
    this.#write.log(sentence, 'warning')
  }

  /** Bytes without rows, such as a header alone, may be loaded any number of times. */
  #add(input: LoadedInput, { rowsRead, rowsRejected }: StageResult): void {
    if (rowsRead > rowsRejected) this.#inputs.push(input)
  }
}

type RepeatOptions = Pick<IngestSpec, 'landing' | 'loadAgain' | 'correctsRunId' | 'saved' | 'mapping'>

/**
 * Rows that replace others are the same after a repetition, and files of folders may have the same bytes for other values
 * of their folders. Corrected rows and saved loads have rules of their own.
 */
function toReaction({ landing, loadAgain, correctsRunId, saved, mapping }: RepeatOptions): 'stop' | 'warn' | 'ignore' {
  if (correctsRunId !== undefined || saved !== undefined) return 'ignore'
  const { operation } = landing ?? APPEND_TO_MAIN
  const usesFolders = Object.values(mapping?.columns ?? {}).some((source) => 'pathValue' in source)
  return operation === 'append' && loadAgain !== true && !usesFolders ? 'stop' : 'warn'
}

/** Whether a repetition stops the load. */
export function stopsAtRepeats(spec: RepeatOptions): boolean {
  return toReaction(spec) === 'stop'
}

/** Whether a repetition of the bytes is noticed. That of simulated history, or of a part of a pipe, means nothing. */
export function hasOwnBytes({ history, laterPart }: Pick<IngestSpec, 'history' | 'laterPart'>): boolean {
  return history === undefined && laterPart === undefined
}
