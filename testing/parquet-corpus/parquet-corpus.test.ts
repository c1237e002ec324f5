import { beforeAll, describe, expect, test } from 'vitest'
import { createBrowserPageCodecs } from '@/lib/client/codecs/browser-page-codecs'
import { compileCodec } from '@/testing/parquet/codec-modules'
import { toExactValue } from '@/testing/parquet/exact-value'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { readWholeFile } from '@/testing/parquet/read-whole-file'
import { CORPUS, corpusValues, readCorpusFile } from './corpus-files'

/**
 * The corpus has every encoding of every physical type, in pages of both versions and with every codec; `write_corpus.py`
 * wrote it with PyArrow. Each value has to be exactly the one that PyArrow reads.
 */

const browserCodecs = createBrowserPageCodecs(compileCodec)
beforeAll(() => browserCodecs.load?.(new Set(['zstd', 'brotli'])))

test('The corpus has both versions of pages with six codecs, and a legacy file', () => {
  expect(CORPUS).toHaveLength(13)
})

describe.each([
  ['the server', pageCodecs],
  ['the browser', browserCodecs],
])('A file of the corpus, with the codecs of %s,', (_, codecs) => {
  test.each(CORPUS)('has the values that PyArrow reads: %s', async (name) => {
    const columns = await readWholeFile(name, readCorpusFile(name), codecs)
    expect(columns.length).toBeGreaterThan(5)
    for (const { field, values } of columns) {
      const exactValues = values.map((value) => toExactValue(field.type, value))
      expect(exactValues, field.name).toEqual(corpusValues(field.name))
    }
  })
})
