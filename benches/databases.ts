import { startPostgres } from '../testing/databases/postgres-server.ts'
import { postgresSettings } from '../testing/databases/postgres-settings.ts'

/** The two databases that can hold Lakeshore's state, each as people run it: durable. */

export const DATABASES = ['sqlite', 'postgres'] as const
export type DatabaseKind = (typeof DATABASES)[number]

export type BenchDatabase = {
  kind: DatabaseKind
  /** The settings with which Lakeshore uses it. */
  settings: Record<string, string>
  stop: () => Promise<void>
}

/** SQLite needs nothing; a PostgreSQL server is started on a free port. */
export async function startDatabase(kind: DatabaseKind): Promise<BenchDatabase> {
  if (kind === 'sqlite') return { kind, settings: {}, stop: async () => {} }
  const server = await startPostgres({ age: 'newest', collation: 'icu' })
  return { kind, settings: postgresSettings(server.url), stop: () => server.stop() }
}

/** The databases that `--databases` names, or both. */
export function parseDatabases(names: string | undefined): DatabaseKind[] {
  return DATABASES.filter((kind) => names === undefined || names.split(',').includes(kind))
}
