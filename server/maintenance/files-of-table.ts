import 'server-only'
import { AppError, type ErrorCode } from '@/lib/errors'
import { readManifestEntries, type ManifestSource, readSnapshotManifests } from '@/lib/scan/snapshot-manifests'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { UnlistedTable } from '@/server/catalog/port/loaded-table'
import type { PurgeSupport } from '@/server/catalog/port/purge-support'
import { tableFolders } from '@/server/catalog/folders/table-folders'
import { rootLength } from '@/server/locations/location-gate'
import { avroCodecs } from '@/server/codecs/avro-codecs'

/**
 * Every file that the metadata of a table names, over all snapshots and earlier metadata files, and which of them are
 * the table's own.
 */

export const FILE_KINDS = ['data', 'manifest', 'manifest-list', 'statistics', 'metadata'] as const
export type FileOfTable = {
  /** Delete files are among the data files. */
  kind: (typeof FILE_KINDS)[number]
  location: string
  /** Null if unknown. */
  sizeBytes: number | null
}

type Files = Iterable<FileOfTable> | AsyncIterable<FileOfTable>

type ListOptions = {
  signal: AbortSignal
  /** Called with a missing manifest list or manifest of a current snapshot, whose files are left out. */
  onMissing?: (location: string) => void
  /** Called with the problem of a manifest list or manifest that only earlier metadata names: its files are left out. */
  onUnreadable?: (problem: AppError) => void
  /**
   * Reads an earlier metadata file in the table's own folders, or returns null. Only these name the files of snapshots
   * that an engine removed from the metadata alone, and statistics that others have replaced. By default none is read.
   */
  loadEarlier?: PurgeSupport['load']
  /** How many earlier metadata files are read, the newest first; all by default. */
  maxEarlier?: number
  /** Asked before each earlier metadata file, and each file that only these name, is read; false: it is skipped. */
  continuesEarlier?: () => boolean
}

/** How manifest lists and manifests are read. */
type Reading = {
  /** Problems of a file that is then skipped; any other ends the walk. */
  problems: readonly ErrorCode[]
  isRead: (location: string) => boolean
  onProblem: (problem: AppError, location: string) => void
}

/**
 * The files by kind, each kind after the files that it names, so that a removal in this order can be resumed. The
 * kinds have to be read in this order, because reading the data files finds the others. A file may appear more than
 * once. The metadata file itself is left out, and so are missing manifests.
 */
export function listFilesByKind(
  { metadata, store }: Pick<UnlistedTable, 'metadata' | 'store'>,
  {
    signal,
    onMissing = () => {},
    onUnreadable = () => {},
    loadEarlier = async () => null,
    maxEarlier = Number.POSITIVE_INFINITY,
    continuesEarlier = () => true,
  }: ListOptions,
): Files[] {
  const source: ManifestSource = {
    readFile: (location) => store.read(location, { signal }),
    codecs: avroCodecs,
    signal,
  }
  const folders = tableFolders(metadata)
  const isOwn = (location: string): boolean => rootLength(location, folders) !== null
  const earlierMetadata = metadata.metadataLog.map(({ metadataFile }) => metadataFile)
  /** Null for a manifest that is missing, or may not be read. */
  const manifests = new Map<string, FileOfTable | null>()
  const lists = new Set(metadata.snapshots.flatMap(({ manifestList }) => manifestList ?? []))
  const statistics = new Set(statisticsIn(metadata))

  const current: Reading = { problems: MISSING, isRead: () => true, onProblem: (_, location) => onMissing(location) }
  const earlierOnly: Reading = {
    problems: UNREADABLE,
    isRead: (location) => isOwn(location) && continuesEarlier(),
    // Most files of expired snapshots are missing, because the expiry removed them.
    onProblem: (problem) => {
      if (problem.code !== 'file-missing') onUnreadable(problem)
    },
  }

  async function* dataFiles(): AsyncGenerator<FileOfTable> {
    for (const snapshot of metadata.snapshots) yield* filesOfSnapshot(metadata, snapshot, current)
    const listed = new Set(metadata.snapshots.map(snapshotKey))
    for (const location of earlierMetadata.filter(isOwn).toReversed().slice(0, maxEarlier)) {
      if (!continuesEarlier()) return
      const earlier = await readUnless(UNREADABLE, () => loadEarlier(location, { signal }))
      if (earlier === null || earlier instanceof AppError) continue
      for (const file of statisticsIn(earlier.metadata)) statistics.add(file)
      for (const snapshot of earlier.metadata.snapshots) {
        if (listed.has(snapshotKey(snapshot))) continue
        listed.add(snapshotKey(snapshot))
        yield* filesOfSnapshot(earlier.metadata, snapshot, earlierOnly)
      }
    }
  }
  async function* filesOfSnapshot(
    ofMetadata: TableMetadata,
    snapshot: Snapshot,
    { problems, isRead, onProblem }: Reading,
  ): AsyncGenerator<FileOfTable> {
    const { manifestList, manifests: named = [] } = snapshot
    if (!(manifestList === null ? named : [manifestList]).every(isRead)) return
    const found = await readUnless(problems, () => readSnapshotManifests({ metadata: ofMetadata, snapshot }, source))
    if (manifestList !== null && isRemovable(found)) lists.add(manifestList)
    if (found instanceof AppError) {
      onProblem(found, snapshotKey(snapshot))
      return
    }
    for (const manifest of found) {
      const { manifestPath: location, manifestLengthBytes: sizeBytes } = manifest
      if (manifests.has(location) || !isRead(location)) continue
      const entries = await readUnless(problems, () => readManifestEntries(ofMetadata, manifest, source))
      manifests.set(location, isRemovable(entries) ? { kind: 'manifest', location, sizeBytes } : null)
      if (entries instanceof AppError) onProblem(entries, location)
      else
        for (const { dataFile } of entries)
          yield { kind: 'data', location: dataFile.filePath, sizeBytes: dataFile.fileSizeBytes }
    }
  }
  function* inManifests(): Generator<FileOfTable> {
    for (const manifest of manifests.values()) if (manifest !== null) yield manifest
  }
  return [
    dataFiles(),
    inManifests(),
    filesOf('manifest-list', lists),
    filesOf('statistics', statistics),
    filesOf('metadata', earlierMetadata),
  ]
}

