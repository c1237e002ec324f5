import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { MACHINE_CLOCK, setClock } from '@/server/timing/clock'

/**
 * The time of day of the server, and of programs that run under `faketime`. It stands still until it is moved. Timers and
 * durations are those of the machine.
 */
export class InventedClock {
  readonly #file: string
  #nowMs = 0

  /** @param file tells other programs the time */
  constructor(file: string, nowMs: number) {
    this.#file = file
    this.moveTo(nowMs)
    setClock({ ...MACHINE_CLOCK, nowMs: () => this.#nowMs })
  }

  get nowMs(): number {
    return this.#nowMs
  }

  moveTo(nowMs: number): void {
    // Never empty: programs read it at each look at the clock.
    writeFileSync(`${this.#file}.new`, new Date(nowMs).toISOString().replace('T', ' ').replace('Z', ''))
    renameSync(`${this.#file}.new`, this.#file)
    this.#nowMs = nowMs
  }

  /** The environment of a program with this clock. It cannot sleep. @param library that of `faketime` */
  environment(library: string): Record<string, string> {
    return {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      // Otherwise each wait with a timeout ends at once, and is begun again.
      FAKETIME_FORCE_MONOTONIC_FIX: '0',
      NO_FAKE_STAT: '1',
      TZ: 'UTC',
    }
  }

  /**
   * A Java with this clock, as `JAVA_HOME`: the program that starts it, which may have to sleep, keeps its own.
   *
   * @param folder a new one
   */
  writeJavaHome(folder: string, library: string): string {
    const settings = Object.entries(this.environment(library)).map(([name, value]) => `${name}='${value}'`)
    mkdirSync(path.join(folder, 'bin'), { recursive: true })
    const script = `#!/bin/sh\nPATH='${process.env.PATH}' exec env ${settings.join(' ')} java "$@"\n`
    writeFileSync(path.join(folder, 'bin', 'java'), script, { mode: 0o755 })
    return folder
  }

  release(): void {
    setClock(null)
  }
}
