import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { inputFile, type Ran, tryLakeshore } from './lakeshore'
import { home } from './people'

/** Takes many seconds, as its last row does not fit and all are read again line by line. */
const ROWS = 2_000_000
const LOOK_EVERY_MS = 20

/** A load that lasts until the test lets it go on: whoever looks finds it running, however late they come to look. */
export class HeldLoad {
  readonly title: string
  /** How it ended. */
  readonly ended: Promise<Ran>
  readonly #file: string
  #isOver = false
  #held: number[] = []

  private constructor(file: string, ended: Promise<Ran>) {
    this.title = `Load ${path.basename(file)}`
    this.#file = file
    this.ended = ended.finally(() => (this.#isOver = true))
  }

  /** Begins it, as a person at the same machine would. */
  static async begin(name: string): Promise<HeldLoad> {
    const file = await inputFile(name, `id,city,fare\n${'1,somewhere,2.25\n'.repeat(ROWS)}x,y,z\n`)
    const schema = path.join(home(), `${name}.json`)
    const fields = ['id', 'city', 'fare'].map((field, i) => ({
      id: i + 1,
      name: field,
      required: false,
      type: field === 'id' ? 'long' : 'string',
    }))
    await writeFile(schema, JSON.stringify({ type: 'struct', fields }))
    const args = ['ingest', '--table', `lab.${name}`, '--file', file, '--create-schema', schema, '--allow-rejects']
    return new HeldLoad(file, tryLakeshore(args))
  }

  /** Stops the process that reads the input, as soon as it reads and is as far as is asked for. */
  async holdUp(isFarEnough: () => Promise<boolean> = async () => true): Promise<void> {
    while (this.#held.length === 0) {
      if (this.#isOver) throw new Error(`${this.title} was over before it could be held up.`)
      if (await isFarEnough()) this.#held = readersOf(this.#file)
      if (this.#held.length === 0) await pause(LOOK_EVERY_MS)
    }
    for (const pid of this.#held) process.kill(pid, 'SIGSTOP')
  }

  goOn(): void {
    for (const pid of this.#held.splice(0)) {
      try {
        process.kill(pid, 'SIGCONT')
      } catch {
        // Its run was cancelled meanwhile, and it is gone.
      }
    }
  }
}

/** Processes of DuckDB that have a file open, as Linux tells it. */
function readersOf(file: string): number[] {
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

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