/** Names a snapshot among those of several metadata files. */
function snapshotKey({ manifestList, snapshotId }: Snapshot): string {
  return manifestList ?? snapshotId
}

function statisticsIn({ statistics, partitionStatistics }: TableMetadata): string[] {
  return [...statistics, ...partitionStatistics].flatMap((file) => {
    const location = file['statistics-path']
    return typeof location === 'string' ? [location] : []
  })
}

/** A file that an earlier attempt removed is missing, and it names no remaining files. */
const MISSING: readonly ErrorCode[] = ['file-missing']

/** An earlier metadata file, or a file that only it names, is skipped if it is missing or cannot be read. */
const UNREADABLE: readonly ErrorCode[] = [
  'file-damaged',
  'file-missing',
  'location-refused',
  'not-supported',
  'too-large',
]

/** Returns the problem if it is one of these; any other is thrown. */
async function readUnless<Read>(problems: readonly ErrorCode[], read: () => Promise<Read>): Promise<Read | AppError> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof AppError && problems.includes(error.code)) return error
    throw error
  }
}

/** Whether the file that was read, or could not be, exists where a removal may reach it. */
function isRemovable(read: unknown): boolean {
  return !(read instanceof AppError && (read.code === 'file-missing' || read.code === 'location-refused'))
}

function* filesOf(kind: FileOfTable['kind'], locations: Iterable<string>): Generator<FileOfTable> {
  for (const location of locations) yield { kind, location, sizeBytes: null }
}

/** Asks whether a location is in a folder of a table and in no folder of another one: properties may name any folder. */
export class OwnFolders {
  readonly #folders: readonly string[]
  readonly #findOwners: PurgeSupport['findOwners']
  readonly #isOther: (owners: Awaited<ReturnType<PurgeSupport['findOwners']>>) => boolean
  /** The last folder that was checked, because files come folder by folder. */
  #lastFolder = { folder: '', isOwn: false }

  /** @param isOther whether the owners include another table; by default any is another one */
  constructor(
    folders: readonly string[],
    findOwners: PurgeSupport['findOwners'],
    isOther: (owners: Awaited<ReturnType<PurgeSupport['findOwners']>>) => boolean = (owners) => owners.length > 0,
  ) {
    this.#folders = folders
    this.#findOwners = findOwners
    this.#isOther = isOther
  }

  async has(location: string): Promise<boolean> {
    if (rootLength(location, this.#folders) === null) return false
    const folder = `${folderOf(location)}/`
    if (this.#lastFolder.folder !== folder) {
      this.#lastFolder = { folder, isOwn: !this.#isOther(await this.#findOwners(folder)) }
    }
    return this.#lastFolder.isOwn
  }
}

/** The folder of a location, without a trailing slash. */
export function folderOf(location: string): string {
  return location.replace(/\/+[^/]*$/, '')
}
