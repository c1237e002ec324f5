import 'server-only'

/** How a PostgreSQL database is reached. */
export type PostgresSettings = {
  /** `postgres://user:password@host:port/database`, with `sslmode` and `sslrootcert` as libpq has them. */
  url: string
  /** Of Lakeshore's own tables and the catalog's. */
  schema: string
  poolSize: number
  /** After which a statement is given up, by the server and, a little later, by the client. */
  statementTimeoutMs: number
}
