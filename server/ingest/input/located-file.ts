import 'server-only'
import { stat } from 'node:fs/promises'
import { AppError } from '@/lib/errors'
import { hasErrorCode } from '@/server/error-code'
import type { Stores } from '@/server/storage/stores'
import { type CopyTarget, type InputFile, localInputPath, openInput } from './input-file'

/**
 * A file of this machine, which is read in place, or one of the warehouse's store, which is copied. A load may open it
 * twice, and other programs may write it meanwhile.
 */
export class LocatedFile {
  readonly #stores: Stores
  readonly #location: string
  readonly #name: string
  /** When it was opened first; null before that. */
  #version: string | null = null

  /** @param name for people */
  constructor(stores: Stores, location: string, name: string) {
    this.#stores = stores
    this.#location = location
    this.#name = name
  }

  /** @throws {AppError} file-damaged when it changed since it was opened first; what {@link openInput} throws */
  async open(options: CopyTarget): Promise<InputFile> {
    // A missing file is reported by its reader.
    if (!this.#isLocal) await this.requireUnchanged(options.signal)
    const file = await openInput(this.#stores, this.#location, options)
    await this.requireUnchanged(options.signal)
    return file
  }

  /**
   * Does the work with the opened file, which must not change until it is done.
   *
   * @throws {AppError} file-damaged, also in place of an error of the work that the change explains
   */
  async whileUnchanged<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    if (!this.#isLocal) return work()
    let result: Result
    try {
      result = await work()
    } catch (error) {
      if (error instanceof AppError && error.code !== 'cancelled') await this.requireUnchanged(signal, error)
      throw error
    }
    await this.requireUnchanged(signal)
    return result
  }

  async requireUnchanged(signal: AbortSignal, cause?: unknown): Promise<void> {
    const version = await this.#readVersion(signal)
    this.#version ??= version
    if (version === this.#version) return
    throw new AppError(
      'file-damaged',
      `${this.#name} changed while it was read. Nothing was loaded. Load it again once no program writes it.`,
      { facts: { file: this.#name }, ...(cause !== undefined && { cause }) },
    )
  }

  get #isLocal(): boolean {
    return localInputPath(this.#location) !== null
  }

  async #readVersion(signal: AbortSignal): Promise<string> {
    const file = localInputPath(this.#location)
    if (file !== null) return localVersion(file)
    const { sizeBytes, version } = await this.#stores.warehouseStore().readVersion(this.#location, { signal })
    return `${sizeBytes} ${version}`
  }
}

/** Text that changes when the file is replaced, written or removed. */
export async function localVersion(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true })
    // A program that writes a file can set the time of its last change, and not that of its status.
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error
    return 'removed'
  }
}
