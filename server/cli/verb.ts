import 'server-only'
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import type { Services } from '@/server/services'

/** One verb of `npm run lakeshore -- <verb>`. */
export type Verb = {
  /** One line, for the list of verbs. */
  summary: string
  /** Whole, for `lakeshore <verb> --help`. */
  help: string
  /**
   * Does the work. What it answers goes to `out`, so that it can be piped; what it says besides goes to `say`.
   *
   * @returns the exit code: 0 done, 1 not done
   * @throws {UsageError} for arguments it cannot use
   */
  run(args: readonly string[], terminal: Terminal, opener: ServicesOpener): Promise<number>
}

/** Makes the services, once; the home is settled with them. */
export type ServicesOpener = {
  /** @throws {ConfigError} where other processes on the same database have other settings */
  openServices(): Promise<Services>
  /** For a verb that compares the settings itself. */
  openUncheckedServices(): Services
}

export type Terminal = {
  out(line: string): void
  say(line: string): void
  /** The next line typed or piped in, shown as it is typed unless hidden; null at the end of the input. */
  ask(prompt: string, options?: { isHidden?: boolean }): Promise<string | null>
  /** Aborted by Ctrl-C or SIGTERM. */
  signal: AbortSignal
}

/** Arguments that cannot be used; the message names them. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * Flags and words of a verb (`node:util` parseArgs, strict).
 *
 * @throws {UsageError} naming a flag that is not known or has no value
 */
export function readArguments<Options extends ParseArgsOptionsConfig>(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message, { cause: error })
    throw error
  }
}
