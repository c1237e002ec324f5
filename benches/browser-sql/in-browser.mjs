import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'
import { ensureChromium } from '../../scripts/chromium.ts'
import { signIn } from '../sign-in.mjs'

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']
const ANSWER_TIMEOUT_MS = 120_000

/** A signed-in browser that opens the page *Query*, each time in a fresh context. */
export async function openBrowser({ address, password }) {
  const executablePath = ensureChromium()
  const browser = await chromium.launch({ ...(executablePath && { executablePath }), args: ARGS })
  const state = await signIn(browser, address, password)
  return {
    close: () => browser.close(),

    /** Local paths of a table's files. */
    async listFiles(table) {
      const [namespace, name] = table.split('.')
      const context = await browser.newContext({ baseURL: address, storageState: state })
      const response = await context.request.post(
        `/api/v1/catalogs/local/namespaces/${namespace}/tables/${name}/scans`,
        {
          data: {},
          headers: { origin: address },
        },
      )
      if (!response.ok())
        throw new Error(`The plan of ${table} was refused: ${response.status()} ${await response.text()}`)
      const { files } = await response.json()
      await context.close()
      return files.map(({ path }) => fileURLToPath(path))
    },

    async openQuery() {
      const context = await browser.newContext({ baseURL: address, storageState: state })
      const page = await context.newPage()
      let fileBytes = 0
      page.on('response', (response) => {
        if (/^\/api\/v1\/scans\/[^/]+\/files\/\d+$/.test(new URL(response.url()).pathname))
          fileBytes += Number(response.headers()['content-length'] ?? 0)
      })
      await page.goto('/query')
      const editor = page.getByRole('textbox', { name: 'SQL' })
      const run = page.getByRole('button', { name: 'Run', exact: true })
      await editor.waitFor()
      let queryCount = 0
      return {
        close: () => context.close(),
        /** Bytes of files that the browser received so far. */
        fileBytes: () => fileBytes,
        /** Runs a statement. @returns the page's own measurement, in milliseconds */
        async run(sql) {
          await editor.focus()
          await page.keyboard.press('Control+A')
          // Runs at once, before the page would request the cost: that would read footers before the clock starts.
          await page.keyboard.insertText(sql)
          // Suggestions would cover the click target.
          await page.keyboard.press('Escape')
          await run.click()
          queryCount += 1
          await page.waitForFunction(
            (count) => performance.getEntriesByName('lakeshore query').length === count,
            queryCount,
            { timeout: ANSWER_TIMEOUT_MS },
          )
          return await page.evaluate(() => performance.getEntriesByName('lakeshore query').at(-1).detail)
        },
      }
    },
  }
}
