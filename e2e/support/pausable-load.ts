import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { writeInputFile, type CliResult, tryCli } from './cli'
import { home } from './personas'

/** Takes many seconds, as its last row does not fit and all are read again line by line. */
const ROW_COUNT = 2_000_000
const POLL_INTERVAL_MS = 20

/** A load that lasts until the test lets it go on: whoever looks finds it running, however late they come to look. */
export class PausableLoad {
  readonly title: string
  /** How it ended. */
  readonly ended: Promise<CliResult>
  readonly #file: string
  #hasEnded = false
  #pausedPids: number[] = []

  private constructor(file: string, ended: Promise<CliResult>) {
    this.title = `Load ${path.basename(file)}`
    this.#file = file
    this.ended = ended.finally(() => (this.#hasEnded = true))
  }

  /** Begins it, as a person at the same machine would. */
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

  /** Stops the process that reads the input, as soon as it reads and is as far as is asked for. */
  async pause(isFarEnough: () => Promise<boolean> = async () => true): Promise<void> {
    while (this.#pausedPids.length === 0) {
      if (this.#hasEnded) throw new Error(`${this.title} was over before it could be held up.`)
      if (await isFarEnough()) this.#pausedPids = findReaders(this.#file)
      if (this.#pausedPids.length === 0) await sleep(POLL_INTERVAL_MS)
    }
    for (const pid of this.#pausedPids) process.kill(pid, 'SIGSTOP')
  }

  resume(): void {
    for (const pid of this.#pausedPids.splice(0)) {
      try {
        process.kill(pid, 'SIGCONT')
      } catch {
        // Its run was cancelled meanwhile, and it is gone.
      }
    }
  }
}

/** Processes of DuckDB that have a file open, as Linux tells it. */
function findReaders(file: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const hasOpen = readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === file)
        return hasOpen && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('duckdb-child')
      } catch {
        return false // of somebody else, or gone
      }
    })
    .map(Number)
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
