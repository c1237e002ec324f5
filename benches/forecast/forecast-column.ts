import { rmSync } from 'node:fs'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { readFooter } from '@/lib/parquet/footer'
import { samplePages } from '@/server/metrics/columns/trial/sample-pages'
import { type Candidate, tryCodec } from '@/server/metrics/columns/trial/try-codec'
import { pageCodecs } from '@/server/parquet/page-codecs'
import type { FileLayout } from '@/server/parquet/transcode/column-layout'
import { withFileSink, withFileSource } from '@/server/parquet/transcode/local-file'
import { pageCompressors } from '@/server/parquet/transcode/page-compressors'
import { transcodeParquet } from '@/server/parquet/transcode/transcode'

/** `value`: of a row in DuckDB's SQL, with its number as `i`; `codec`: of the file; `tried`: of the forecast. */
type Case = {
  name: string
  value: string
  rowCount: number
  codec?: string
  /** In DuckDB's form, for the leaf that is tried. */
  fieldIds?: string
  tried?: Candidate
  isLarge?: boolean
}

const ZSTD_9: Candidate = { codec: 'zstd', level: 9 }

export const CASES: readonly Case[] = [
  { name: 'dictionary', value: "'state ' || (hash(i) % 50)", rowCount: 5_000_000 },
  {
    name: 'dictionary fallback',
    value: "case when i % 1000000 < 200000 then 'city ' || (i % 300) else 'street ' || hash(i) end",
    rowCount: 3_000_000,
  },
  { name: 'high entropy', value: 'uuid()', rowCount: 2_000_000 },
  {
    name: 'nested',
    value: "[{'name': 'part ' || (i % 977), 'price': (hash(i) % 10000) / 100}, {'name': 'x', 'price': 1.5}]",
    rowCount: 1_500_000,
    fieldIds: '{v: {__duckdb_field_id: 2, element: {__duckdb_field_id: 3, name: 1, price: 4}}}',
  },
  { name: 'already zstd', value: "'note of ' || hash(i) % 100000", rowCount: 3_000_000, codec: 'zstd' },
  { name: 'under 1 MiB', value: "'note ' || (hash(i) % 5000)", rowCount: 40_000 },
  { name: 'sorted times', value: "timestamp '2024-01-01' + to_seconds(i * 7)", rowCount: 5_000_000 },
  { name: 'many nulls', value: "case when hash(i) % 20 = 0 then 'rare ' || hash(i) end", rowCount: 5_000_000 },
  {
    name: 'changes on the way',
    value: "case when i < 2000000 then 'a' else 'reading ' || hash(i) end",
    rowCount: 4_000_000,
  },
  {
    name: 'without compression',
    value: 'i % 1000 + random()',
    rowCount: 3_000_000,
    tried: { codec: 'uncompressed', level: null },
  },
  {
    name: 'above 1 GiB',
    value: "'line ' || hash(i) || ' of a long text that repeats, ' || hash(i * 31) || ' and ends'",
    rowCount: 40_000_000,
    isLarge: true,
  },
]

/** `change`, `error`: as the trial says; `result`: the share by which the column's bytes changed. */
export type Forecast = { storedBytes: number; change: number; error: number; result: number }

export async function forecast(folder: string, one: Case): Promise<Forecast> {
  const [from, to] = [path.join(folder, 'written.parquet'), path.join(folder, 'rewritten.parquet')]
  await writeFile(from, one)
  const tried = one.tried ?? ZSTD_9
  const { signal } = new AbortController()
  const { change, error } = await withFileSource(from, async (source) => {
    const column = { fieldId: FIELD_ID, path: ['v'], nameMapping: null, layout: layoutOf(tried).fallback }
    return tryCodec(await samplePages([source], column, signal), tried, { signal })
  })
  await withFileSource(from, (source) =>
    withFileSink(to, (sink) =>
      transcodeParquet(source, sink, { layout: layoutOf(tried), codecs: pageCodecs, compressors: pageCompressors }),
    ),
  )
  const [storedBytes, writtenBytes] = [await readColumnBytes(from), await readColumnBytes(to)]
  for (const file of [from, to]) rmSync(file)
  return { storedBytes, change, error, result: writtenBytes / storedBytes - 1 }
}

/** The leaf that is tried, the first one of the file, has this id. */
const FIELD_ID = 1

function layoutOf({ codec, level }: Candidate): FileLayout {
  const fallback = {
    codec,
    level,
    maxPageRows: 20_000,
    maxPageBytes: 1024 * 1024,
    dictionary: 'keep',
    statistics: 'page',
    bloomFilter: 'keep',
  } as const
  return { byFieldId: new Map(), fallback } as FileLayout
}

async function writeFile(
  file: string,
  { value, rowCount, codec = 'snappy', fieldIds = `{v: ${FIELD_ID}}` }: Case,
): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    await connection.run(
      `COPY (SELECT ${value} AS v FROM range(${rowCount}) t(i)) TO '${file}' (FORMAT parquet, COMPRESSION ${codec}, FIELD_IDS ${fieldIds})`,
    )
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

async function readColumnBytes(file: string): Promise<number> {
  const { rowGroups } = await withFileSource(file, (source) => readFooter(source, {}))
  return rowGroups
    .flatMap(({ columns }) => columns)
    .reduce((total, { leaf, storedBytes }) => total + (leaf === 0 ? storedBytes : 0), 0)
}
