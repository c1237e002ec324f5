import 'server-only'
import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { AppError } from '@/lib/errors'
import { formatExactBytes } from '@/lib/format/bytes'
import { formatCount } from '@/lib/format/count'
import { decodeInTurns, type TakeTurns } from '@/lib/iceberg/avro/decode-steps'
import { countJsonValues } from '@/lib/iceberg/json/exact-json'
import { exactJsonSteps } from '@/lib/iceberg/json/exact-json-steps'
import type { Json } from '@/lib/iceberg/json/json'
import { tableMetadataFromJson, writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { requireSupportedFormat } from '@/lib/iceberg/metadata/supported-format'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { ViewMetadata } from '@/lib/iceberg/view/view-metadata'
import { viewMetadataFromJson, writeViewMetadata } from '@/lib/iceberg/view/view-metadata-json'
import { LRUCache } from 'lru-cache'
import type { ObjectStore } from '@/server/storage/object-store'
import { createTurns } from '@/server/timing/take-turns'
import { metadataFolder } from './folders/table-folders'

/**
 * The metadata files of tables and views: `<location>/metadata/00042-<uuid>.metadata.json`, one per commit, never
 * changed. Compressed with gzip if the table's `write.metadata.compression-codec` says so. Spec: Iceberg table spec,
 * *Metastore Tables* and appendix on file names.
 */

/** Limit of the JSON text. Parsing more would take gigabytes of memory. */
const MAX_METADATA_BYTES = 256 * 1024 * 1024
/**
 * Lakeshore writes far less than it can read, because every engine that loads the table parses all of it, also with
 * less memory. The metadata of a table of ten thousand snapshots and a thousand schemas takes some 10 MB and fewer than
 * a million values.
 */
const MAX_WRITTEN_BYTES = 64 * 1024 * 1024
/** Half of what `parseExactJson` reads. Short values need few bytes but still cost memory. */
const MAX_WRITTEN_VALUES = 4_000_000
const MAX_CACHED_FILES = 200
const MAX_CACHED_BYTES = 64 * 1024 * 1024

type AnyMetadata = TableMetadata | ViewMetadata
/** The name of the table or view for messages, and the metadata that the file replaces; null for the first file. */
type NextMetadata<M extends AnyMetadata> = {
  label: string
  before: { metadata: M; metadataLocation: string } | null
  /** Called before the file is written. */
  beforeWrite?: ((location: string) => Promise<void>) | undefined
}
type FromJson<M extends AnyMetadata> = (json: Json, location: string) => M

const tableMetadataFromFile: FromJson<TableMetadata> = (json, metadataLocation) =>
  tableMetadataFromJson(json, { metadataLocation })
const viewMetadataFromFile: FromJson<ViewMetadata> = (json) => viewMetadataFromJson(json)

type WriteLimits = { maxWrittenBytes?: number; maxWrittenValues?: number }

/** Reads and writes metadata files. It caches the parsed metadata, because a file never changes. */
export class MetadataFiles {
  /** By store and location. */
  readonly #cache = new LRUCache<string, AnyMetadata>({ maxSize: MAX_CACHED_BYTES, max: MAX_CACHED_FILES })
  /** One location can be different files in different stores: they may use other credentials or path mappings. */
  readonly #storeNumbers = new WeakMap<ObjectStore, number>()
  #storeCount = 0
  readonly #takeTurns = createTurns()
  readonly #maxWritten: { bytes: number; values: number }

  constructor({ maxWrittenBytes = MAX_WRITTEN_BYTES, maxWrittenValues = MAX_WRITTEN_VALUES }: WriteLimits = {}) {
    this.#maxWritten = { bytes: maxWrittenBytes, values: maxWrittenValues }
  }

  /**
   * @throws {AppError} file-missing, file-damaged (with the location among its facts), forbidden
   */
  readTable(store: ObjectStore, location: string, signal?: AbortSignal): Promise<TableMetadata> {
    return this.#read(store, location, tableMetadataFromFile, signal)
  }

  /** As {@link MetadataFiles.readTable}, for a view. */
  readView(store: ObjectStore, location: string, signal?: AbortSignal): Promise<ViewMetadata> {
    return this.#read(store, location, viewMetadataFromFile, signal)
  }

  /**
   * Writes the next metadata file of a table durably, and returns its location.
   *
   * @throws {AppError} too-large, before anything is written, when the metadata is larger than Lakeshore writes and not
   *   smaller than the metadata it replaces; format-unsupported
   */
  async writeTable(store: ObjectStore, metadata: TableMetadata, next: NextMetadata<TableMetadata>): Promise<string> {
    requireSupportedFormat(metadata)
    return this.#writeNext(store, metadata, next, writeTableMetadata, SHRINK_TABLE_ADVICE)
  }

  /** As {@link MetadataFiles.writeTable}, for a view. */
  writeView(store: ObjectStore, view: ViewMetadata, next: NextMetadata<ViewMetadata>): Promise<string> {
    return this.#writeNext(store, view, next, writeViewMetadata, SHRINK_VIEW_ADVICE)
  }

  async #writeNext<M extends AnyMetadata>(
    store: ObjectStore,
    metadata: M,
    { label, before, beforeWrite }: NextMetadata<M>,
    toJson: (metadata: M) => string,
    advice: string,
  ): Promise<string> {
    const json = toJson(metadata)
    const text = Buffer.from(json)
    const excess = this.#describeExcess(json, text.length, () => (before ? toJson(before.metadata) : null))
    if (excess !== null) {
      throw new AppError('too-large', `The metadata of ${label} would have ${excess}. Nothing was changed. ${advice}`, {
        facts: { label, bytes: text.length, maxBytes: this.#maxWritten.bytes },
      })
    }
    const isGzip = propertyValue(metadata.properties, 'write.metadata.compression-codec')?.toLowerCase() === 'gzip'
    const location = `${metadataFolder(metadata)}/${nextFileName(before?.metadataLocation ?? null, isGzip)}`
    await beforeWrite?.(location)
    await store.writeNew(location, isGzip ? await promisify(gzip)(text) : text)
    this.#cache.set(this.#cacheKey(store, location), metadata, { size: text.length })
    return location
  }

  /**
   * Describes how the text exceeds a limit, or returns null. Metadata that another program made too large may shrink in
   * several commits.
   */
  #describeExcess(json: string, bytes: number, jsonBefore: () => string | null): string | null {
    const { bytes: maxBytes, values: maxValues } = this.#maxWritten
    if (bytes > maxBytes) {
      const before = jsonBefore()
      if (before === null || bytes >= Buffer.byteLength(before)) {
        return `${formatExactBytes(bytes)}, but Lakeshore writes at most ${formatExactBytes(maxBytes)}`
      }
    }
    // Every value takes at least one character.
    if (json.length <= maxValues) return null
    const values = countJsonValues(json)
    if (values <= maxValues) return null
    const before = jsonBefore()
    if (before !== null && values < countJsonValues(before)) return null
    return `${formatCount(values)} values, but Lakeshore writes at most ${formatCount(maxValues)}`
  }

  async #read<M extends AnyMetadata>(
    store: ObjectStore,
    location: string,
    fromJson: FromJson<M>,
    signal?: AbortSignal,
  ): Promise<M> {
    const key = this.#cacheKey(store, location)
    const cached = this.#cache.get(key)
    // Reading a table's file as a view must fail, even when the file is cached.
    if (cached && 'viewUuid' in cached === (fromJson === (viewMetadataFromFile as FromJson<AnyMetadata>))) {
      store.checkLocation(location)
      return cached as M
    }
    const file = await store.read(location, { maxBytes: MAX_METADATA_BYTES, ...(signal && { signal }) })
    const { metadata, bytes } = await decodeMetadata(file, location, { fromJson, takeTurns: this.#takeTurns })
    this.#cache.set(key, metadata, { size: bytes })
    return metadata
  }

  #cacheKey(store: ObjectStore, location: string): string {
    const number = this.#storeNumbers.get(store) ?? (this.#storeCount += 1)
    this.#storeNumbers.set(store, number)
    return `${number} ${location}`
  }
}

