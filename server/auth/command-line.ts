import 'server-only'
import type { RunActor } from '@/server/db/jobs/task-columns'

/** A person who may run commands on this machine's home, and so can access everything already. */
export const COMMAND_LINE: RunActor = { userId: 'command-line', username: 'command line', role: 'admin' }
