import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { writeInputFile, type CliResult, tryCli } from './cli'
import { home } from './personas'

/** The load takes many seconds, because the last row does not fit and all rows are read again line by line. */
const ROW_COUNT = 2_000_000
const POLL_INTERVAL_MS = 20
/** How long the process goes on before it is looked at again. */
const SLICE_MS = 100

/** A load that a test can pause while it is running and resume later. */
export class PausableLoad {
  readonly title: string
  /** Resolves when the load has ended. */
  readonly ended: Promise<CliResult>
  readonly #file: string
  #hasEnded = false
  #pausedPids: number[] = []

  private constructor(file: string, ended: Promise<CliResult>) {
    this.title = `Load ${path.basename(file)}`
    this.#file = file
    this.ended = ended.finally(() => (this.#hasEnded = true))
  }

  /** Starts a load with the command line. */
  static async start(name: string): Promise<PausableLoad> {
    const file = await writeInputFile(name, `id,city,fare\n${'1,somewhere,2.25\n'.repeat(ROW_COUNT)}x,y,z\n`)
    const schema = path.join(home(), `${name}.json`)
    const fields = ['id', 'city', 'fare'].map((field, i) => ({
      id: i + 1,
      name: field,
      required: false,
      type: field === 'id' ? 'long' : 'string',
    }))
    await writeFile(schema, JSON.stringify({ type: 'struct', fields }))
    const args = ['ingest', '--table', `lab.${name}`, '--file', file, '--create-schema', schema, '--allow-rejects']
    return new PausableLoad(file, tryCli(args))
  }

  /** Pauses the process that reads the input, as soon as it reads and `isFarEnough` returns true. */
  async pause(isFarEnough: () => Promise<boolean> = async () => true): Promise<void> {
    for (;;) {
      if (this.#hasEnded) throw new Error(`${this.title} ended before it could be paused.`)
      this.#pausedPids = findReaders(this.#file).filter((pid) => signal(pid, 'SIGSTOP'))
      const isReading = this.#pausedPids.length > 0
      // Asked while the process is stopped: on a busy machine the answer may take longer than the load.
      if (isReading && (await isFarEnough())) return
      this.resume()
      await sleep(isReading ? SLICE_MS : POLL_INTERVAL_MS)
    }
  }

  resume(): void {
    for (const pid of this.#pausedPids.splice(0)) signal(pid, 'SIGCONT')
  }
}

/** @returns whether there still is such a process: it ends with its run, which may be cancelled */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

/** Ids of DuckDB processes that have a file open, from Linux's `/proc`. */
function findReaders(file: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const hasOpen = readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === file)
        return hasOpen && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('duckdb-child')
      } catch {
        return false // queued by another user, or ended
      }
    })
    .map(Number)
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
