import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { type FlinkGateway, startFlinkGateway } from '../flink.ts'
import { FLINK_JARS, FLINK_LIB_JARS } from '../flink-jars.ts'
import { installPyiceberg } from '../install-pyiceberg.ts'
import { installPyspark } from '../install-pyspark.ts'
import { installTrino } from '../install-trino.ts'
import { ICEBERG_AWS, POSTGRES_JDBC, SPARK_RUNTIME, SQLITE_JDBC } from '../jars.ts'
import { fetchJars } from '../maven.ts'
import { sparkEnvironment } from '../spark-environment.ts'
import { startSharedTrino } from '../trino-server.ts'
import { type PythonSocket, startPythonServer } from './python-server.ts'

/**
 * The engines that the test files of one run share. Test files run in separate processes, so the parent process has the
 * engines: it starts one when the first file needs it. A file that needs other jars, other environment variables or an
 * engine that a snippet configures starts another one.
 */

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers `GET <this>/<peer>` with how to reach a shared {@link PeerName}. */
    sharedPeers: string
  }
}

/** How a test file reaches each. Trino has a URL. */
export type PeerAddresses = { spark: PythonSocket; pyiceberg: PythonSocket; trino: string; flink: FlinkGateway }
export type PeerName = keyof PeerAddresses

type Running<Address> = { address: Address; stop: () => Promise<void> }

const STARTS: { readonly [Name in PeerName]: (folder: string) => Promise<Running<PeerAddresses[Name]>> } = {
  spark: startSpark,
  pyiceberg: (folder) =>
    startPythonServer({
      name: 'pyiceberg',
      python: known(installPyiceberg(), 'PyIceberg'),
      program: 'pyiceberg_session.py',
      settings: {},
      folder,
    }),
  trino: async (folder) => {
    const { url, stop } = await startSharedTrino(await installTrino(), folder)
    return { address: url, stop }
  },
  flink: async (folder) => {
    const { stop, ...address } = await startFlinkGateway(folder, await fetchJars([...FLINK_JARS, ...FLINK_LIB_JARS]))
    return { address, stop }
  },
}

/** Called by vitest before the first test file; the function that it returns runs after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-peers-'))
  const started = new Map<string, Promise<Running<unknown>>>()
  const server = createServer((request, response) => {
    const name = (Object.keys(STARTS) as PeerName[]).find((name) => request.url === `/${name}`)
    if (!name) return void response.writeHead(404).end()
    const shared = started.get(name) ?? STARTS[name](path.join(folder, name))
    started.set(name, shared)
    shared.then(
      ({ address }) => response.end(JSON.stringify(address)),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    )
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  project.provide('sharedPeers', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return async () => {
    server.closeAllConnections()
    await new Promise((resolve) => void server.close(resolve))
    for (const result of await Promise.allSettled(started.values()))
      if (result.status === 'fulfilled') await result.value.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** With all jars that any of its sessions needs. */
async function startSpark(folder: string): Promise<Running<PythonSocket>> {
  const jars = await fetchJars([SPARK_RUNTIME, ICEBERG_AWS, SQLITE_JDBC, POSTGRES_JDBC])
  const python = known(installPyspark(), 'PySpark')
  return startPythonServer({
    name: 'spark',
    python,
    program: 'spark_session.py',
    settings: { jar: jars.join(','), scratch: path.join(folder, 'scratch'), memory: '2g' },
    // Spark returns times in the zone of its process.
    env: { ...sparkEnvironment(python), TZ: 'UTC' },
    folder,
  })
}

function known<Value>(value: Value | null, name: string): Value {
  if (value === null) throw new Error(`${name} is not available.`)
  return value
}
