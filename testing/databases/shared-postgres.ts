import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'
import { POSTGRES_AGES, type PostgresAge } from './install-postgres.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'

/**
 * The PostgreSQL servers that the test files of one run share. Test files run one after another in processes of their
 * own, so the parent process has the servers: it starts one when the first file needs it.
 */

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers `GET <this>/<age>` with the shared server's URL and version. */
    sharedPostgres: string
  }
}

export type SharedPostgres = Pick<PostgresServer, 'url' | 'version'>

const MAX_CONNECTIONS = 300

/** Called by vitest before the first test file; the function that it returns runs after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started = new Map<PostgresAge, Promise<PostgresServer>>()
  const server = createServer((request, response) => {
    const age = POSTGRES_AGES.find((age) => request.url === `/${age}`)
    if (!age) return void response.writeHead(404).end()
    const shared = started.get(age) ?? startShared(age)
    started.set(age, shared)
    shared.then(
      ({ url, version }) => response.end(JSON.stringify({ url, version } satisfies SharedPostgres)),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    )
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  project.provide('sharedPostgres', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return async () => {
    server.closeAllConnections()
    await new Promise((resolve) => void server.close(resolve))
    for (const result of await Promise.allSettled(started.values()))
      if (result.status === 'fulfilled') await result.value.stop()
  }
}

/** The oldest compares text by its bytes, the newest by the rules of a language: Lakeshore has to work with both. */
function startShared(age: PostgresAge): Promise<PostgresServer> {
  const collation = age === 'oldest' ? 'c' : 'icu'
  return startPostgres({ age, collation, isDurable: false, maxConnections: MAX_CONNECTIONS })
}
