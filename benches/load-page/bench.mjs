import {
  appendFileSync,
  copyFileSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { finished } from 'node:stream/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from '@playwright/test'
import { ensureChromium } from '../../scripts/chromium.ts'
import { startConsole } from '../console.mjs'
import { median, printFigure, printSamples, round } from '../figures.mjs'
import { createInput, SCHEMA } from '../ingest/data.mjs'
import { signIn } from '../sign-in.mjs'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: 'preview,options,upload,load' },
    upload: { type: 'string', default: '1000' },
  },
})
const rounds = Number(values.rounds)
const only = values.only.split(',')
const MB = 1_000_000
const PREVIEW_MB = 100
const LOAD_MB = 250
const TARGETS = { previewMs: 1000, optionsMs: 200, uploadMbPerSecond: 200, webMb: 100, loadRatio: 1.15 }
const SAMPLE_EVERY_MS = 50
/** A tab that has loaded nothing yet. */
const IDLE_MS = 3000
const MAX_WAIT_MS = 300_000

const cache = path.resolve('.cache/bench-ingest')
mkdirSync(cache, { recursive: true })
const files = {
  preview: await inputOf(PREVIEW_MB),
  load: await inputOf(LOAD_MB),
  upload: await inputOf(Number(values.upload)),
}
const lake = await startConsole(undefined, { hasWorker: true })
const executablePath = ensureChromium()
const browser = await chromium.launch({
  ...(executablePath && { executablePath }),
  args: ['--no-sandbox', '--disable-gpu'],
})
try {
  const storageState = await signIn(browser, lake.address, lake.password)
  const schema = path.join(lake.home, 'schema.json')
  writeFileSync(schema, JSON.stringify(SCHEMA))
  const oneRow = path.join(lake.home, 'one.csv')
  writeFileSync(oneRow, `${readFileSync(files.preview, { encoding: 'utf8' }).split('\n', 2).join('\n')}\n`)
  await lake.run('ingest', '--table', 'demo.rows', '--file', oneRow, '--create-schema', schema)
  const dropped = (file, work) => drop(storageState, file, work)
  if (only.includes('preview')) await measurePreview(dropped)
  if (only.includes('options')) await measureOptions(dropped)
  if (only.includes('upload')) await measureUpload(dropped)
  if (only.includes('load')) await measureLoad(dropped)
} finally {
  await browser.close()
  await lake.stop()
}

/** From the drop of a file to its first rows. */
async function measurePreview(dropped) {
  const samples = []
  for (let i = -1; i < rounds; i += 1) {
    const tookMs = await dropped(files.preview, async (page, _startedAt, startedAtMs) => {
      // Seen in the page: outside of it, rows are looked for every half a second.
      await page.waitForFunction(() => document.documentElement.dataset.rowsAtMs, null, { timeout: MAX_WAIT_MS })
      const rowsAtMs = await page.evaluate(() => Number(document.documentElement.dataset.rowsAtMs))
      return rowsAtMs - startedAtMs
    })
    if (i >= 0) samples.push(tookMs)
  }
  printSamples(`drop of ${PREVIEW_MB} MB to first rows (ms)`, samples)
  const value = Math.round(median(samples))
  printFigure({ question: 'load-page: drop to preview', value, unit: 'ms', target: TARGETS.previewMs })
}

/** From a choice of the format to the form as the file is read with it. */
async function measureOptions(dropped) {
  const samples = await dropped(files.preview, async (page, startedAt) => {
    await untilUploaded(page, startedAt)
    const found = []
    const measure = async (choose) => {
      const shown = page.evaluate(untilPreviewed)
      await choose()
      found.push(await shown)
      await page.waitForTimeout(500)
    }
    // Choices that were not made before: the form stores the preview of each.
    for (const delimiter of [';', 'tab', '|']) {
      await page.getByRole('combobox', { name: 'Delimiter' }).click()
      const option = page
        .getByRole('listbox', { name: 'Delimiter' })
        .getByRole('option', { name: delimiter, exact: true })
      await option.waitFor()
      await measure(() => option.click())
      for (const label of [/^Header/, /^Times without/, /^Header/]) await measure(() => page.getByLabel(label).click())
    }
    return found
  })
  printSamples('a choice of the format to its preview (ms)', samples)
  const value = Math.round(median(samples))
  printFigure({ question: 'load-page: choice to preview', value, unit: 'ms', target: TARGETS.optionsMs })
}

/** Runs in the page. @returns the milliseconds from the next click to the frame after the response of the preview */
async function untilPreviewed() {
  const clickedAt = new Promise((resolve) => {
    document.addEventListener('click', () => resolve(performance.now()), { capture: true, once: true })
  })
  await new Promise((resolve) => {
    const observer = new PerformanceObserver((list) => {
      if (!list.getEntries().some(({ name }) => name.endsWith('/loads/preview'))) return
      observer.disconnect()
      resolve()
    })
    observer.observe({ type: 'resource' })
  })
  for (let frames = 0; frames < 2; frames += 1) await new Promise((resolve) => requestAnimationFrame(resolve))
  return performance.now() - (await clickedAt)
}

