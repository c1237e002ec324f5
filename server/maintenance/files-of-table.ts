import 'server-only'
import { AppError, type ErrorCode } from '@/lib/errors'
import { readManifestEntries, type ManifestSource, readSnapshotManifests } from '@/lib/scan/snapshot-manifests'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { UnlistedTable } from '@/server/catalog/port/loaded-table'
import type { PurgeSupport } from '@/server/catalog/port/purge-support'
import { tableFolders } from '@/server/catalog/folders/table-folders'
import { rootLength } from '@/server/locations/location-gate'
import { avroCodecs } from '@/server/codecs/avro-codecs'

/** Every file that the metadata of a table names, over all snapshots, and which of them are the table's own. */

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
  /** Called with a missing manifest list or manifest, whose files are left out. */
  onMissing?: (location: string) => void
  /**
   * Reads an earlier metadata file in the table's own folders, or returns null. Only these name statistics that others
   * have replaced. By default none is read.
   */
  loadEarlier?: PurgeSupport['load']
  /** How many earlier metadata files are read, the newest first; all by default. */
  maxEarlier?: number
}

/**
 * The files by kind, each kind after the files that it names, so that a removal in this order can be resumed. A file
 * may appear more than once. The metadata file itself is left out.
 */
export function listFilesByKind(
  { metadata, store }: Pick<UnlistedTable, 'metadata' | 'store'>,
  { signal, onMissing = () => {}, loadEarlier = async () => null, maxEarlier = Number.POSITIVE_INFINITY }: ListOptions,
): Files[] {
  const source: ManifestSource = {
    readFile: (location) => store.read(location, { signal }),
    codecs: avroCodecs,
    signal,
  }
  const manifests = new Map<string, FileOfTable>()
  async function* dataFiles(): AsyncGenerator<FileOfTable> {
    for (const snapshot of metadata.snapshots) {
      const onMissingList = () => onMissing(snapshot.manifestList ?? snapshot.snapshotId)
      for (const manifest of await readOrNone(
        () => readSnapshotManifests({ metadata, snapshot }, source),
        onMissingList,
      )) {
        const { manifestPath: location, manifestLengthBytes: sizeBytes } = manifest
        if (manifests.has(location)) continue
        manifests.set(location, { kind: 'manifest', location, sizeBytes })
        const onMissingManifest = () => onMissing(location)
        for (const { dataFile } of await readOrNone(
          () => readManifestEntries(metadata, manifest, source),
          onMissingManifest,
        ))
          yield { kind: 'data', location: dataFile.filePath, sizeBytes: dataFile.fileSizeBytes }
      }
    }
  }
  function* inManifests(): Generator<FileOfTable> {
    yield* manifests.values()
  }
  const lists = metadata.snapshots.flatMap(({ manifestList }) => manifestList ?? [])
  const earlierMetadata = metadata.metadataLog.map(({ metadataFile }) => metadataFile)
  async function* statistics(): AsyncGenerator<FileOfTable> {
    const listed = new Set(statisticsIn(metadata))
    yield* filesOf('statistics', listed)
    const folders = tableFolders(metadata)
    const own = earlierMetadata.filter((location) => rootLength(location, folders) !== null)
    for (const location of own.toReversed().slice(0, maxEarlier)) {
      const earlier = await loadReadable(() => loadEarlier(location, { signal }))
      const replaced = earlier === null ? [] : statisticsIn(earlier.metadata).filter((file) => !listed.has(file))
      for (const file of replaced) listed.add(file)
      yield* filesOf('statistics', replaced)
    }
  }
  return [
    dataFiles(),
    inManifests(),
    filesOf('manifest-list', new Set(lists)),
    statistics(),
    filesOf('metadata', earlierMetadata),
  ]
}

function statisticsIn({ statistics, partitionStatistics }: TableMetadata): string[] {
  return [...statistics, ...partitionStatistics].flatMap((file) => {
    const location = file['statistics-path']
    return typeof location === 'string' ? [location] : []
  })
}

/** An earlier metadata file that is gone or cannot be read names no file that could be removed. */
const UNREADABLE: readonly ErrorCode[] = [
  'file-damaged',
  'file-missing',
  'location-refused',
  'not-supported',
  'too-large',
]

async function loadReadable(load: () => Promise<UnlistedTable | null>): Promise<UnlistedTable | null> {
  try {
    return await load()
  } catch (error) {
    if (error instanceof AppError && UNREADABLE.includes(error.code)) return null
    throw error
  }
}

function filesOf(kind: FileOfTable['kind'], locations: Iterable<string>): FileOfTable[] {
  return Array.from(locations, (location) => ({ kind, location, sizeBytes: null }))
}

/** A file that an earlier attempt removed cannot be read, and it names no remaining files. */
async function readOrNone<Item>(read: () => Promise<readonly Item[]>, onMissing: () => void): Promise<readonly Item[]> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'file-missing') throw error
    onMissing()
    return []
  }
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
