import 'server-only'
import { MAX_LOADED_FILES } from '@/lib/contract/shapes/load-options'
import { AppError } from '@/lib/errors'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { nullIfNotFound } from '@/server/catalog/null-if-not-found'
import type { LakeServices } from '@/server/catalog/lake-services'
import {
  addPendingFiles,
  confirmFilesChange,
  dropPendingFilesChange,
  listPendingRuns,
  type LoadedFile,
  readLoadedFiles,
} from '@/server/db/jobs/loaded-files'
import { readRun, type Run } from '@/server/db/jobs/runs'
import { findFiles, type FoundFile, MAX_SEARCHED_ENTRIES } from '@/server/load-locations/find-files'
import type { LocationFiles } from '@/server/load-locations/location-files'
import { openLoadLocation } from '@/server/load-locations/open-location'
import type { FileVersion } from '@/server/storage/object-store'
import type { TableWrite } from '@/server/table-writes/table-write'
import type { IngestJournal } from './ingest-journal'
import type { FileCounts } from './ingest-outcome'
import { HOW_TO_LOAD_WITH_TWO, type IngestSpec, type LocationFile, type SavedLoadRun } from './ingest-spec'
import type { LocatedVersion } from './load-inputs'
import type { LoadSource } from './load-source'

/** Changed files that one run looks at; the others are looked at by later ones. */
const MAX_VERSION_READS = 1_000
/** Changed files that the log of a run names. */
const MAX_NAMED_FILES = 20
/** A file may change again within the resolution of its time of change, which then proves nothing. */
const TIME_RESOLUTION_MS = 2_000

type Candidate = FoundFile & { location: string }

type NewFilesOptions = {
  input: IngestSpec['input']
  saved: SavedLoadRun
  summary: Readonly<Record<string, string>>
}

/**
 * The files of a saved load that no earlier run has loaded. A file counts as loaded if and only if the snapshot with its
 * rows was committed: its row is written before the commit, and confirmed in the transaction that records the success of
 * the run.
 */
export class NewFiles implements LoadSource {
  readonly noticesRepeats = true
  readonly proposalAdvice = HOW_TO_LOAD_WITH_TWO
  readonly summary: Readonly<Record<string, string>>
  readonly #services: LakeServices
  readonly #write: TableWrite<IngestJournal>
  readonly #input: IngestSpec['input']
  readonly #saved: SavedLoadRun
  #counts: FileCounts | undefined
  #times = new Map<string, number | null>()

  constructor(services: LakeServices, write: TableWrite<IngestJournal>, { input, saved, summary }: NewFilesOptions) {
    this.#services = services
    this.#write = write
    this.#input = input
    this.#saved = saved
    this.summary = summary
  }

