import 'server-only'
import type { RunActor } from '@/server/db/jobs/task-columns'

/** Whoever may run commands on this machine's home, which holds everything already. */
export const COMMAND_LINE: RunActor = { userId: 'command-line', username: 'command line', role: 'admin' }
