import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** A record in `.cache` that survives a run that is stopped. */
export class CacheFile<T> {
  readonly entries: Map<string, T>
  readonly #file: string

  constructor(file: string) {
    this.#file = file
    this.entries = new Map(existsSync(file) ? Object.entries(JSON.parse(readFileSync(file, 'utf8')) as object) : [])
  }

  save(): void {
    mkdirSync(path.dirname(this.#file), { recursive: true })
    const draft = `${this.#file}.draft`
    writeFileSync(draft, JSON.stringify(Object.fromEntries(this.entries), null, 1))
    renameSync(draft, this.#file)
  }
}
