import { existsSync, globSync } from 'node:fs'
import path from 'node:path'
import type { dehydrate } from '@tanstack/react-query'
import { isValidElement, type ReactElement, type ReactNode } from 'react'
import { beforeAll, describe, expect, it } from 'vitest'
import { createHiddenLake, type HiddenLake } from '@/testing/homes/hidden-lake'
import { createTestHome } from '@/testing/homes/test-home'
import { installTestProgram } from '@/testing/http/route-handler'
import { setPageRequest } from '@/testing/next/page-request'
import { pageRequestHeaders } from '@/testing/next/page-request-headers'
import { holdTimeBudget } from '@/testing/next/time-budget'
import { FirstView } from './first-view'

/** The server puts nothing into a page that its user may not see, not even a hint that a name exists. */

const home = createTestHome()

beforeAll(() => void holdTimeBudget())

const PAGES = globSync('app/(console)/**/page.tsx').toSorted()
const HIDDEN = /hidden[_ ](ns|table|view|things)/i

let lake: HiddenLake
beforeAll(async () => {
  lake = await createHiddenLake(home.services)
})

type Module = {
  default: (props: unknown) => ReactNode | Promise<ReactNode>
  generateMetadata?: (props: unknown) => unknown
  metadata?: unknown
}
type DehydratedState = ReturnType<typeof dehydrate>

/** The server's content of a page and its layouts: titles, and the data of queries. */
async function renderPage(file: string, values: Record<string, string>): Promise<string> {
  installTestProgram(home.services)
  const names = [...file.matchAll(/\[(\w+)\]/g)].map(([, name = '']) => name)
  const params = Object.fromEntries(names.map((name) => [name, encodeURIComponent(values[name] ?? name)]))
  const address = path
    .dirname(file)
    .replace('app/(console)', '')
    .replaceAll(/\[(\w+)\]/g, (_, name: string) => params[name] ?? name)
  setPageRequest(pageRequestHeaders(address, lake.cookie))
  const found: unknown[] = []
  for (const one of [...layoutsOf(file), file]) {
    const module = (await import(path.resolve(one))) as Module
    const props = { params: Promise.resolve(params), searchParams: Promise.resolve({}), children: null }
    found.push(module.metadata ?? (await module.generateMetadata?.(props)) ?? null)
    await collectData(await renderModule(module, props), found)
  }
  return JSON.stringify(found)
}

/** Without a page of its own an address leads elsewhere, or there is no page at it: Next has that as an error. */
async function renderModule(module: Module, props: unknown): Promise<ReactNode> {
  try {
    return await module.default(props)
  } catch (error) {
    if (error instanceof Error && 'digest' in error && String(error.digest).startsWith('NEXT_')) return null
    throw error
  }
}

function layoutsOf(file: string): string[] {
  const folders = path.dirname(file).split('/')
  const above = folders.map((_, i) => `${folders.slice(0, i + 1).join('/')}/layout.tsx`)
  return above.filter((layout) => layout !== 'app/layout.tsx' && existsSync(layout))
}

/** The data of each `FirstView` in what a page returns. */
async function collectData(node: ReactNode, found: unknown[]): Promise<void> {
  if (Array.isArray(node)) {
    for (const child of node) await collectData(child as ReactNode, found)
    return
  }
  if (!isValidElement(node)) return
  const { type, props } = node as ReactElement<{ children?: ReactNode; state?: DehydratedState }>
  if (type === FirstView) return collectData(await FirstView(props as Parameters<typeof FirstView>[0]), found)
  for (const { queryKey, state } of props.state?.queries ?? []) found.push([queryKey, state.data])
  await collectData(props.children, found)
}

describe('The page', () => {
  it('of a table that its user may read has data', async () => {
    const file = PAGES.find((page) => page.endsWith('[table]/page.tsx')) ?? ''
    expect(await renderPage(file, { catalog: 'local', namespace: 'ours', table: 't' })).toContain('"tableUuid"')
  })

  it.each(PAGES)('%s says of what is hidden as much as of what is not there', async (file) => {
    const names = [...file.matchAll(/\[(\w+)\]/g)].map(([, name = '']) => name)
    const unknown = names.filter((name) => !(name in lake.parts))
    expect(unknown, 'a part of an address needs a hidden and a missing value here').toEqual([])
    const valuesOf = (kind: 'hidden' | 'missing') =>
      Object.fromEntries(names.map((name) => [name, lake.parts[name]?.[kind] ?? '']))
    const textOf = async (kind: 'hidden' | 'missing') => {
      let text = await renderPage(file, valuesOf(kind))
      for (const [name, value] of Object.entries(valuesOf(kind))) text = text.replaceAll(value, `<${name}>`)
      // Times, which differ between the two.
      return text.replaceAll(/\b1[78]\d{11}\b/g, '')
    }
    const shown = await textOf('hidden')
    expect(shown).not.toMatch(HIDDEN)
    expect(shown).toBe(await textOf('missing'))
  })
})
