import { startPostgres } from '../testing/databases/postgres-server.ts'
import { postgresSettings } from '../testing/databases/postgres-settings.ts'

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
  return { kind, settings: postgresSettings(server.url), stop: () => server.stop() }
}

/** Those that `--databases` names, or both. */
export function parseDatabases(names: string | undefined): DatabaseKind[] {
  return DATABASES.filter((kind) => names === undefined || names.split(',').includes(kind))
}
