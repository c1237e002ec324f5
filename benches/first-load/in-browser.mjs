import { chromium } from '@playwright/test'
import { ensureChromium } from '../../scripts/chromium.ts'
import { signIn } from '../sign-in.mjs'

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']
const QUIET_MS = 1000
const MAX_WAIT_MS = 20_000

/**
 * Opens each page `rounds` times, each time in a new browser context.
 *
 * @returns the samples of each page, by its name
 */
export async function openPages({ address, password }, pages, rounds) {
  const executablePath = ensureChromium()
  const browser = await chromium.launch({ ...(executablePath && { executablePath }), args: ARGS })
  const samples = new Map(pages.map(({ name }) => [name, []]))
  try {
    const storageState = await signIn(browser, address, password)
    // One warm-up, after which the server has compiled and cached its work.
    for (let round = -1; round < rounds; round += 1) {
      for (const page of pages) {
        const sample = await openPage(browser, address, page, page.isSignedOut ? undefined : storageState)
        if (round >= 0) samples.get(page.name).push(sample)
      }
    }
  } finally {
    await browser.close()
  }
  return samples
}

async function openPage(browser, address, { path }, storageState) {
  const context = await browser.newContext({ baseURL: address, storageState, viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  const finished = []
  let lastRequestAt = performance.now()
  page.on('request', () => (lastRequestAt = performance.now()))
  page.on('requestfinished', (request) => finished.push(request))
  await page.addInitScript(observePaints)
  const startedAt = performance.now()
  await page.goto(path, { waitUntil: 'load' })
  while (performance.now() - lastRequestAt < QUIET_MS && performance.now() - startedAt < MAX_WAIT_MS) {
    await page.waitForTimeout(100)
  }
  const paints = await page.evaluate(() => window.readPaints())
  const responses = await Promise.all(
    finished.map(async (request) => ({
      path: new URL(request.url()).pathname,
      bytes: (await request.sizes()).responseBodySize,
    })),
  )
  await context.close()
  const scripts = responses.filter(({ path: file }) => file.endsWith('.js') && !file.startsWith('/duckdb/'))
  return { ...paints, jsBytes: sumBytes(scripts), jsFiles: scripts.length, allBytes: sumBytes(responses) }
}

/** Runs in the page before anything else. */
function observePaints() {
  const paints = { fcpMs: 0, lcpMs: 0, lcpElement: '', cls: 0, shifted: [], longTasksMs: [] }
  const describe = (node) =>
    node instanceof Element ? `${node.localName} ${(node.textContent ?? '').trim().slice(0, 40)}` : ''
  const observers = Object.entries({
    paint: ({ name, startTime }) => {
      if (name === 'first-contentful-paint') paints.fcpMs = startTime
    },
    'largest-contentful-paint': ({ startTime, element }) => {
      paints.lcpMs = startTime
      paints.lcpElement = describe(element)
    },
    'layout-shift': ({ value, sources }) => {
      paints.cls += value
      paints.shifted.push(...sources.map(({ node }) => describe(node)))
    },
    longtask: ({ duration }) => paints.longTasksMs.push(duration),
  }).map(([type, read]) => {
    const observer = new PerformanceObserver((list) => list.getEntries().forEach(read))
    observer.observe({ type, buffered: true })
    return { observer, read }
  })
  window.readPaints = () => {
    for (const { observer, read } of observers) observer.takeRecords().forEach(read)
    return paints
  }
}

function sumBytes(responses) {
  return responses.reduce((sum, { bytes }) => sum + bytes, 0)
}
