import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enginesWithout } from '@/lib/iceberg/properties/codec-readers'
import { SMALL_PAGES, transcodeBytes } from '@/testing/parquet/transcode-bytes'
import { readCorpusFile } from '@/testing/parquet-corpus/corpus-files'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { type PythonSession, startPython } from '@/testing/peers/python-session'
import type { ColumnLayout, WrittenCodec } from './column-layout'

/** parquet-java, as it comes with Spark: its readers of rows, and of columns with page indexes. */

const jar = await installOrSkip('Iceberg for Spark', async () => (await fetchJars([SPARK_RUNTIME]))[0])
const python = installPyspark()

/**
 * Compares all rows, and those that a filter finds, which is pushed down to statistics and page indexes. This release of
 * parquet-java knows BYTE_STREAM_SPLIT for floating-point numbers only, and Spark's own reader of columns not at all.
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
    session = startPython({
      name: 'spark-parquet',
      python: String(python),
      program: 'spark_session.py',
      settings: { jar, scratch: path.join(folder, 'scratch'), catalog: {} },
      env: { SPARK_LOCAL_IP: '127.0.0.1', TZ: 'UTC' },
    })
  })
  afterAll(async () => {
    await session?.stop()
    rmSync(folder, { recursive: true })
  })

  const FILES = ['v1-none.parquet', 'v2-none.parquet', 'legacy.parquet']

  /** What parquet-java says of each file after it was transcoded. */
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

  it('cannot read brotli as it is installed, which the review of a codec says', async () => {
    await expect(compareFiles({ ...SMALL_PAGES, codec: 'brotli' })).rejects.toThrow(/Brotli/)
    expect(enginesWithout('brotli')).toContain('Spark')
    expect(enginesWithout('lz4')).not.toContain('Spark')
  })
})