  get fileCounts(): FileCounts {
    if (this.#counts === undefined) throw new Error('the files are not listed')
    return this.#counts
  }

  async listInput(): Promise<LocationFile[]> {
    await this.#settlePending()
    const found = await this.#findCandidates()
    const fresh: Candidate[] = []
    const changed: Candidate[] = []
    let readCount = 0
    for (const [location, { files, candidates }] of found) {
      const loaded = await readLoadedFiles(this.#services.database, {
        scheduleId: this.#saved.scheduleId,
        location,
        paths: candidates.map(({ path }) => path),
      })
      for (const candidate of candidates) {
        const versions = loaded.get(candidate.path)
        if (versions === undefined) fresh.push(candidate)
        else if (!versions.some((version) => looksSame(version, candidate)) && readCount < MAX_VERSION_READS) {
          readCount += 1
          const current = toVersionText(await files.readVersion(candidate.path, this.#write.signal))
          if (!versions.some(({ version }) => version === current)) changed.push(candidate)
        }
      }
    }
    const loadsChanged = this.#saved.changedFiles === 'load-again'
    const taken = loadsChanged ? [...fresh, ...changed] : fresh
    const chosen = taken.slice(0, MAX_LOADED_FILES)
    this.#counts = {
      newFileCount: chosen.length,
      changedFileCount: loadsChanged ? 0 : changed.length,
      remainingFileCount: taken.length - chosen.length,
    }
    this.#logFiles({ candidateCount: countCandidates(found), changed: loadsChanged ? [] : changed })
    const nowMs = this.#services.database.nowMs()
    for (const { location, path, modifiedAtMs } of chosen) {
      const isOld = modifiedAtMs !== null && modifiedAtMs < nowMs - TIME_RESOLUTION_MS
      this.#times.set(`${location}/${path}`, isOld ? modifiedAtMs : null)
    }
    return chosen.map(({ location, path }) => ({ loadLocation: location, path }))
  }

  async beforeCommit(files: readonly LocatedVersion[]): Promise<void> {
    const { scheduleId } = this.#saved
    const rows = files.map(
      ({ location, path, version }): LoadedFile => ({
        location,
        path,
        version: toVersionText(version),
        sizeBytes: version.sizeBytes,
        modifiedAtMs: this.#times.get(`${location}/${path}`) ?? null,
      }),
    )
    if (await addPendingFiles(this.#services.database, { scheduleId, runId: this.#write.run.id }, rows)) return
    this.#write.log(
      'The saved load was removed while this run read the files. They are loaded all the same.',
      'warning',
    )
  }

  /**
   * Decides what became of the files of runs that recorded no success. A user has looked at a run of unknown outcome
   * before the next one began.
   */
  async #settlePending(): Promise<void> {
    const { database } = this.#services
    const { scheduleId } = this.#saved
    for (const runId of await listPendingRuns(database, scheduleId)) {
      const run = runId === this.#write.run.id ? null : await readRun(database, runId)
      const isCommitted = run !== null && (await this.#hasSnapshotOf(run))
      const settle = isCommitted ? confirmFilesChange : dropPendingFilesChange
      await database.commit([settle(scheduleId, runId)])
      if (isCommitted) this.#write.log(`The snapshot of run ${runId} is in the table, so its files are loaded.`)
    }
  }

  async #hasSnapshotOf({ state, error }: Run): Promise<boolean> {
    if (state !== 'failed' || error?.code !== 'commit-state-unknown') return false
    const { snapshotId } = error.facts
    const table = await nullIfNotFound(() => this.#write.catalog.loadTable(this.#write.run.table))
    return table?.metadata.snapshots.some((snapshot) => snapshot.snapshotId === snapshotId) === true
  }

  /** The files that match, by location, in the order of the inputs and of their paths. */
  async #findCandidates(): Promise<Map<string, { files: LocationFiles; candidates: Candidate[] }>> {
    const found = new Map<string, { files: LocationFiles; candidates: Candidate[] }>()
    const known = new Set<string>()
    for (const source of this.#input) {
      if (!('loadLocation' in source)) throw new Error('a saved load has files of locations only')
      const { loadLocation: location } = source
      const entry = found.get(location) ?? { files: await openLoadLocation(this.#services, location), candidates: [] }
      found.set(location, entry)
      const files =
        'path' in source
          ? [await this.#readFile(entry.files, source.path)]
          : await this.#search(entry.files, source.match)
      for (const file of files) {
        const name = `${location}/${file.path}`
        if (known.has(name)) continue
        known.add(name)
        entry.candidates.push({ ...file, location })
      }
    }
    return found
  }

  async #readFile(files: LocationFiles, path: string): Promise<FoundFile> {
    const { sizeBytes } = await files.readVersion(path, this.#write.signal)
    return { path, sizeBytes, modifiedAtMs: null }
  }

  async #search(files: LocationFiles, match: string): Promise<readonly FoundFile[]> {
    const found = await findFiles(files, match, this.#write.signal)
    if (found.isComplete) return found.files
    throw new AppError(
      'invalid-request',
      `The folders of ${files.name}/${match} have more than ${formatCount(MAX_SEARCHED_ENTRIES)} files and folders. Nothing was loaded. Begin the pattern with a folder.`,
      { facts: { location: files.name, match } },
    )
  }

  #logFiles({ candidateCount, changed }: { candidateCount: number; changed: readonly Candidate[] }): void {
    const { newFileCount, remainingFileCount } = this.fileCounts
    const total = `${formatQuantity(candidateCount, 'file')} found`
    this.#write.log(
      newFileCount === 0 ? `${total}, no new files.` : `${total}, ${formatQuantity(newFileCount ?? 0, 'new file')}.`,
    )
    if (remainingFileCount)
      this.#write.log(
        `A load has at most ${formatQuantity(MAX_LOADED_FILES, 'file')}: ${formatQuantity(remainingFileCount, 'new file')} left for the next run.`,
        'warning',
      )
    for (const { location, path } of changed.slice(0, MAX_NAMED_FILES))
      this.#write.log(`${location}/${path} changed after it was loaded. It was not loaded again.`, 'warning')
    if (changed.length > MAX_NAMED_FILES)
      this.#write.log(`So did ${formatQuantity(changed.length - MAX_NAMED_FILES, 'other file')}.`, 'warning')
  }
}

function countCandidates(found: ReadonlyMap<string, { candidates: readonly Candidate[] }>): number {
  return [...found.values()].reduce((count, { candidates }) => count + candidates.length, 0)
}

/** Whether a list of the folder proves that the file is the one that was loaded. */
function looksSame({ sizeBytes, modifiedAtMs }: LoadedFile, candidate: Candidate): boolean {
  return modifiedAtMs !== null && modifiedAtMs === candidate.modifiedAtMs && sizeBytes === candidate.sizeBytes
}

/** A store without versions tells them apart by their size only. */
function toVersionText({ version, sizeBytes }: FileVersion): string {
  return version ?? `${sizeBytes} bytes`
}
