import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { CacheFile } from './cache-file.ts'
import type { ImportGraph } from './import-graph.ts'
import type { ListedFault } from './listed-faults.ts'
import type { TestFile, TestProcess } from './test-process.ts'

/** The run of a test file without any fault: faults are identified by their ids. */
type FileReach = { durationMs: number; error: string | null; reached: readonly string[]; loaded: readonly string[] }

const MAX_REACH_RUN_MS = 3 * 60 * 60_000
/** Test files of one request, so that a stopped run keeps its measurements. */
const BATCH_SIZE = 40

/** The test files that run through the code of each fault, measured once for every test file and its imports. */
export class Reach {
  readonly #cache: CacheFile<FileReach>
  readonly #graph: ImportGraph
  readonly #faults: readonly ListedFault[]
  readonly #choice: string
  readonly #folder: string
  readonly #keys = new Map<string, string>()

  constructor(folder: string, graph: ImportGraph, faults: readonly ListedFault[]) {
    this.#folder = path.resolve(folder, 'reach')
    this.#cache = new CacheFile(path.join(folder, 'reach.json'))
    this.#graph = graph
    this.#faults = faults
    const choice = faults.map(({ id }) => id).toSorted()
    this.#choice = createHash('sha256').update(choice.join('\n')).digest('hex').slice(0, 16)
  }

  /** Names a test file together with the state of its imports. */
  keyOf({ project, file }: TestFile): string {
    const name = `${project} ${file}`
    const key = this.#keys.get(name) ?? `${name} ${this.#graph.digestOf(sourcesOf({ project, file }))}`
    this.#keys.set(name, key)
    return key
  }

  async measure(tests: TestProcess, files: readonly TestFile[], onBatch: (left: number) => void): Promise<void> {
    const seededFiles = new Set(this.#faults.map(({ file }) => file))
    const unknown = files.filter(
      (file) =>
        // A test that failed may have met a busy machine.
        this.#find(file)?.error !== null &&
        sourcesOf(file).some((source) => [...this.#graph.closureOf(source)].some((one) => seededFiles.has(one))),
    )
    for (let from = 0; from < unknown.length; from += BATCH_SIZE) {
      onBatch(unknown.length - from)
      rmSync(this.#folder, { recursive: true, force: true })
      mkdirSync(this.#folder, { recursive: true })
      const batch = unknown.slice(from, from + BATCH_SIZE)
      const { results, isTimedOut } = await tests.run(
        { files: batch, isStoppedByFailure: false },
        { seeded: null, reachFolder: this.#folder },
        MAX_REACH_RUN_MS,
      )
      if (isTimedOut) throw new Error('The tests did not end without any fault.')
      for (const { durationMs, error, ...file } of results)
        this.#cache.entries.set(this.#entryOf(file), { durationMs, error, ...this.#readReach(file.file) })
      this.#cache.save()
    }
  }

  /** The test files that failed without any fault, which therefore cannot catch one. */
  failuresOf(files: readonly TestFile[]): { file: string; error: string }[] {
    return files.flatMap((file) => {
      const error = this.#find(file)?.error ?? null
      return error === null ? [] : [{ file: file.file, error }]
    })
  }

  /** The test files that run through a fault, those of its own folder first, then the quickest. */
  testsOf(fault: ListedFault, files: readonly TestFile[]): TestFile[] {
    const isLoaded = files.some((file) => this.#find(file)?.loaded.includes(fault.id))
    const folder = path.dirname(fault.file)
    return files
      .filter((file) => {
        const known = this.#find(file)
        if (!known || known.error !== null) return false
        if (known.reached.includes(fault.id)) return true
        // Modules are loaded once for many test files, and only the first is seen to load them.
        return isLoaded && this.#graph.closureOf(file.file).has(fault.file)
      })
      .toSorted(
        (one, other) =>
          Number(path.dirname(other.file) === folder) - Number(path.dirname(one.file) === folder) ||
          this.durationMs(one) - this.durationMs(other),
      )
  }

  durationMs(file: TestFile): number {
    return this.#find(file)?.durationMs ?? 0
  }

  #find(file: TestFile): FileReach | undefined {
    return this.#cache.entries.get(this.#entryOf(file))
  }

  #entryOf(file: TestFile): string {
    return `${this.keyOf(file)} ${this.#choice}`
  }

  #readReach(file: string): Pick<FileReach, 'reached' | 'loaded'> {
    const record = path.join(this.#folder, encodeURIComponent(file))
    if (!existsSync(record)) return { reached: [], loaded: [] }
    const hits = readFileSync(record, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { number: number; isLoading: boolean })
    const idsOf = (isLoading: boolean) => {
      const numbers = new Set(hits.filter((hit) => hit.isLoading === isLoading).map(({ number }) => number))
      return this.#faults.filter((fault) => numbers.has(fault.number)).map(({ id }) => id)
    }
    return { reached: idsOf(false), loaded: idsOf(true) }
  }
}

/** Programs that tests start are not imported by them. */
function sourcesOf({ project, file }: TestFile): string[] {
  const programs = [
    'server/web/main.ts',
    'server/worker/main.ts',
    'server/cli/main.ts',
    'server/ingest/run/duckdb-child.ts',
  ]
  return project === 'integration' ? [file, ...programs] : [file]
}
