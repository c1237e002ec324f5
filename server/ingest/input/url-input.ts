import 'server-only'
import { stat } from 'node:fs/promises'
import { AppError } from '@/lib/errors'
import {
  mightBeSameVersion,
  openUrl,
  requireLoadUrl,
  urlFileName,
  type UrlServices,
  type UrlVersion,
  urlVersionText,
} from '@/server/load-locations/load-url'
import { copyInput, type CopyTarget, type InputFile } from './input-file'

/** A file of a server, which a load may read twice. */
export class UrlFile {
  readonly #services: UrlServices
  readonly #url: URL
  readonly #previewed: string | null
  #sha256: string | null = null

  /**
   * @param previewed the version whose first rows a user saw; null if none is demanded
   * @throws {AppError} invalid-request, location-refused
   */
  constructor(services: UrlServices, text: string, previewed: string | null) {
    this.#services = services
    this.#url = requireLoadUrl(services.config.loadHosts, text)
    this.#previewed = previewed
  }

  get name(): string {
    return urlFileName(this.#url)
  }

  /**
   * Copies the file into a folder of this machine.
   *
   * @throws {AppError} file-damaged when it is not the version that was previewed, or read before, or changes while it is
   *   read; too-large, storage-full; and what requesting it throws
   */
  async copy(target: CopyTarget): Promise<InputFile> {
    const { signal } = target
    const opened = await openUrl(this.#services, this.#url, { signal })
    try {
      if (this.#previewed !== null && urlVersionText(opened.version) !== this.#previewed)
        throw this.#changedError('since its first rows were shown')
      const copy = await copyInput({ name: this.name, sizeBytes: opened.version.sizeBytes ?? 0, ...target }, async () =>
        opened.stream(),
      )
      const { size: sizeBytes } = await stat(copy.path)
      await this.#requireUnchanged({ ...opened.version, sizeBytes }, signal)
      if (this.#sha256 !== null && this.#sha256 !== copy.sha256) throw this.#changedError('since it was read first')
      this.#sha256 = copy.sha256
      return { ...copy, sizeBytes }
    } finally {
      opened.close()
    }
  }

  /** Servers that do not answer HEAD say nothing about it. */
  async #requireUnchanged(version: UrlVersion, signal: AbortSignal): Promise<void> {
    let now: UrlVersion
    try {
      const head = await openUrl(this.#services, this.#url, { method: 'HEAD', signal })
      head.close()
      now = head.version
    } catch (error) {
      if (error instanceof AppError && error.code !== 'file-missing') return
      throw error
    }
    if (!mightBeSameVersion(version, now)) throw this.#changedError('while it was read')
  }

  #changedError(since: string): AppError {
    return new AppError('file-damaged', `${this.name} changed ${since}. Nothing was loaded. Load it again.`, {
      facts: { file: this.name },
    })
  }
}
