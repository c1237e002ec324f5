import path from 'node:path'
import { type Browser, chromium, type Page } from '@playwright/test'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CODEC_WASM } from '@/scripts/assets/codec-wasm.mjs'
import { ensureChromium } from '@/scripts/chromium'
import type { ExactValue } from '@/testing/parquet/exact-value'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { CORPUS, corpusValues, readCorpusFile } from './corpus-files'

/** The reader in Chromium, with the browser's own codecs, reads the same from the corpus as PyArrow. */

const executable = await installOrSkip('Chromium', async () => ensureChromium() ?? chromium.executablePath())

/** Runs in the page: reads a file that comes as text in base64. */
const PAGE_SCRIPT = `
import { createBrowserPageCodecs } from '@/lib/client/codecs/browser-page-codecs'
import { toExactValue } from '@/testing/parquet/exact-value'
import { readWholeFile } from '@/testing/parquet/read-whole-file'

const toBytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
globalThis.readFile = async ({ name, base64, wasm }) => {
  const codecs = createBrowserPageCodecs((file) => WebAssembly.compile(toBytes(wasm[file])))
  const columns = await readWholeFile(name, toBytes(base64), codecs)
  return columns.map(({ field, values }) => [field.name, values.map((value) => toExactValue(field.type, value))])
}
`

describe.skipIf(executable === null)('In Chromium (skipped when it is unavailable)', () => {
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    const { outputFiles } = await build({
      stdin: { contents: PAGE_SCRIPT, resolveDir: path.resolve('.'), loader: 'ts' },
      bundle: true,
      write: false,
      format: 'iife',
      platform: 'browser',
      alias: { '@': path.resolve('.') },
      logLevel: 'warning',
    })
    browser = await chromium.launch({
      executablePath: String(executable),
      args: ['--no-sandbox', '--disable-gpu'],
      timeout: 300_000,
    })
    page = await browser.newPage()
    await page.addScriptTag({ content: outputFiles[0]?.text ?? '' })
  })
  afterAll(async () => {
    await browser?.close()
  })

  test.each(CORPUS)('a file of the corpus has the values that PyArrow reads: %s', async (name) => {
    const wasm = Object.fromEntries(Object.entries(CODEC_WASM).map(([file, read]) => [file, read().toString('base64')]))
    const request = { name, base64: Buffer.from(readCorpusFile(name)).toString('base64'), wasm }
    const columns = await page.evaluate(
      (input) =>
        (globalThis as unknown as { readFile: (file: typeof input) => Promise<[string, ExactValue[]][]> }).readFile(
          input,
        ),
      request,
    )
    expect(columns.length).toBeGreaterThan(5)
    for (const [columnName, values] of columns) expect(values, columnName).toEqual(corpusValues(columnName))
  })
})
