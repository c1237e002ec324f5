import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'
import { ensureChromium } from '../../scripts/chromium.ts'
import { loadReader } from './reader.mjs'
import { signIn } from '../sign-in.mjs'

const TABLE = '/catalogs/local/namespaces/demo/tables/flights'
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']

/**
 * Opens the table's data `rounds` times, each in a browser context that has loaded only the overview.
 *
 * @returns the measurements, the table's files, and the bytes of the column chunks that hold the first rows
 */
export async function openInBrowser({ address, password }, rounds) {
  const executablePath = ensureChromium()
  const browser = await chromium.launch({ ...(executablePath && { executablePath }), args: ARGS })
  const results = { paintedMs: [], planMs: [], bytesRead: [], requests: [], files: [], rowCount: 0, neededBytes: 0 }
  try {
    const state = await signIn(browser, address, password)
    // One warm-up, after which the server has compiled and cached its work.
    for (let round = -1; round < rounds; round += 1) {
      const sample = await openOnce(browser, address, state)
      if (round < 0) {
        results.files = sample.plan.files.map((file) => ({ ...file, path: fileURLToPath(file.path) }))
        results.rowCount = sample.plan.rowCount
        results.fields = sample.plan.schema.fields
        results.neededBytes = await readNeededBytes(results.files[0], results.fields)
        continue
      }
      results.paintedMs.push(sample.paintedMs)
      results.planMs.push(sample.planMs)
      results.bytesRead.push(sample.bytesRead)
      results.requests.push(sample.requests)
    }
  } finally {
    await browser.close()
  }
  return results
}

async function openOnce(browser, address, storageState) {
  const context = await browser.newContext({ baseURL: address, storageState, viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  let bytesRead = 0
  let requests = 0
  page.on('response', (response) => {
    if (!/^\/api\/v1\/scans\/[^/]+\/files\/\d+$/.test(new URL(response.url()).pathname)) return
    requests += 1
    bytesRead += Number(response.headers()['content-length'] ?? 0)
  })
  await page.addInitScript(watchForRows)
  await page.goto(TABLE)
  const tab = page.getByRole('tab', { name: 'Data' }).or(page.getByRole('link', { name: 'Data', exact: true }))
  await tab.first().waitFor()
  await page.waitForLoadState('networkidle')
  const planAnswered = page.waitForResponse((response) => response.url().endsWith('/scans'))
  await tab.first().click()
  const plan = await (await planAnswered).json()
  await page.waitForFunction(() => 'paintedMs' in window)
  const { paintedMs, planMs } = await page.evaluate(() => ({ paintedMs: window.paintedMs, planMs: window.planMs() }))
  await context.close()
  return { paintedMs, planMs, bytesRead, requests, plan }
}

/** Runs in the page: records the click, and the second frame after every cell on screen has its value. */
function watchForRows() {
  let clickedAt = null
  addEventListener('click', (event) => (clickedAt ??= event.timeStamp), { capture: true })
  const isFull = () => {
    const grid = document.querySelector('[role=grid][aria-label=Rows]')
    return grid?.querySelector('[role=gridcell]') && !grid.querySelector('[role=gridcell][aria-busy]')
  }
  const observer = new MutationObserver(() => {
    if (clickedAt === null || !isFull()) return
    observer.disconnect()
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        window.paintedMs = performance.now() - clickedAt
      }),
    )
  })
  observer.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['aria-busy'] })
  window.planMs = () => {
    const plan = performance.getEntriesByType('resource').findLast(({ name }) => name.endsWith('/scans'))
    return plan ? plan.responseEnd - clickedAt : 0
  }
}

async function readNeededBytes(file, fields) {
  const { neededBytes } = await loadReader()
  return neededBytes(file, fields)
}
