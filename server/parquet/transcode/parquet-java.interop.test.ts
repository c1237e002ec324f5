import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enginesWithout } from '@/lib/iceberg/properties/codec-readers'
import { queryDuckdb } from '@/testing/ingest/test-staging'
import { SMALL_PAGES, transcodeBytes } from '@/testing/parquet/transcode-bytes'
import { readCorpusFile } from '@/testing/parquet-corpus/corpus-files'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import type { PythonSession } from '@/testing/peers/python-session'
import { openSpark } from '@/testing/peers/shared/open-peer'
import type { ColumnLayout, WrittenCodec } from './column-layout'

/** parquet-java, as it comes with Spark: its readers of rows, and of columns with page indexes. */

const jar = await installOrSkip('Iceberg for Spark', async () => (await fetchJars([SPARK_RUNTIME]))[0])
const python = installPyspark()

/**
 * Compares all rows, and those of a filter that is pushed down to statistics and page indexes. This release of
 * parquet-java supports BYTE_STREAM_SPLIT for floating-point numbers only, and Spark's vectorized reader not at all.
 */
const COMPARE = `
spark.conf.set("spark.sql.defaultCatalog", "spark_catalog")
spark.conf.set("spark.sql.legacy.parquet.nanosAsLong", "true")

def read(name, vectorized):
    spark.conf.set("spark.sql.parquet.enableVectorizedReader", str(vectorized).lower())
    frame = spark.read.parquet(name)
    names = [one for one in frame.columns if not one.endswith("BYTE_STREAM_SPLIT") or (not vectorized and one.split("_")[0] in ("float", "double"))]
    return frame.select([frame["\`" + one + "\`"] for one in names])

def compare(before, after):
    for vectorized in (False, True):
        names = ["\`" + one + "\`" for one in read(before, vectorized).columns]
        expected = read(before, False).select(names).collect()
        frame = read(after, vectorized).select(names)
        if repr(frame.collect()) != repr(expected):
            return "other rows"
        for name in ("int32_optional.PLAIN", "int64_required.DICTIONARY", "int64_optional.LEGACY"):
            if name not in frame.columns:
                continue
            values = [row[name] for row in expected if row[name] is not None]
            found = frame.filter(frame["\`" + name + "\`"] == max(values)).count()
            if found != values.count(max(values)):
                return "other rows where " + name + " = " + str(max(values))
    return str(len(expected)) + " rows of " + str(len(frame.columns)) + " columns"

answer = [compare(before, after) for before, after in PAIRS]
`

/**
 * Counts the values of each column that its Bloom filters miss, in any row group, and how many of as many absent values
 * they claim. Spark's own filter has to find the values through the pushed-down filters.
 */
const PROBE = `
spark.conf.set("spark.sql.defaultCatalog", "spark_catalog")
jvm = spark._jvm
conf = spark._jsc.hadoopConfiguration()
file = jvm.org.apache.parquet.hadoop.util.HadoopInputFile.fromPath(jvm.org.apache.hadoop.fs.Path(FILE), conf)
reader = jvm.org.apache.parquet.hadoop.ParquetFileReader.open(file)
filters = {}
for block in reader.getFooter().getBlocks():
    for column in block.getColumns():
        bloom = reader.getBloomFilterDataReader(block).readBloomFilter(column)
        if bloom is not None:
            filters.setdefault(column.getPath().toDotString(), []).append(bloom)

def holds(name, value):
    binary = jvm.org.apache.parquet.io.api.Binary
    return any(bloom.findHash(bloom.hash(binary.fromString(value) if isinstance(value, str) else value)) for bloom in filters[name])

frame = spark.read.parquet(FILE)
rows = frame.collect()
answer = {"filtered": sorted(filters), "rows": len(rows), "missing": [], "held_others": [], "not_found": []}
for name, other in (("number", lambda v: v + 10 ** 15), ("ratio", lambda v: v + 0.3), ("text", lambda v: "other " + v), ("code", lambda v: "other " + v)):
    values = sorted({row[name] for row in rows if row[name] is not None})[:100]
    answer["missing"] += [[name, value] for value in values if not holds(name, value)]
    answer["held_others"].append(sum(holds(name, other(value)) for value in values) / len(values))
    value = values[-1]
    if frame.filter(frame[name] == value).count() != [row[name] for row in rows].count(value):
        answer["not_found"].append(name)
reader.close()
`