/** From the drop to the last byte on the server, and the memory of the process that takes it. */
async function measureUpload(dropped) {
  const [speeds, grown] = [[], []]
  for (let i = 0; i < Math.min(rounds, 3); i += 1) {
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
    const idleBytes = readRss()
    let peakBytes = idleBytes
    const timer = setInterval(() => (peakBytes = Math.max(peakBytes, readRss())), SAMPLE_EVERY_MS)
    const tookMs = await dropped(files.upload, untilUploaded).finally(() => clearInterval(timer))
    speeds.push(statSync(files.upload).size / MB / (tookMs / 1000))
    grown.push((peakBytes - idleBytes) / MB)
  }
  printSamples(`upload of ${values.upload} MB (MB/s)`, speeds)
  printSamples('memory of the web process above idle (MB)', grown)
  const speed = Math.round(median(speeds))
  const { uploadMbPerSecond: target } = TARGETS
  printFigure({ question: 'load-page: upload', value: speed, unit: 'MB/s', target, met: speed >= target })
  const value = Math.round(median(grown))
  printFigure({ question: 'load-page: upload, web above idle', value, unit: 'MB', target: TARGETS.webMb })
}

/** From the drop, with *Load* pressed as soon as it can be, to the snapshot; against the command line plus the upload. */
async function measureLoad(dropped) {
  const [ofPage, ofPeer] = [[], []]
  const file = path.join(lake.home, 'load.csv')
  copyFileSync(files.load, file)
  const [, row] = readFileSync(files.preview, { encoding: 'utf8' }).split('\n', 2)
  for (let i = -1; i < rounds; i += 1) {
    const uploadMs = await dropped(file, untilUploaded)
    // The same bytes are loaded once.
    appendFileSync(file, `${row}\n`)
    const commandMs = await timed(() => lake.run('ingest', 'demo.rows', file))
    appendFileSync(file, `${row}\n`)
    const pageMs = await dropped(file, async (page, _startedAt, startedAtMs) => {
      await page.getByRole('button', { name: 'Load', exact: true }).click({ timeout: MAX_WAIT_MS })
      await page.waitForURL(/\/ingest\/runs\//, { timeout: MAX_WAIT_MS })
      const id = new URL(page.url()).pathname.split('/').at(-1)
      return (await untilFinished(page, id)) - startedAtMs
    })
    if (i < 0) continue
    ofPage.push(pageMs)
    ofPeer.push(uploadMs + commandMs)
  }
  printSamples(`drop of ${LOAD_MB} MB to the snapshot (ms)`, ofPage)
  printSamples('upload, then the command line (ms)', ofPeer)
  const ratio = round(median(ofPage) / median(ofPeer), 2)
  printFigure({ question: 'load-page: drop to snapshot', ratio, unit: 'ratio', target: TARGETS.loadRatio })
}

/** Drops a file on the form of the table, in a new tab, and removes its upload afterwards. */
async function drop(storageState, file, work) {
  const context = await browser.newContext({
    baseURL: lake.address,
    storageState,
    viewport: { width: 1440, height: 900 },
  })
  try {
    const page = await context.newPage()
    await page.goto('/ingest?catalog=local&namespace=demo&table=rows')
    await page.evaluate(markFirstRows)
    const input = page.locator('input[type=file]').first()
    await input.waitFor({ state: 'attached' })
    await page.waitForLoadState('networkidle')
    const [startedAt, startedAtMs] = [performance.now(), Date.now()]
    await input.setInputFiles(file)
    const result = await work(page, startedAt, startedAtMs)
    await removeUploads(page)
    return result
  } finally {
    await context.close()
  }
}

/** Runs in the page. Notes when the first rows have been painted. */
function markFirstRows() {
  const observer = new MutationObserver(() => {
    if (!document.querySelector('[aria-label="First rows"] tbody tr')) return
    observer.disconnect()
    const afterPaint = () => (document.documentElement.dataset.rowsAtMs = String(Date.now()))
    requestAnimationFrame(() => requestAnimationFrame(afterPaint))
  })
  observer.observe(document.body, { subtree: true, childList: true })
}

async function untilUploaded(page, startedAt) {
  await page
    .getByRole('list', { name: 'Files' })
    .getByText(/whole|uploaded/)
    .waitFor({ timeout: MAX_WAIT_MS })
  return performance.now() - startedAt
}

async function untilFinished(page, id) {
  for (;;) {
    const { run } = await (await page.request.get(`/api/v1/jobs/runs/${id}`)).json()
    if (run.finishedAtMs !== null) {
      if (run.state !== 'succeeded') throw new Error(`the run ${run.state}: ${JSON.stringify(run.outcome)}`)
      return run.finishedAtMs
    }
    await page.waitForTimeout(SAMPLE_EVERY_MS)
  }
}

async function removeUploads(page) {
  for (const button of await page.getByRole('button', { name: /^Remove / }).all()) await button.click()
  await page.waitForLoadState('networkidle')
}

async function timed(work) {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

function readRss() {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${lake.pid}/status`, 'utf8')) ?? []
  return Number(kib) * 1024
}

/** A CSV file of about as many megabytes, which repeats the rows of the other benches. */
async function inputOf(mb) {
  const rows = path.join(cache, 'rows.csv')
  if (!existsSync(rows)) await createInput(rows)
  const file = path.join(cache, `page-${mb}.csv`)
  if (existsSync(file)) return file
  const text = readFileSync(rows)
  const header = text.indexOf(10) + 1
  const output = createWriteStream(file)
  output.write(text.subarray(0, header))
  let left = mb * MB - header
  while (left > 0) {
    const part = text.subarray(
      header,
      left < text.length - header ? text.lastIndexOf(10, header + left) + 1 : undefined,
    )
    if (part.length === 0) break
    if (!output.write(part)) await new Promise((resolve) => output.once('drain', resolve))
    left -= part.length
  }
  output.end()
  await finished(output)
  return file
}