const SHRINK_TABLE_ADVICE =
  'Expire snapshots, remove old schemas and statistics, or shorten long properties, and try again.'
const SHRINK_VIEW_ADVICE =
  'Keep fewer versions (version.history.num-entries) or shorten long properties, or drop the view and create it again.'

function nextFileName(previousLocation: string | null, isGzip: boolean): string {
  // A file name without a number counts as version −1, as in Java and PyIceberg.
  const previous = previousLocation === null ? -1 : Number(/\/(\d{1,15})-[^/]*$/.exec(previousLocation)?.[1] ?? -1)
  return `${String(previous + 1).padStart(5, '0')}-${randomUUID()}${isGzip ? '.gz' : ''}.metadata.json`
}

async function decodeMetadata<M extends AnyMetadata>(
  file: Uint8Array,
  location: string,
  { fromJson, takeTurns }: { fromJson: FromJson<M>; takeTurns: TakeTurns },
): Promise<{ metadata: M; bytes: number }> {
  try {
    const isGzip = file[0] === 0x1f && file[1] === 0x8b
    const text = isGzip ? await promisify(gunzip)(file, { maxOutputLength: MAX_METADATA_BYTES }) : file
    const steps = exactJsonSteps(new TextDecoder('utf-8', { fatal: true }).decode(text))
    return { metadata: fromJson(await decodeInTurns(steps, takeTurns), location), bytes: text.length }
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'not-supported') throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('file-damaged', `The metadata file cannot be read: ${reason}`, {
      cause,
      // A rollback would need this file.
      facts: { location, hint: 'Restore the file from a backup, or register an earlier metadata file of the table.' },
    })
  }
}
