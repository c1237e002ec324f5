import { mkdirSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { rewriteFile } from '@/server/maintenance/rewrite-files/rewrite-file'
import type { FileLayout } from '@/server/parquet/transcode/column-layout'
import { withFileSink, withFileSource } from '@/server/parquet/transcode/local-file'
import { pageCompressors } from '@/server/parquet/transcode/page-compressors'
import { transcodeParquet } from '@/server/parquet/transcode/transcode'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'

/** The three ways to bring a file to another codec, each as milliseconds of time and of the processor. */

const LAYOUT: FileLayout = {
  byFieldId: new Map(),
  fallback: {
    codec: 'zstd',
    level: 3,
    maxPageRows: 20_000,
    maxPageBytes: 1024 * 1024,
    dictionary: 'keep',
    statistics: 'page',
    bloomFilter: 'keep',
  },
}

export type Timing = { ms: number; cpuMs: number }

/** Copies the flights of `input` into a snappy file as a load would write it. @returns its rows and bytes */
export async function prepare(input: string, folder: string): Promise<{ rowCount: number; fileBytes: number }> {
  mkdirSync(folder, { recursive: true })
  const plain = path.join(folder, 'plain.parquet')
  await copyWithDuckdb(input, plain, 'uncompressed')
  const layout = { ...LAYOUT, fallback: { ...LAYOUT.fallback, codec: 'snappy', level: null } } as const
  const { rowCount, fileSizeBytes } = await transcode(plain, path.join(folder, 'flights.parquet'), layout)
  return { rowCount, fileBytes: fileSizeBytes }
}

/** With the proof that the rows are the same. */
export function measureRewrite(folder: string, rowCount: number): Promise<Timing> {
  return measure(folder, async (from, to) => {
    await withFileSource(from, (source) =>
      rewriteFile(source, to, toLiveFile(from, rowCount), {
        requested: { layout: LAYOUT, nameMapping: null, hasLineage: false },
        signal: new AbortController().signal,
      }),
    )
  })
}

/** Without it. */
export function measureTranscoding(folder: string): Promise<Timing> {
  return measure(folder, async (from, to) => void (await transcode(from, to, LAYOUT)))
}

/** All values decoded and encoded again, by one thread. */
export function measureDuckdb(folder: string): Promise<Timing> {
  return measure(folder, (from, to) => copyWithDuckdb(from, to, 'zstd'))
}

async function measure(folder: string, work: (from: string, to: string) => Promise<void>): Promise<Timing> {
  const [from, to] = [path.join(folder, 'flights.parquet'), path.join(folder, 'rewritten.parquet')]
  rmSync(to, { force: true })
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()]
  await work(from, to)
  const { user, system } = process.cpuUsage(cpu)
  if (statSync(to).size === 0) throw new Error('nothing was written')
  return { ms: performance.now() - startedAt, cpuMs: (user + system) / 1000 }
}

function transcode(from: string, to: string, layout: FileLayout) {
  rmSync(to, { force: true })
  return withFileSource(from, (source) =>
    withFileSink(to, (sink) =>
      transcodeParquet(source, sink, { layout, codecs: pageCodecs, compressors: pageCompressors }),
    ),
  )
}

async function copyWithDuckdb(from: string, to: string, codec: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  try {
    await connection.run(
      `COPY (SELECT * FROM read_parquet('${from}')) TO '${to}' (FORMAT parquet, COMPRESSION ${codec}, ROW_GROUP_SIZE 65536)`,
    )
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

function toLiveFile(filePath: string, recordCount: number): Parameters<typeof rewriteFile>[2] {
  return {
    status: 'existing',
    snapshotId: '1',
    sequenceNumber: 1,
    fileSequenceNumber: 1,
    spec: { specId: 0, fields: [] },
    partitionLabel: '',
    dataFile: sampleDataFile(filePath, { recordCount, fileSizeBytes: statSync(filePath).size }),
  }
}
