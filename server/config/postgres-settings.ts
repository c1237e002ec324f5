import 'server-only'

/** How to reach a PostgreSQL database. */
export type PostgresSettings = {
  /** `postgres://user:password@host:port/database`, with `sslmode` and `sslrootcert` as in libpq. */
  url: string
  /** The schema of Lakeshore's own tables and the catalog's. */
  schema: string
  poolSize: number
  /** After this time a statement is cancelled by the server and, a little later, given up by the client. */
  statementTimeoutMs: number
}
