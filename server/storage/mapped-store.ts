import 'server-only'
import { AppError } from '@/lib/errors'
import { outsideLocationError } from '@/server/locations/outside-location'
import type { ObjectStore } from './object-store'
import type { LocationMapping } from '@/server/locations/storage-access'

/**
 * A store whose callers use the locations of the metadata while the files are elsewhere. The gate checks the actual
 * location; errors are about the location from the metadata.
 *
 * @param store the store, or how to find the one that holds a location (after mapping)
 * @param isMappingRequired refuses locations that no mapping matches, so that no file has two names
 * @param namesActual also names the location where a missing file was looked for. Otherwise that can be confidential
 */
export function mappedStore(
  store: ObjectStore | ((location: string) => ObjectStore),
  mappings: readonly LocationMapping[],
  { isMappingRequired = false, namesActual = false }: { isMappingRequired?: boolean; namesActual?: boolean } = {},
): ObjectStore {
  const prefixes = mappings
    .map(({ from, to }) => ({ from: trimTrailingSlashes(from), to: trimTrailingSlashes(to) }))
    .sort((a, b) => b.from.length - a.from.length)

  function resolve(location: string): { store: ObjectStore; actual: string } {
    const mapping = prefixes.find(({ from }) => location === from || location.startsWith(`${from}/`))
    if (!mapping && isMappingRequired) {
      throw outsideLocationError({ location })
    }
    const actual = mapping ? mapping.to + location.slice(mapping.from.length) : location
    return { store: typeof store === 'function' ? store(actual) : store, actual }
  }

  /** Users find the location in the metadata. */
  function withOriginalLocation(error: unknown, location: string): unknown {
    if (!(error instanceof AppError) || !('location' in error.facts)) return error
    const { location: actual } = error.facts
    if (actual === location) return error
    const message =
      namesActual && error.code === 'file-missing' && typeof actual === 'string'
        ? `${error.message} The home was moved or restored, so Lakeshore looked for it at ${actual}.`
        : error.message
    return new AppError(error.code, message, { cause: error, facts: { ...error.facts, location } })
  }

  async function withStore<Result>(
    location: string,
    work: (store: ObjectStore, actual: string) => Promise<Result>,
  ): Promise<Result> {
    try {
      const { store, actual } = resolve(location)
      return await work(store, actual)
    } catch (error) {
      throw withOriginalLocation(error, location)
    }
  }

  return {
    checkLocation(location) {
      try {
        const { store, actual } = resolve(location)
        store.checkLocation(actual)
      } catch (error) {
        throw withOriginalLocation(error, location)
      }
    },
    read: (location, options) => withStore(location, (store, actual) => store.read(actual, options)),
    async stream(location, options) {
      const stream = await withStore(location, (store, actual) => store.stream(actual, options))
      return mapStreamErrors(stream, (error) => withOriginalLocation(error, location))
    },
    sizeBytes: (location, options) => withStore(location, (store, actual) => store.sizeBytes(actual, options)),
    readVersion: (location, options) => withStore(location, (store, actual) => store.readVersion(actual, options)),
    writeNew: (location, bytes) => withStore(location, (store, actual) => store.writeNew(actual, bytes)),
    importFile: (localPath, location) => withStore(location, (store, actual) => store.importFile(localPath, actual)),
    async copyNew(from, to, options) {
      const target = resolve(to)
      return withStore(from, (store, actual) =>
        // Each part of the storage may have credentials of its own.
        store === target.store ? store.copyNew(actual, target.actual, options) : Promise.resolve('not-supported'),
      )
    },
    listNames: (folder, options) => withStore(folder, (store, actual) => store.listNames(actual, options)),
    listFolder: (folder, options) => withStore(folder, (store, actual) => store.listFolder(actual, options)),
    hasFiles: (location) => withStore(location, (store, actual) => store.hasFiles(actual)),
    remove: (location) => withStore(location, (store, actual) => store.remove(actual)),
    removeEmptyFolder: (location) => withStore(location, (store, actual) => store.removeEmptyFolder(actual)),
  }
}

function mapStreamErrors(
  stream: ReadableStream<Uint8Array>,
  mapError: (error: unknown) => unknown,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const next = await reader.read()
          if (next.done) controller.close()
          else controller.enqueue(next.value)
        } catch (error) {
          throw mapError(error)
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

function trimTrailingSlashes(prefix: string): string {
  return prefix.replace(/\/+$/, '')
}
