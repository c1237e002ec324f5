import 'server-only'
import { hostname, userInfo } from 'node:os'
import type { RunActor } from '@/server/db/jobs/task-columns'

const MAX_PART_CHARS = 64

/**
 * The actor of commands on this machine's home. A person who may run them can access everything already. The name has
 * the user and the host as the operating system reports them, which an admin of the machine can change.
 */
export const COMMAND_LINE = {
  userId: 'command-line',
  username: commandLineName(systemUser(), hostname()),
  role: 'admin',
  origin: { kind: 'command-line' },
} as const satisfies RunActor

/** `command line (ada@host)`; a part that is not known is left out. */
export function commandLineName(user: string | null, host: string): string {
  const parts = [user ?? '', host].map((part) => part.slice(0, MAX_PART_CHARS).toWellFormed())
  const text = parts.filter((part) => part !== '').join('@')
  return text === '' ? 'command line' : `command line (${text})`
}

/** Null for a user that the system has no name for, as in containers that run under any number. */
function systemUser(): string | null {
  try {
    return userInfo().username
  } catch {
    return null
  }
}
