import 'server-only'
import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { AppError } from '@/lib/errors'
import { readTableMetadata, writeTableMetadata } from '@/lib/iceberg/metadata-json'
import { propertyValue } from '@/lib/iceberg/property-value'
import type { TableMetadata } from '@/lib/iceberg/table-metadata'
import type { ViewMetadata } from '@/lib/iceberg/view-metadata'
import { readViewMetadata, writeViewMetadata } from '@/lib/iceberg/view-metadata-json'
import { KeptByBytes } from '@/lib/kept-by-bytes'
import type { ObjectStore } from '@/server/storage/object-store'
import { metadataFolder } from './table-folders'

/**
 * The metadata files of tables and views: `<location>/metadata/00042-<uuid>.metadata.json`, one per commit, never changed.
 * Spec: Iceberg table spec, *Metastore Tables* and appendix on file names; gzip where the table's
 * `write.metadata.compression-codec` says so.
 */

/** Of the JSON text: beyond it, parsing would take gigabytes. */
const MAX_METADATA_BYTES = 256 * 1024 * 1024
const KEPT_FILES = 200
const KEPT_BYTES = 64 * 1024 * 1024

/** Reads and writes metadata files, and keeps what was parsed: a file never changes. */
export class MetadataFiles {
  /** By store and location, the longest unused given up first. */
  readonly #cache = new KeptByBytes<TableMetadata | ViewMetadata>({ maxBytes: KEPT_BYTES, maxCount: KEPT_FILES })
  /** One location is another file in another store: of other credentials, or mapped to another place. */
  readonly #storeNumbers = new WeakMap<ObjectStore, number>()
  #storeCount = 0

  /**
   * @throws {AppError} file-missing, file-damaged (with the location among its facts), forbidden
   */
  readTable(store: ObjectStore, location: string, signal?: AbortSignal): Promise<TableMetadata> {
    return this.#read(store, location, readTableMetadata, signal)
  }

  /** As {@link MetadataFiles.readTable}, of a view. */
  readView(store: ObjectStore, location: string, signal?: AbortSignal): Promise<ViewMetadata> {
    return this.#read(store, location, readViewMetadata, signal)
  }

  /** Writes the next metadata file of a table, durable, and gives its location. */
  writeTable(store: ObjectStore, metadata: TableMetadata, previousLocation: string | null): Promise<string> {
    return this.#writeNext(store, metadata, writeTableMetadata(metadata), previousLocation)
  }

  /** As {@link MetadataFiles.writeTable}, of a view. */
  writeView(store: ObjectStore, view: ViewMetadata, previousLocation: string | null): Promise<string> {
    return this.#writeNext(store, view, writeViewMetadata(view), previousLocation)
  }

  async #writeNext(
    store: ObjectStore,
    metadata: TableMetadata | ViewMetadata,
    json: string,
    previousLocation: string | null,
  ): Promise<string> {
    const text = Buffer.from(json)
    const isGzip = propertyValue(metadata.properties, 'write.metadata.compression-codec')?.toLowerCase() === 'gzip'
    const location = `${metadataFolder(metadata)}/${nextFileName(previousLocation, isGzip)}`
    await store.writeNew(location, isGzip ? await promisify(gzip)(text) : text)
    this.#cache.set(this.#keyOf(store, location), metadata, text.length)
    return location
  }

  async #read<M extends TableMetadata | ViewMetadata>(
    store: ObjectStore,
    location: string,
    parse: (json: string) => M,
    signal?: AbortSignal,
  ): Promise<M> {
    const key = this.#keyOf(store, location)
    const known = this.#cache.get(key)
    // A table's file read as a view's is no view, whoever asks for it.
    if (known && 'viewUuid' in known === (parse === (readViewMetadata as typeof parse))) {
      store.checkLocation(location)
      return known as M
    }
    const file = await store.read(location, { maxBytes: MAX_METADATA_BYTES, ...(signal && { signal }) })
    const { metadata, bytes } = await decoded(file, location, parse)
    this.#cache.set(key, metadata, bytes)
    return metadata
  }

  #keyOf(store: ObjectStore, location: string): string {
    const number = this.#storeNumbers.get(store) ?? (this.#storeCount += 1)
    this.#storeNumbers.set(store, number)
    return `${number} ${location}`
  }
}

function nextFileName(previousLocation: string | null, isGzip: boolean): string {
  // A name that cannot be read counts as version −1, as in Java and PyIceberg.
  const previous = previousLocation === null ? -1 : Number(/\/(\d{1,15})-[^/]*$/.exec(previousLocation)?.[1] ?? -1)
  return `${String(previous + 1).padStart(5, '0')}-${randomUUID()}${isGzip ? '.gz' : ''}.metadata.json`
}

async function decoded<M>(
  file: Uint8Array,
  location: string,
  parse: (json: string) => M,
): Promise<{ metadata: M; bytes: number }> {
  try {
    const isGzip = file[0] === 0x1f && file[1] === 0x8b
    const text = isGzip ? await promisify(gunzip)(file, { maxOutputLength: MAX_METADATA_BYTES }) : file
    return { metadata: parse(new TextDecoder('utf-8', { fatal: true }).decode(text)), bytes: text.length }
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'not-supported') throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('file-damaged', `The metadata file cannot be read: ${reason}`, { cause, facts: { location } })
  }
}
