import 'server-only'
import type { Readable } from 'node:stream'
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import type { Services } from '@/server/services'

/** One command of `npm run lakeshore -- <verb>`. */
export type Verb = {
  /** One line for the overview. */
  summary: string
  /** The full text of `lakeshore <verb> --help`. */
  help: string
  /**
   * Does the work. Results go to `out`, so that they can be piped; messages go to `say`.
   *
   * @returns the exit code: 0 done, 1 not done
   * @throws {UsageError} for arguments it cannot use
   */
  run(args: readonly string[], terminal: Terminal, opener: ServicesOpener): Promise<number>
}

/** Creates the services once; the home is settled with them. */
export type ServicesOpener = {
  /** @throws {ConfigError} when other processes on the same database have other settings */
  openServices(): Promise<Services>
  /** For a verb that compares the settings itself. */
  openUncheckedServices(): Services
}

export type Terminal = {
  print(line: string): void
  printMessage(line: string): void
  /** Reads the next line typed or piped in, echoed unless hidden; null at the end of the input. */
  prompt(prompt: string, options?: { isHidden?: boolean }): Promise<string | null>
  /** The bytes that come through a pipe; null or absent when the input is a terminal. */
  pipe?: Readable | null
  /** Aborted by Ctrl-C or SIGTERM. */
  signal: AbortSignal
}

/** An argument that cannot be used; the message names it. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * Reads the flags and positional arguments of a verb (`node:util` parseArgs, strict). Tokens have their order.
 *
 * @throws {UsageError} for an unknown flag, or a flag without its value
 */
export function readArguments<Options extends ParseArgsOptionsConfig>(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true, tokens: true })
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message, { cause: error })
    throw error
  }
}
