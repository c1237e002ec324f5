import 'server-only'
import { LRUCache } from 'lru-cache'
import { AppError } from '@/lib/errors'
import type { TakeTurns } from '@/lib/iceberg/avro/decode-steps'
import type { ManifestFile } from '@/lib/iceberg/manifest/manifest'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type ManifestSource, openManifestEntries, readSnapshotManifests } from '@/lib/scan/snapshot-manifests'
import { equivalentLocations } from '@/server/locations/location-gate'
import { clock } from '@/server/timing/clock'

/** How far the references of a table's metadata were read. */
export type ReferenceState = {
  isComplete: boolean
  readManifestCount: number
  knownManifestCount: number
  /** Why they stay incomplete; null if they do not. */
  problem: string | null
}

type Limits = { files: number; manifests: number; timeMs: number }
/** A reference takes about 40 bytes of memory. */
const DEFAULT_LIMITS: Limits = { files: 2_000_000, manifests: 100_000, timeMs: 1_500 }
const REFERENCE_BYTES = 40
const MAX_CACHE_BYTES = 128 * 1024 * 1024
/** Locations added before other work may have its turn. */
const LOCATIONS_PER_TURN = 500

/**
 * The files that any snapshot of a table's metadata references, as hashes of their locations: 53 bits, so that among two
 * million files one in ten billion other files is wrongly taken for referenced. Read a few seconds at a time, so that a
 * large table keeps no request waiting.
 */
export class FileReferences {
  readonly #metadata: TableMetadata
  readonly #limits: Limits
  readonly #hashes = new Set<number>()
  readonly #seenManifests = new Set<string>()
  readonly #snapshots: Snapshot[]
  #manifests: ManifestFile[] = []
  #readManifestCount = 0
  #problem: string | null = null
  /** A limit stays; after any other failure the next caller tries again. */
  #isOverLimit = false
  #running: Promise<void> | null = null
  #hasOwnFiles = false

  constructor(
    { metadata, metadataLocation }: { metadata: TableMetadata; metadataLocation: string },
    limits: Partial<Limits> = {},
  ) {
    this.#metadata = metadata
    this.#limits = { ...DEFAULT_LIMITS, ...limits }
    // The current snapshot last, because it is taken from the end: it has most of the requested files.
    this.#snapshots = metadata.snapshots.toSorted((a, b) => a.sequenceNumber - b.sequenceNumber)
    this.#add(metadataLocation)
  }

  get state(): ReferenceState {
    const isComplete =
      this.#hasOwnFiles && this.#snapshots.length === 0 && this.#manifests.length === 0 && this.#problem === null
    return {
      isComplete,
      readManifestCount: this.#readManifestCount,
      knownManifestCount: this.#readManifestCount + this.#manifests.length,
      problem: this.#problem,
    }
  }

