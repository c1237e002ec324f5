import { parseArgs } from 'node:util'
import { chromium } from '@playwright/test'
import { ensureChromium } from '../../scripts/chromium.ts'
import { startConsole } from '../console.mjs'
import { median, printFigure, printSamples, round } from '../figures.mjs'
import { signIn } from '../sign-in.mjs'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const rounds = Number(values.rounds)
const TABLES = ['flights', 'earthquakes']
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']
const WHEEL_STEPS = 180
const STEP_PX = 67

const lake = await startConsole()
const executablePath = ensureChromium()
const browser = await chromium.launch({ ...(executablePath && { executablePath }), args: ARGS })
try {
  const storageState = await signIn(browser, lake.address, lake.password)
  for (const table of TABLES) {
    const samples = []
    for (let index = -1; index < rounds; index += 1) {
      const sample = await scrollOnce(table, storageState)
      if (index >= 0) samples.push(sample)
    }
    report(table, samples)
  }
} finally {
  await browser.close()
  await lake.stop()
}

async function scrollOnce(table, storageState) {
  const context = await browser.newContext({
    baseURL: lake.address,
    storageState,
    viewport: { width: 1440, height: 900 },
  })
  const page = await context.newPage()
  await page.goto(`/catalogs/local/namespaces/demo/tables/${table}/data`)
  await page.locator('[role=gridcell]:not([aria-busy])').first().waitFor()
  await page.waitForLoadState('networkidle')
  await page.getByRole('grid', { name: 'Rows' }).hover()
  await page.evaluate(watchFrames)
  const client = await context.newCDPSession(page)
  // Processor time of the page's thread, which other work on the machine hardly changes.
  await client.send('Performance.enable', { timeDomain: 'threadTicks' })
  const before = await taskSeconds(client)
  for (let step = 0; step < WHEEL_STEPS; step += 1) {
    await page.mouse.wheel(0, STEP_PX)
    await page.waitForTimeout(16)
  }
  const sample = await page.evaluate(() => window.scrollSample())
  const processorMs = ((await taskSeconds(client)) - before) * 1000
  await context.close()
  return { ...sample, processorMs }
}

async function taskSeconds(client) {
  const { metrics } = await client.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration').value
}

/** Runs in the page: records frames, long tasks and changes of the document while the grid scrolls. */
function watchFrames() {
  const frames = []
  const longTasks = []
  let changes = 0
  let last = performance.now()
  let isOn = true
  const onFrame = (now) => {
    frames.push(now - last)
    last = now
    if (isOn) requestAnimationFrame(onFrame)
  }
  requestAnimationFrame(onFrame)
  new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
    entryTypes: ['longtask'],
  })
  const observer = new MutationObserver((records) => {
    for (const { addedNodes, removedNodes } of records) changes += 1 + addedNodes.length + removedNodes.length
  })
  observer.observe(document.querySelector('[role=grid]'), {
    subtree: true,
    childList: true,
    attributes: true,
    characterData: true,
  })
  window.scrollSample = () => {
    isOn = false
    const sorted = frames.toSorted((a, b) => a - b)
    return {
      p50: sorted[Math.floor(sorted.length * 0.5)],
      p95: sorted[Math.floor(sorted.length * 0.95)],
      max: sorted.at(-1),
      longTaskMs: longTasks.reduce((sum, duration) => sum + duration, 0),
      changesPerFrame: changes / frames.length,
    }
  }
}

function report(table, samples) {
  console.log(`\n${WHEEL_STEPS * STEP_PX} px through demo.${table}\n`)
  printSamples(
    'frame, p50 (ms)',
    samples.map(({ p50 }) => round(p50, 1)),
  )
  printSamples(
    'frame, p95 (ms)',
    samples.map(({ p95 }) => round(p95, 1)),
  )
  printSamples(
    'frame, longest (ms)',
    samples.map(({ max }) => round(max, 1)),
  )
  printSamples(
    'long tasks (ms)',
    samples.map(({ longTaskMs }) => round(longTaskMs, 1)),
  )
  printSamples(
    'changes per frame',
    samples.map(({ changesPerFrame }) => round(changesPerFrame, 1)),
  )
  printFigure({
    question: `scroll ${table}: frame, p95`,
    value: round(median(samples.map(({ p95 }) => p95)), 1),
    unit: 'ms',
    target: 34,
  })
}
