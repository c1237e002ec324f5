import 'server-only'
import { DummyDriver, Kysely, type QueryCompiler, SqliteAdapter, SqliteIntrospector } from 'kysely'
import type { Tables } from './tables'

/** A Kysely that only builds statements: the adapters execute them. */
export function createQueryBuilder(compiler: () => QueryCompiler): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: compiler,
    },
  })
}
