import 'server-only'
import { copyFile, mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { BY_NAME } from '@/lib/ingest/load-mapping'
import { exceedsShare, misfitText, shareText } from '@/lib/ingest/reject-limit'
import { sum } from '@/lib/sum'
import type { LakeServices } from '@/server/catalog/lake-services'
import type { DuckdbLimits } from '@/server/data-files/duckdb/duckdb-session'
import { dataFileStem } from '@/server/data-files/write/data-file-name'
import type { StagedFile } from '@/server/data-files/write/staged-file'
import { parseWriteSettings } from '@/server/data-files/write/write-settings'
import type { TableWrite } from '@/server/table-writes/table-write'
import { clock } from '@/server/timing/clock'
import { limitsForColumns } from '../input/column-limits'
import type { KeyFiles, StageRequest, StageResult, StagingWay } from '../stage-request'
import type { IngestJournal } from './ingest-journal'
import { describeInput, type IngestSpec } from './ingest-spec'
import type { IngestTarget } from './ingest-target'
import { withProposedInput } from './input-digest'
import { LoadFields } from './load-fields'
import { joinSmallFiles } from './join-small-files'
import { type LoadInput, listInputs, type LocatedVersion, nameInput } from './load-inputs'
import { RejectedRecordsFile, recordsLocation } from './rejects/rejected-records-file'
import { RejectList, rejectsLocation, storeRejects } from './rejects/rejects-file'
import type { RepeatGuard } from './repeats/repeat-guard'
import type { RunStage } from './run-child'

/** All files of a load, staged. */
export type StagedLoad = {
  files: StagedFile[]
  rowsRead: number
  rowsRejected: number
  /** How many of the rejected rows were saved as they came. */
  recordsSaved: number
  inputBytes: number
  fields: LoadFields
}

/** The rejected rows of a load: why they were, and as they came. */
type LoadRejects = { list: RejectList; records: RejectedRecordsFile }

type StagerServices = Pick<LakeServices, 'config' | 'database' | 'log' | 'stores'>

/** @param sha256 of the proposed file; @param repeats null: repetitions are not looked for */
type InputStaging = {
  folder: string
  keyFiles: KeyFiles
  rejects: LoadRejects
  load: StagedLoad
  sha256: string | undefined
  repeats: RepeatGuard | null
}

const WAYS: Readonly<Record<StagingWay, string>> = {
  streamed: 'its rows went into files in one pass.',
  checked: 'its rows were checked on disk, and then written.',
  'record-by-record': 'its records were read one by one, and its rows checked on disk, and then written.',
}

/** The list of rejects is stored again at most this often while files are read: it may have 10,000 entries. */
const STORE_LIST_EVERY_MS = 5_000

/** Turns the files of one load into staged files of the table. */
export class LoadStager {
  readonly #services: StagerServices
  readonly #write: TableWrite<IngestJournal>
  readonly #spec: IngestSpec
  readonly #runStage: RunStage
  readonly #limits: DuckdbLimits
  readonly #repeats: RepeatGuard | null
  /** When the list of rejects was stored before the end, by the monotonic clock; null: not yet. */
  #storedListAtMs: number | null = null
  #storedCount = 0
  #inputs: Promise<readonly LoadInput[]> | null = null

  constructor(
    services: StagerServices,
    write: TableWrite<IngestJournal>,
    {
      spec,
      runStage,
      limits,
      repeats,
    }: { spec: IngestSpec; runStage: RunStage; limits: DuckdbLimits; repeats: RepeatGuard | null },
  ) {
    this.#services = services
    this.#repeats = repeats
    this.#write = write
    this.#spec = spec
    this.#runStage = runStage
    this.#limits = limits
  }

  /**
   * Stages the files, and stores their rejected rows. If there are too many of them, the list is stored alone: all rows
   * have to be loaded again.
   */
  async stage(target: IngestTarget, folder: string): Promise<StagedLoad> {
    const rejects = openRejects(folder)
    const { stores, config } = this.#services
    // The list of an earlier attempt would be shown as that of this one.
    if (this.#write.run.attempt > 1) await this.#removeList()
    try {
      const load = await this.read(target, folder, {
        rejects,
        repeats: this.#repeats,
        afterFile: () => this.#storeListSoFar(rejects.list),
      })
      this.#requireShare(load)
      await this.#storeList(rejects.list)
      await rejects.records.store(stores, recordsLocation(config, this.#write.run.id))
      return { ...load, files: await this.#joinSmall(target, folder, load) }
    } catch (error) {
      if (error instanceof AppError && error.code === 'rows-rejected') await this.#storeList(rejects.list)
      else if (this.#storedListAtMs !== null) await this.#discardList()
      throw error
    }
  }

  /** Stages the files one after the other. Their rejected rows count together. */
  async read(
    target: IngestTarget,
    folder: string,
    {
      rejects,
      repeats = null,
      afterFile,
    }: { rejects: LoadRejects; repeats?: RepeatGuard | null; afterFile?: () => Promise<void> } = {
      rejects: openRejects(folder),
    },
  ): Promise<StagedLoad> {
    const inputs = await this.#findInputs()
    const keysFolder = path.join(folder, 'keys')
    await mkdir(keysFolder)
    const load: StagedLoad = {
      files: [],
      rowsRead: 0,
      rowsRejected: 0,
      recordsSaved: 0,
      inputBytes: 0,
      fields: new LoadFields(),
    }
    this.#write.report({ total: totalBytes(inputs) })
    await repeats?.lookUpSizes(inputs.flatMap(({ sizeBytes }) => sizeBytes ?? []))
    for (const [i, input] of inputs.entries()) {
      const inputFolder = path.join(folder, String(i))
      await mkdir(inputFolder)
      try {
        const keyFiles = { folder: keysFolder, earlierNames: inputs.slice(0, i).map(({ name }) => name) }
        const sha256 = this.#spec.proposed?.sha256?.[i]
        await this.#stageInput(target, input, { folder: inputFolder, keyFiles, rejects, load, sha256, repeats })
      } catch (error) {
        throw inputs.length === 1 ? error : nameInput(error, input.name)
      }
      if (i < inputs.length - 1) await afterFile?.()
    }
    load.recordsSaved = rejects.records.recordCount
    return load
  }

  /** Sorted files stay: one after the other, their rows would not be sorted. */
  async #joinSmall(
    { schema, sortOrder, properties }: IngestTarget,
    folder: string,
    { files }: StagedLoad,
  ): Promise<StagedFile[]> {
    if (sortOrder !== null || (await this.#findInputs()).length < 2) return files
    const joinedFolder = path.join(folder, 'joined')
    await mkdir(joinedFolder)
    const joined = await joinSmallFiles(files, {
      folder: joinedFolder,
      fileStem: this.#fileStem,
      schema,
      // Its warnings are in the log already.
      write: parseWriteSettings(properties, schema, () => {}),
      signal: this.#write.signal,
    })
    if (joined.length === files.length) return files
    this.#write.log(
      `${formatQuantity(files.length, 'file')} became ${formatCount(joined.length)}: small files of a partition were joined.`,
    )
    const storedBytesWritten = sum(joined.map(({ fileSizeBytes }) => fileSizeBytes))
    this.#write.report({ counters: { filesWritten: joined.length, storedBytesWritten } })
    return joined
  }

  get #fileStem(): string {
    return dataFileStem(this.#write.run.table.table, this.#write.run.createdAtMs)
  }

  /** The files of load locations that it reads, or has read. */
  async listLocated(): Promise<LocatedVersion[]> {
    return (await this.#findInputs()).flatMap(({ located }) => located ?? [])
  }

  /** A load that reads its files a second time reads the same ones, although a pattern might match others. */
  #findInputs(): Promise<readonly LoadInput[]> {
    this.#inputs ??= this.#listInputs()
    return this.#inputs
  }

  async #listInputs(): Promise<readonly LoadInput[]> {
    const { actor } = this.#write.run
    const options = { userId: actor.userId, signal: this.#write.signal }
    const inputs = await listInputs(this.#services, this.#spec, options)
    if (this.#spec.input.some((source) => 'match' in source))
      this.#write.log(`${describeInput(this.#spec)}: ${formatQuantity(inputs.length, 'file')}.`)
    return inputs
  }

  /** @throws {AppError} rows-rejected when the share of rejected rows is larger than allowed */
  #requireShare({ rowsRead, rowsRejected }: StagedLoad): void {
    const { maxRejectedShare } = this.#spec
    if (maxRejectedShare === undefined || !exceedsShare({ rowsRead, rowsRejected }, maxRejectedShare)) return
    const rejectsFile = this.#listLocation
    throw new AppError(
      'rows-rejected',
      `${misfitText({ rowsRejected, rowsRead }, { allowed: shareText(maxRejectedShare) })}.`,
      { facts: { rowsRejected, rowsRead, rejectsFile } },
    )
  }

  #storeList({ file }: RejectList): Promise<void> {
    return storeRejects(this.#services.stores, file, this.#listLocation)
  }

  /** Lets users read the rejects of the first files while the others are read. */
  async #storeListSoFar(list: RejectList): Promise<void> {
    const nowMs = clock.elapsedMs()
    if (list.count === this.#storedCount) return
    if (this.#storedListAtMs !== null && nowMs - this.#storedListAtMs < STORE_LIST_EVERY_MS) return
    const copy = `${list.file}.so-far`
    await copyFile(list.file, copy)
    this.#storedListAtMs = nowMs
    this.#storedCount = list.count
    await storeRejects(this.#services.stores, copy, this.#listLocation)
  }

  /** A load that is cancelled, or fails for another reason, leaves nothing behind. */
  async #discardList(): Promise<void> {
    try {
      await this.#removeList()
    } catch (error) {
      this.#write.log('The list of rejected rows was not removed: it is deleted with the run.', 'warning')
      this.#services.log.error(error, { runId: this.#write.run.id })
    }
  }

  #removeList(): Promise<void> {
    return this.#services.stores.warehouseStore().remove(this.#listLocation)
  }

  get #listLocation(): string {
    return rejectsLocation(this.#services.config, this.#write.run.id)
  }

  /** Adds the files of one input to those of the load. */
  async #stageInput(
    target: IngestTarget,
    { name, pathValues, open, whileUnchanged }: LoadInput,
    { folder, keyFiles, rejects, load, sha256, repeats }: InputStaging,
  ): Promise<void> {
    const { signal } = this.#write
    const input = await open({
      folder,
      signal,
      onCopied: (bytes) => this.#write.report({ phase: 'copying', counters: { bytesCopied: load.inputBytes + bytes } }),
    })
    if (this.#spec.input.length === 1 && this.#write.progress.total === null)
      this.#write.report({ total: input.sizeBytes })
    this.#write.log(`Reading ${name}, ${formatBytes(input.sizeBytes)}.`)
    const list = path.join(folder, 'rejects.ndjson')
    const recordsFile = path.join(folder, 'rejected-records')
    const stageNew = () =>
      this.#stage(target, { path: input.path, name, pathValues }, { folder, keyFiles, list, recordsFile, load })
    const work = () =>
      repeats === null ? stageNew() : repeats.stage({ ...input, name, sha256: input.sha256 ?? sha256 }, stageNew)
    const stage = () => (whileUnchanged === undefined ? work() : whileUnchanged(work, signal))
    try {
      const { files, fieldUse, rowsRead, rowsRejected, savedRecords, way } =
        sha256 === undefined ? await stage() : await withProposedInput({ path: input.path, name, sha256, signal }, work)
      this.#write.log(`${name}: ${WAYS[way]}`)
      load.files.push(...files)
      load.fields.add(fieldUse)
      load.rowsRead += rowsRead
      load.rowsRejected += rowsRejected
      load.inputBytes += input.sizeBytes
      await rejects.records.add(recordsFile, savedRecords)
    } finally {
      await rejects.list.add(name, list)
    }
    // A copy is as large as the file.
    if (path.dirname(input.path) === folder) await rm(input.path)
  }

  async #stage(
    { schema, spec, sortOrder, properties, rules, requirement }: IngestTarget,
    input: Pick<StageRequest['input'], 'path' | 'name' | 'pathValues'>,
    {
      folder,
      keyFiles,
      list,
      recordsFile,
      load,
    }: { folder: string; keyFiles: KeyFiles; list: string; recordsFile: string; load: StagedLoad },
  ): Promise<StageResult> {
    const stagingDir = path.join(folder, 'staged')
    await mkdir(stagingDir)
    const { format, ignoreExtra, maxRejectedRows, csv = CSV_DEFAULTS, mapping = BY_NAME, laterPart } = this.#spec
    // Earlier files of the load have written these.
    const plainBytes = sum(load.files.map(({ sizes }) => sizes.plainBytes))
    const storedBytes = sum(load.files.map(({ fileSizeBytes }) => fileSizeBytes))
    return this.#runStage(
      {
        input: {
          ...input,
          format,
          ignoreExtra,
          csv,
          mapping,
          loadedAtMs: this.#write.run.createdAtMs,
          ...(laterPart && { laterPart }),
        },
        schema,
        rules,
        ...(requirement && { requirement }),
        keyFiles,
        spec,
        sortOrder,
        stagingDir,
        rejects: {
          file: list,
          location: this.#listLocation,
          recordsFile,
        },
        maxRejectedRows: Math.max(0, maxRejectedRows - load.rowsRejected),
        // The load that is corrected has decided how numbers are read.
        allowAmbiguousNumbers: this.#spec.allowAmbiguousNumbers ?? this.#spec.correctsRunId !== undefined,
        fileStem: this.#fileStem,
        write: parseWriteSettings(properties, schema, (sentence) => this.#write.log(sentence, 'warning')),
        limits: limitsForColumns(this.#limits, schema.fields.length),
      },
      {
        userId: this.#write.run.actor.userId,
        signal: this.#write.signal,
        onProgress: (progress) =>
          this.#write.report({
            phase: progress.phase,
            done: load.inputBytes + progress.bytesRead,
            counters: {
              rowsRead: load.rowsRead + progress.rowsRead,
              rowsReadEstimate: progress.rowsReadEstimate === 0 ? 0 : load.rowsRead + progress.rowsReadEstimate,
              rowsRejected: load.rowsRejected + progress.rowsRejected,
              filesWritten: load.files.length + progress.filesWritten,
              plainBytesWritten: plainBytes + progress.plainBytesWritten,
              storedBytesWritten: storedBytes + progress.storedBytesWritten,
            },
          }),
      },
    )
  }
}

function openRejects(folder: string): LoadRejects {
  return {
    list: new RejectList(path.join(folder, 'rejects.ndjson')),
    records: new RejectedRecordsFile(path.join(folder, 'rejected-records')),
  }
}

/** Null where a file has to be opened first. */
function totalBytes(inputs: readonly LoadInput[]): number | null {
  const sizes = inputs.map(({ sizeBytes }) => sizeBytes)
  return sizes.every((sizeBytes) => sizeBytes !== null) ? sum(sizes) : null
}