  get memoryBytes(): number {
    return REFERENCE_BYTES * (this.#hashes.size + this.#seenManifests.size) + 10_000
  }

  has(location: string): boolean {
    return this.#hashes.has(hashOf(location))
  }

  /**
   * Reads on until all is read, the time is over, or a limit ends it. Callers at the same time share the work,
   * so it is not cancelled with one of them.
   *
   * @param source without a signal
   */
  async readOn(source: ManifestSource, nowMs: () => number = () => clock.elapsedMs()): Promise<void> {
    this.#running ??= this.#read(source, nowMs).finally(() => {
      this.#running = null
    })
    await this.#running
  }

  async #read(source: ManifestSource, nowMs: () => number): Promise<void> {
    const endMs = nowMs() + this.#limits.timeMs
    if (!this.#isOverLimit) this.#problem = null
    const takeTurns = source.takeTurns ?? (() => null)
    if (!this.#hasOwnFiles) await this.#addAll(ownFilesOf(this.#metadata), takeTurns)
    this.#hasOwnFiles = true
    while (this.#problem === null && nowMs() < endMs) {
      const manifest = this.#manifests.pop()
      const snapshot = manifest ? undefined : this.#snapshots.pop()
      if (!manifest && !snapshot) return
      try {
        if (manifest) await this.#readManifest(manifest, source, takeTurns)
        else if (snapshot) await this.#readSnapshot(snapshot, source, takeTurns)
      } catch (error) {
        // An unread manifest stays in the queue.
        if (manifest) this.#manifests.push(manifest)
        if (snapshot) this.#snapshots.push(snapshot)
        if (!(error instanceof AppError)) throw error
        this.#problem = error.message
      }
    }
  }

  async #readSnapshot(snapshot: Snapshot, source: ManifestSource, takeTurns: TakeTurns): Promise<void> {
    const manifests = await readSnapshotManifests({ metadata: this.#metadata, snapshot }, source)
    if (snapshot.manifestList !== null) this.#add(snapshot.manifestList)
    await this.#addAll(
      manifests.map(({ manifestPath }) => manifestPath),
      takeTurns,
    )
    for (const manifest of manifests) {
      if (this.#seenManifests.has(manifest.manifestPath)) continue
      this.#seenManifests.add(manifest.manifestPath)
      this.#manifests.push(manifest)
    }
    if (this.#seenManifests.size > this.#limits.manifests)
      this.#stop(`The snapshots have more than ${this.#limits.manifests} manifests.`)
  }

  async #readManifest(manifest: ManifestFile, source: ManifestSource, takeTurns: TakeTurns): Promise<void> {
    // Each manifest is read once, so its entries are not cached.
    for (const batch of await openManifestEntries(this.#metadata, manifest, source)) {
      // A file that a manifest only marks as deleted is not referenced by it.
      const live = batch.filter(({ status }) => status !== 'deleted')
      await this.#addAll(
        live.map(({ dataFile }) => dataFile.filePath),
        takeTurns,
      )
      await takeTurns()
    }
    this.#readManifestCount += 1
    if (this.#hashes.size > this.#limits.files)
      this.#stop(`The snapshots reference more than ${this.#limits.files} files.`)
  }

  async #addAll(locations: readonly string[], takeTurns: TakeTurns): Promise<void> {
    for (let at = 0; at < locations.length; at += LOCATIONS_PER_TURN) {
      for (const location of locations.slice(at, at + LOCATIONS_PER_TURN)) this.#add(location)
      await takeTurns()
    }
  }

  #stop(problem: string): void {
    this.#isOverLimit = true
    this.#problem = problem
  }

  #add(location: string): void {
    this.#hashes.add(hashOf(location))
  }
}

/** The files that the metadata names itself: its log and its statistics. */
function ownFilesOf({ metadataLog, statistics, partitionStatistics }: TableMetadata): string[] {
  const statisticsPaths = [...statistics, ...partitionStatistics].flatMap((file) => {
    const path = file['statistics-path']
    return typeof path === 'string' ? [path] : []
  })
  return [...metadataLog.map(({ metadataFile }) => metadataFile), ...statisticsPaths]
}

/** Two hashes of 32 and 21 bits (FNV-1a with different starts), so that the result is an exact number. */
function hashOf(location: string): number {
  // All spellings of a location have the same first one.
  const text = equivalentLocations(location)[0] ?? location
  let low = 0x811c9dc5
  let high = 0x9747b28c
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ code, 0x5bd1e995) ^ (high >>> 15)
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0)
}

/** References by the version of a table's metadata. */
export class ReferenceCache {
  readonly #entries = new LRUCache<string, FileReferences>({ max: 100 })

  get(scope: string, table: { metadata: TableMetadata; metadataLocation: string }): FileReferences {
    const key = `${scope}\n${table.metadataLocation}`
    const known = this.#entries.get(key)
    if (known) return known
    const references = new FileReferences(table)
    this.#entries.set(key, references)
    return references
  }

  /** Forgets the least recently used until all fit. They grow while they are read. */
  trim(maxBytes = MAX_CACHE_BYTES): void {
    let totalBytes = 0
    const excess: string[] = []
    for (const [key, references] of this.#entries.entries()) {
      totalBytes += references.memoryBytes
      if (totalBytes > maxBytes) excess.push(key)
    }
    for (const key of excess) this.#entries.delete(key)
  }
}
