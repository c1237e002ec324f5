import 'server-only'
import { AppError, ERROR_CODES } from '@/lib/errors'
import { withShellCommands } from '@/lib/names/lakeshore-commands'
import { ConfigError } from '@/server/config/config'
import type { Services } from '@/server/services'
import { requireSharedSettings } from '@/server/startup/shared-settings'
import { backupVerb } from './backup'
import { demoVerb } from './demo'
import { ingestVerb } from './ingest'
import { grantVerb } from './grant'
import { groupVerb } from './group'
import { homeVerb } from './home'
import { initVerb } from './init'
import { locationsVerb } from './load/locations'
import { mapStack } from './terminal/map-stack'
import { policyVerb } from './policy'
import { restoreVerb } from './restore'
import { stateVerb } from './state'
import { tokenVerb } from './token'
import { jobsVerb } from './jobs'
import { scheduleVerb } from './schedule'
import { tableVerb } from './table'
import { userVerb } from './user'
import { type Terminal, UsageError, type Verb } from './verb'

/** The commands, by their names. */
export const VERBS: Readonly<Record<string, Verb>> = {
  init: initVerb,
  user: userVerb,
  group: groupVerb,
  grant: grantVerb,
  policy: policyVerb,
  token: tokenVerb,
  ingest: ingestVerb,
  locations: locationsVerb,
  table: tableVerb,
  jobs: jobsVerb,
  schedule: scheduleVerb,
  demo: demoVerb,
  home: homeVerb,
  backup: backupVerb,
  restore: restoreVerb,
  state: stateVerb,
}

const EXIT = { done: 0, notDone: 1, usage: 2, stopped: 130 } as const

/**
 * Runs one verb and prints errors in words.
 *
 * @returns the exit code
 */
export async function runLakeshore(
  args: readonly string[],
  terminal: Terminal,
  openServices: () => Services,
): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    terminal.print(overview())
    return name === undefined ? EXIT.usage : EXIT.done
  }
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined
  if (!verb) {
    terminal.printMessage(`Unknown command "${name}".\n\n${overview()}`)
    return EXIT.usage
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.print(withShellCommands(verb.help))
    return EXIT.done
  }
  const opener = {
    openUncheckedServices: openServices,
    async openServices() {
      const services = openServices()
      await requireSharedSettings(services)
      return services
    },
  }
  try {
    return await verb.run(rest, terminal, opener)
  } catch (error) {
    return reportError(error, { name, verb, terminal })
  }
}

function reportError(
  error: unknown,
  { name, verb, terminal }: { name: string; verb: Verb; terminal: Terminal },
): number {
  if (error instanceof UsageError) {
    terminal.printMessage(`lakeshore ${name}: ${error.message}\n\n${withShellCommands(usageOf(name, verb))}`)
    return EXIT.usage
  }
  if (terminal.signal.aborted) {
    terminal.printMessage('Stopped.')
    return EXIT.stopped
  }
  if (error instanceof AppError) {
    terminal.printMessage(`${ERROR_CODES[error.code].title}: ${error.message}`)
    for (const [fact, value] of Object.entries(error.facts)) terminal.printMessage(`  ${fact}: ${value ?? 'none'}`)
  } else if (error instanceof ConfigError) {
    terminal.printMessage(error.message)
  } else {
    terminal.printMessage(error instanceof Error ? mapStack(error.stack ?? error.message) : String(error))
  }
  return EXIT.notDone
}

/** The first lines of a long help, so that the message above them stays on the screen. */
function usageOf(name: string, { help }: Verb): string {
  const [usage, ...others] = help.split('\n\n')
  return others.length === 0 ? help : `${usage}\n\nlakeshore ${name} --help says more.`
}

function overview(): string {
  const width = Math.max(...Object.keys(VERBS).map((name) => name.length))
  const lines = Object.entries(VERBS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return [withShellCommands('Use: lakeshore <verb> [--help]'), '', ...lines].join('\n')
}
