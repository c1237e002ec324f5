import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { inject } from 'vitest'
import { connectToFlink, type Flink } from '../flink'
import { inOrder, type PythonSession, readReply } from '../python-session'
import { queryTrino, type TrinoServer } from '../trino-server'
import type { PeerAddresses, PeerName } from './start-peers'

/** Sessions in the engines that all test files of the run share; the first one that is opened starts its engine. */

/** A session in Spark. @param catalog the properties of its catalog `peer`, by default a REST catalog */
export function openSpark(catalog: Readonly<Record<string, string>>): PythonSession {
  return openPythonSession('spark', { catalog })
}

/** A session in PyIceberg. @param settings the properties of its catalog, by default a REST catalog named `peer` */
export function openPyiceberg(settings: Readonly<Record<string, string>>): PythonSession {
  return openPythonSession('pyiceberg', settings)
}

/** Settings of a catalog whose tables have their files on this machine. */
export const TRINO_ON_THIS_DISK = { 'fs.native-local.enabled': 'true', 'local.location': '/' } as const

/** The lines of a catalog file of Trino. */
export type TrinoCatalog = Readonly<Record<string, string>>

/**
 * Gives Trino these catalogs until they are stopped, by name. One file at a time can use them. Catalogs of the same
 * name that a failed file left are removed.
 */
export async function openTrino(catalogs: Readonly<Record<string, TrinoCatalog>>): Promise<TrinoServer> {
  const url = await findPeer('trino')
  const sql = (statement: string) => queryTrino(url, statement)
  const stop = async () => {
    for (const name of Object.keys(catalogs)) await sql(`DROP CATALOG IF EXISTS ${name}`)
  }
  await stop()
  for (const [name, { 'connector.name': connector, ...properties }] of Object.entries(catalogs)) {
    const settings = Object.entries(properties).map(([key, value]) => `"${key}" = '${value.replaceAll("'", "''")}'`)
    await sql(`CREATE CATALOG ${name} USING ${connector} WITH (${settings.join(', ')})`)
  }
  return { sql, stop }
}

/** A REST catalog whose tables have their files on this machine. */
export function trinoRestCatalog(uri: string, token?: string): TrinoCatalog {
  return {
    'connector.name': 'iceberg',
    'iceberg.catalog.type': 'rest',
    'iceberg.rest-catalog.uri': uri,
    ...(token !== undefined && {
      'iceberg.rest-catalog.warehouse': 'local',
      'iceberg.rest-catalog.security': 'OAUTH2',
      'iceberg.rest-catalog.oauth2.token': token,
    }),
    ...TRINO_ON_THIS_DISK,
  }
}

/** The SQL client of Flink, on a gateway with the jars that a snippet of local files names. */
export async function openFlink(): Promise<Pick<Flink, 'run'>> {
  return connectToFlink(await findPeer('flink'))
}

function openPythonSession(peer: 'spark' | 'pyiceberg', settings: object): PythonSession {
  const connecting = connectToPython(peer, settings)
  connecting.catch(() => undefined) // the first request gets the error
  return {
    request: inOrder(async (request) => (await connecting).exchange(request)),
    stop: async () => {
      const connection = await connecting.catch(() => null)
      connection?.socket.end()
    },
  }
}

type Connection = { socket: Socket; exchange: (request: object) => Promise<unknown> }

async function connectToPython(peer: 'spark' | 'pyiceberg', settings: object): Promise<Connection> {
  const { path, logFile } = await findPeer(peer)
  const socket = connect(path)
  socket.on('error', () => undefined) // the missing line shows that the program ended
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  const exchange = async (request: object) => {
    socket.write(`${JSON.stringify(request)}\n`)
    return readReply(await lines.next(), peer, logFile)
  }
  await exchange(settings)
  return { socket, exchange }
}

/** @throws when the engine is not available */
async function findPeer<Name extends PeerName>(name: Name): Promise<PeerAddresses[Name]> {
  const response = await fetch(`${inject('sharedPeers')}/${name}`)
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as PeerAddresses[Name]
}
