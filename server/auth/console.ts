import 'server-only'
import type { RunActor } from '@/server/db/jobs/task-columns'

/** The actor of what the console does by itself. */
export const CONSOLE: RunActor = { userId: 'lakeshore', username: 'Lakeshore', role: 'admin' }
