import * as z from 'zod'

/**
 * Where a change came from: the console, a program over the REST catalog (`engine`), a job, the command line, the demo
 * lake, the server itself, or a commit that only the table's metadata knows.
 */
export const changeSource = z.enum(['console', 'engine', 'job', 'command-line', 'demo', 'server', 'commit'])
export type ChangeSource = z.output<typeof changeSource>

/** The origin of a change as the audit stores it. `job` is the kind of the run. */
export type ChangeOrigin = { kind: 'console' | 'engine' | 'command-line' | 'demo' } | { kind: 'job'; job: string }
