import 'server-only'
import type { RunActor } from '@/server/db/jobs/task-columns'

/** The actor of commands on this machine's home. A person who may run them can access everything already. */
export const COMMAND_LINE = {
  userId: 'command-line',
  username: 'command line',
  role: 'admin',
  origin: { kind: 'command-line' },
} as const satisfies RunActor
