import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { readTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { resolveAsOf } from '@/lib/iceberg/metadata/snapshot-graph'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Json } from '@/lib/iceberg/json/json'
import { COMMONS_LANG, SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { type PythonSession, startPython } from '@/testing/peers/python-session'
import { startRestFixture } from '@/testing/peers/rest-fixture'
import { openGoldenFlink } from './flink-golden'
import type { MetadataTableRows } from './golden-metadata-tables'
import type { GoldenReader, GoldenRecipe } from './golden-recipes'
import { GOLDEN_ROOT, type GoldenRead, type GoldenRows, type GoldenTable } from './golden-tables'
import { writeLakeshoreTable } from './lakeshore-golden'
import { openGoldenTrino } from './trino-golden'

/** The target of a read: a snapshot, or a branch or tag. */
export type ReadTarget = Pick<GoldenRead, 'snapshotId' | 'ref'>

/** Iceberg's own REST catalog with engines on it, which write and read golden tables below {@link GOLDEN_ROOT}. */
export type GoldenCatalog = {
  write: (recipe: GoldenRecipe) => Promise<void>
  /** Copies a recorded table to where it was written, and registers it, unless it is already. */
  register: (table: GoldenTable) => Promise<void>
  read: (reader: GoldenReader | 'lineage', table: string, target: ReadTarget) => Promise<GoldenRows>
  /** Spark's columns, with their types, and rows of a metadata table. */
  readMetadataTable: (table: string, name: string, snapshotId?: string) => Promise<MetadataTableRows>
  /** Trino's columns, and the values of numbers, texts and times as text. */
  readMetadataTableWithTrino: (table: string, name: string) => Promise<MetadataTableRows>
  loadTable: (table: string) => Promise<LoadedTable>
  stop: () => Promise<void>
}

export type LoadedTable = { metadataLocation: string; metadata: TableMetadata }

type Installed = { pyspark: string; pyiceberg: string }

/** Starts the catalog at once, and each engine when it is first needed. */
export async function startGoldenCatalog({ pyspark, pyiceberg }: Installed): Promise<GoldenCatalog> {
  const folder = mkdtempSync(path.join(tmpdir(), 'golden-catalog-'))
  rmSync(GOLDEN_ROOT, { recursive: true, force: true })
  mkdirSync(GOLDEN_ROOT)
  const { uri, stop } = await startRestFixture(folder)
  await request(`${uri}/v1/namespaces`, { namespace: ['golden'] })

  const registered = new Set<string>()
  const stops: (() => Promise<void>)[] = []
  const started = async <Engine extends { stop: () => Promise<void> }>(engine: Promise<Engine> | Engine) => {
    const running = await engine
    stops.push(running.stop)
    return running
  }
  const python = (name: string, interpreter: string, jars: object = {}): Promise<PythonSession> => {
    const program = `../golden/${name}_golden.py`
    const settings = { ...jars, uri, scratch: path.join(folder, 'scratch'), root: `file://${GOLDEN_ROOT}` }
    const env = { SPARK_LOCAL_IP: '127.0.0.1', TZ: 'UTC' }
    return started(startPython({ name: `${name}-golden`, python: interpreter, program, settings, env }))
  }
  const spark = once(async () => {
    const [jar, firstJar] = await fetchJars([SPARK_RUNTIME, COMMONS_LANG])
    return python('spark', pyspark, { jar, firstJar })
  })
  const icebergInPython = once(() => python('pyiceberg', pyiceberg))
  const trino = once(() => started(openGoldenTrino(uri)))
  const flink = once(() => openGoldenFlink(uri))

  async function loadTable(table: string): Promise<LoadedTable> {
    const loaded = parseExactJson(await request(`${uri}/v1/namespaces/golden/tables/${table}`)) as RestTable
    const metadata = readTableMetadata(stringifyExactJson(loaded.metadata))
    return { metadataLocation: loaded['metadata-location'], metadata }
  }

  async function read(reader: GoldenReader | 'lineage', table: string, target: ReadTarget): Promise<GoldenRows> {
    if (reader === 'pyiceberg') return (await icebergInPython()).request<GoldenRows>({ read: table, ...target })
    if (reader !== 'trino' && reader !== 'flink') {
      return (await spark()).request<GoldenRows>({ read: table, reader, ...target })
    }
    const { metadata } = await loadTable(table)
    const { schema, refType } = resolveAsOf(metadata, target)
    if (reader === 'trino') {
      const version = target.snapshotId ?? `'${target.ref}'`
      return (await trino()).read(table, schema.fields, version)
    }
    const option = refType === null ? 'snapshot-id' : refType
    const columns = schema.fields.map(({ name }) => name)
    return (await flink()).read(table, columns, `'${option}' = '${target.ref ?? target.snapshotId}'`)
  }

  const register = (name: string, metadataLocation: string) =>
    request(`${uri}/v1/namespaces/golden/register`, { name, 'metadata-location': metadataLocation })

  return {
    write: async ({ name, writer }) => {
      registered.add(name)
      if (writer === 'lakeshore') {
        const { metadataLocation } = await writeLakeshoreTable(path.join(GOLDEN_ROOT, name))
        await register(name, metadataLocation)
      } else if (writer === 'trino') await (await trino()).write(name)
      else if (writer === 'flink') await (await flink()).write(name)
      else await (await (writer === 'spark' ? spark() : icebergInPython())).request({ write: name })
    },
    register: async ({ name, folder: recorded, metadata }) => {
      if (registered.has(name)) return
      registered.add(name)
      const location = path.join(GOLDEN_ROOT, name)
      cpSync(recorded, location, { recursive: true })
      await register(name, `file://${path.join(location, metadata)}`)
    },
    read,
    readMetadataTable: async (table, name, snapshotId) =>
      (await spark()).request<MetadataTableRows>({ metadataTable: name, of: table, ...(snapshotId && { snapshotId }) }),
    readMetadataTableWithTrino: async (table, name) => (await trino()).readMetadataTable(table, name),
    loadTable,
    stop: async () => {
      for (const stopEngine of stops) await stopEngine()
      await stop()
      rmSync(folder, { recursive: true, force: true })
      rmSync(GOLDEN_ROOT, { recursive: true, force: true })
    },
  }
}

type RestTable = { 'metadata-location': string; metadata: Json }

function once<Value>(create: () => Promise<Value>): () => Promise<Value> {
  let created: Promise<Value> | null = null
  return () => (created ??= create())
}

async function request(url: string, body?: object): Promise<string> {
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`)
  return text
}
