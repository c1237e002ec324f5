import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { type PythonSession, startPython } from '@/testing/peers/python-session'
import { startRestFixture } from '@/testing/peers/rest-fixture'
import type { GoldenReader, GoldenRecipe } from './golden-recipes'
import { GOLDEN_ROOT, type GoldenRead, type GoldenRows, type GoldenTable } from './golden-tables'

/** What a read names: a snapshot, or a branch or tag. */
export type ReadTarget = Pick<GoldenRead, 'snapshotId' | 'ref'>

/** Iceberg's own REST catalog with engines on it, which write and read golden tables below {@link GOLDEN_ROOT}. */
export type GoldenCatalog = {
  write: (recipe: GoldenRecipe) => Promise<void>
  /** Copies a recorded table to where it was written, and registers it. */
  register: (table: GoldenTable) => Promise<void>
  read: (reader: GoldenReader | 'lineage', table: string, target: ReadTarget) => Promise<GoldenRows>
  loadTable: (table: string) => Promise<LoadedTable>
  stop: () => Promise<void>
}

export type LoadedTable = {
  metadataLocation: string
  snapshotIds: readonly string[]
  refs: readonly string[]
}

export async function startGoldenCatalog({ pyspark }: { pyspark: string }): Promise<GoldenCatalog> {
  const folder = mkdtempSync(path.join(tmpdir(), 'golden-catalog-'))
  rmSync(GOLDEN_ROOT, { recursive: true, force: true })
  mkdirSync(GOLDEN_ROOT)
  const { uri, stop } = await startRestFixture(folder)
  const [jar] = await fetchJars([SPARK_RUNTIME])
  await request(`${uri}/v1/namespaces`, { namespace: ['golden'] })

  const sessions: Partial<Record<'spark', PythonSession>> = {}
  const spark = () =>
    (sessions.spark ??= startPython({
      name: 'spark-golden',
      python: pyspark,
      program: '../golden/spark_golden.py',
      settings: { jar, uri, scratch: path.join(folder, 'scratch'), root: `file://${GOLDEN_ROOT}` },
      env: { SPARK_LOCAL_IP: '127.0.0.1', TZ: 'UTC' },
    }))

  return {
    write: async ({ name }) => {
      await spark().request({ write: name })
    },
    register: async ({ name, folder: recorded, metadata }) => {
      const location = path.join(GOLDEN_ROOT, name)
      cpSync(recorded, location, { recursive: true })
      const metadataLocation = `file://${path.join(location, metadata)}`
      await request(`${uri}/v1/namespaces/golden/register`, { name, 'metadata-location': metadataLocation })
    },
    read: (reader, table, target) => spark().request<GoldenRows>({ read: table, reader, ...target }),
    loadTable: async (table) => {
      const loaded = await request(`${uri}/v1/namespaces/golden/tables/${table}`)
      const { 'metadata-location': metadataLocation, metadata } = parseExactJson(loaded) as RestTable
      return {
        metadataLocation,
        snapshotIds: (metadata.snapshots ?? []).map((snapshot) => String(snapshot['snapshot-id'])),
        refs: Object.keys(metadata.refs ?? {}).sort(),
      }
    },
    stop: async () => {
      await sessions.spark?.stop()
      await stop()
      rmSync(folder, { recursive: true, force: true })
      rmSync(GOLDEN_ROOT, { recursive: true, force: true })
    },
  }
}

type RestTable = {
  'metadata-location': string
  metadata: { snapshots?: { 'snapshot-id': number | bigint }[]; refs?: Record<string, unknown> }
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
