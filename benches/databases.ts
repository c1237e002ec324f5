import { randomBytes } from 'node:crypto'
import { startPostgres } from '../scripts/postgres-server.ts'

/** The two databases that Lakeshore's state may lie in, each as it is run by people: durable. */

export const DATABASES = ['sqlite', 'postgres'] as const
export type DatabaseKind = (typeof DATABASES)[number]

export type BenchDatabase = {
  kind: DatabaseKind
  /** What Lakeshore is told of it. */
  settings: Record<string, string>
  stop: () => Promise<void>
}

/** SQLite needs nothing; a PostgreSQL server is started on a free port. */
export async function startDatabase(kind: DatabaseKind): Promise<BenchDatabase> {
  if (kind === 'sqlite') return { kind, settings: {}, stop: async () => {} }
  const server = await startPostgres({ age: 'newest', collation: 'icu' })
  const settings = {
    LAKESHORE_DATABASE_URL: server.url,
    LAKESHORE_SHARED_FILES: 'true',
    LAKESHORE_SECRET: randomBytes(48).toString('base64url'),
    LAKESHORE_SEALING_KEY: randomBytes(48).toString('base64url'),
  }
  return { kind, settings, stop: () => server.stop() }
}

/** Those that `--databases` names, or both. */
export function chosenDatabases(names: string | undefined): DatabaseKind[] {
  return DATABASES.filter((kind) => names === undefined || names.split(',').includes(kind))
}
