import 'server-only'
import { AppError } from '@/lib/errors'
import { parseLocation } from '@/server/locations/location-gate'
import type { ByteRange, FileVersion, FolderPage, ObjectStore } from '@/server/storage/object-store'

/** The name of a location and a path below it, as users write them. */
export type LocationPath = { location: string; path: string }

export type LocationPage = FolderPage & {
  /** With the entries that are left out. */
  entryCount: number
}

export function locationPathLabel({ location, path }: LocationPath): string {
  return path === '' ? location : `${location}/${path}`
}

/**
 * The files of a load location by their paths below it. Errors name the location and the path, and not the bucket or the
 * folder of the server.
 */
export class LocationFiles {
  readonly name: string
  readonly #root: string
  readonly #store: ObjectStore

  /** @param store whose only root is the location */
  constructor({ name, location }: { name: string; location: string }, store: ObjectStore) {
    this.name = name
    this.#root = location
    this.#store = store
  }

  /**
   * A page of a folder. Leaves out hidden files and folders, and names that cannot be part of a path.
   *
   * @param folder empty for the location itself, which may have no files yet
   * @throws {AppError} file-missing for a folder that does not exist, location-refused
   */
  async listFolder(
    folder: string,
    options: { limit: number; pageToken: string | null; signal: AbortSignal },
  ): Promise<LocationPage> {
    const location = folder === '' ? this.#root : this.#toLocation(folder)
    const page = await this.#naming(folder, () => this.#store.listFolder(location, options))
    if (page.isMissing && folder !== '')
      throw new AppError('file-missing', `There is no folder ${this.#label(folder)}.`, {
        facts: { folder: this.#label(folder) },
      })
    const isListed = (name: string) => !isHidden(name) && isFilePath(name)
    return {
      ...page,
      entryCount: page.folders.length + page.files.length,
      folders: page.folders.filter(isListed),
      files: page.files.filter(({ name }) => isListed(name)),
    }
  }

  /** @throws {AppError} file-missing, location-refused */
  async readVersion(path: string, signal: AbortSignal): Promise<FileVersion> {
    const location = this.#toLocation(path)
    return this.#naming(path, () => this.#store.readVersion(location, { signal }))
  }

  /** The first `sizeBytes` bytes. @throws {AppError} file-missing, file-damaged for a shorter file, location-refused */
  async *stream(path: string, sizeBytes: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const location = this.#toLocation(path)
    try {
      yield* await this.#store.stream(location, { range: { start: 0, end: sizeBytes }, signal })
    } catch (error) {
      throw this.#named(error, path)
    }
  }

  /** Bytes from within a file. @throws {AppError} as {@link LocationFiles.stream} */
  async readRange(path: string, range: ByteRange, signal: AbortSignal): Promise<Uint8Array> {
    const location = this.#toLocation(path)
    return this.#naming(path, () => this.#store.read(location, { range, signal }))
  }

  #toLocation(path: string): string {
    requireFilePath({ location: this.name, path })
    return `${this.#root}/${path}`
  }

  #label(path: string): string {
    return locationPathLabel({ location: this.name, path })
  }

  async #naming<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (error) {
      throw this.#named(error, path)
    }
  }

  #named(error: unknown, path: string): unknown {
    if (!(error instanceof AppError)) return error
    const file = this.#label(path)
    const facts = { ...error.facts, location: this.name, file }
    if (error.code === 'location-refused') return refusedPathError({ location: this.name, path }, error)
    const detail = error.code === 'file-missing' ? `There is no file ${file}.` : `${file}: ${error.message}`
    return new AppError(error.code, detail, { cause: error, facts })
  }
}

/**
 * Whether a text is a plain path below a folder: names between single slashes, none of which leads elsewhere, also when
 * a program decodes it.
 */
export function isFilePath(path: string): boolean {
  return path.split('/').every((name) => name !== '') && parseLocation(`file:///${path}`) !== null
}

/** @throws {AppError} location-refused */
export function requireFilePath(file: LocationPath): void {
  if (!isFilePath(file.path)) throw refusedPathError(file)
}

/** Engines write such files next to data: `_SUCCESS`, `.part-0.crc`. */
function isHidden(name: string): boolean {
  return /^[._]/.test(name)
}

function refusedPathError({ location, path }: LocationPath, cause?: Error): AppError {
  return new AppError(
    'location-refused',
    `${path} is not a path of a file in the location ${location}: it, or a link in it, leads out of the location.`,
    { facts: { location, path }, ...(cause && { cause }) },
  )
}
