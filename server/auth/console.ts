import 'server-only'
import type { RunActor } from '@/server/db/jobs/task-columns'

/** The actor of the console's own work. */
export const CONSOLE: RunActor = { userId: 'lakeshore', username: 'Lakeshore', role: 'admin' }