const LEVELS: readonly [WrittenCodec, number | null][] = [
  ['uncompressed', null],
  ['snappy', null],
  ['gzip', 9],
  ['zstd', null],
  ['zstd', 22],
  ['lz4_raw', null],
]

describe.skipIf(python === null || jar === null)('parquet-java (skipped when Spark is unavailable)', () => {
  let folder = ''
  let session: PythonSession
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-parquet-java-'))
    session = openSpark({})
  })
  afterAll(async () => {
    await session?.stop()
    rmSync(folder, { recursive: true })
  })

  const FILES = ['v1-none.parquet', 'v2-none.parquet', 'legacy.parquet']

  /** parquet-java's findings about each transcoded file. */
  async function compareFiles(layout: ColumnLayout): Promise<string[]> {
    const pairs = []
    for (const name of FILES) {
      const [before, after] = [path.join(folder, `before-${name}`), path.join(folder, `after-${name}`)]
      writeFileSync(before, readCorpusFile(name))
      writeFileSync(after, (await transcodeBytes(name, readCorpusFile(name), layout)).bytes)
      pairs.push([before, after])
    }
    return await session.request({ code: COMPARE.replace('PAIRS', JSON.stringify(pairs)) })
  }

  it.each(LEVELS)('reads the rows of the corpus with %s at level %s', async (codec, level) => {
    const answers = await compareFiles({ ...SMALL_PAGES, codec, level })
    expect(answers).toEqual(FILES.map(() => expect.stringMatching(/^\d{2,} rows of \d+ columns$/)))
  })

  it('reads them without dictionaries', async () => {
    const answers = await compareFiles({ ...SMALL_PAGES, codec: 'snappy', dictionary: 'drop' })
    expect(answers).toEqual(FILES.map(() => expect.stringMatching(/^\d{2,} rows of \d+ columns$/)))
  })

  it('reads Bloom filters of columns with and without dictionaries, which hold every value', async () => {
    const original = path.join(folder, 'plain.parquet')
    await queryDuckdb(
      `COPY (SELECT 5000000000 + i AS number, i / 8 AS ratio, 'text ' || i AS text, 'code ' || i % 9 AS code, i % 2 = 0 AS flag FROM range(6000) t(i))
       TO '${original}' (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 2048)`,
    )
    const file = path.join(folder, 'bloom.parquet')
    const bloomFilter = { maxBytes: 1024 * 1024, falsePositiveRate: 0.01, distinctCount: null }
    const { bytes } = await transcodeBytes('plain', new Uint8Array(readFileSync(original)), {
      ...SMALL_PAGES,
      maxPageRows: 1000,
      bloomFilter,
    })
    writeFileSync(file, bytes)
    const { held_others: heldOthers, ...found } = await session.request<{ held_others: number[] }>({
      code: PROBE.replaceAll('FILE', JSON.stringify(file)),
    })
    expect(found).toEqual({
      filtered: ['code', 'number', 'ratio', 'text'],
      rows: 6000,
      missing: [],
      not_found: [],
    })
    for (const share of heldOthers) expect(share).toBeLessThan(0.15)
  })

  it('cannot read brotli as it is installed, which the review of a codec says', async () => {
    await expect(compareFiles({ ...SMALL_PAGES, codec: 'brotli' })).rejects.toThrow(/Brotli/)
    expect(enginesWithout('brotli')).toContain('Spark')
    expect(enginesWithout('lz4')).not.toContain('Spark')
  })
})
