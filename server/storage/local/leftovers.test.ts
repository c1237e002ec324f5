import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, realpath, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { draftPath, isDraftName } from './draft'
import { removeLeftovers } from './leftovers'

const HOUR_MS = 60 * 60_000
const { signal } = new AbortController()
let root: string
beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'leftovers-')))
})
afterEach(() => rm(root, { recursive: true }))

const drafts = async () =>
  (await readdir(root, { recursive: true })).filter((name) => isDraftName(path.basename(name))).length

test('Only drafts are recognized as drafts', () => {
  for (const target of ['a', 'v1.metadata.json', 'é😀', 'x'.repeat(255), 'line\nbreak', '.hidden']) {
    expect(isDraftName(path.basename(draftPath('/lake', `/lake/${target}`))), target).toBe(true)
  }
  const id = randomUUID()
  for (const name of [
    `a.${id}.tmp`,
    `.a.${id}`,
    `.${id}.tmp`,
    `.a.${id}.tmp2`,
    '.a.tmp',
    `.a.${id.toUpperCase()}.tmp`,
  ]) {
    expect(isDraftName(name), name).toBe(false)
  }
})

test('A round ends at its limit and reports that, and further rounds remove the rest', async () => {
  for (let index = 0; index < 20; index += 1) {
    const folder = path.join(root, `t${index}`, 'metadata')
    await mkdir(folder, { recursive: true })
    await writeFile(path.join(folder, 'v1.metadata.json'), '')
    await writeFile(draftPath(folder, 'v2.metadata.json'), 'half')
  }
  const nowMs = Date.now() + 2 * HOUR_MS
  const first = await removeLeftovers(root, { nowMs, signal, maxEntriesSeen: 50 })
  expect(first).toMatchObject({ entriesSeen: 50, isComplete: false })
  expect(await drafts()).toBe(20 - first.drafts)
  expect(first.drafts).toBeGreaterThan(0)
  for (let round = 0; round < 200 && (await drafts()) > 0; round += 1) {
    await removeLeftovers(root, { nowMs, signal, maxEntriesSeen: 50 })
  }
  expect(await drafts()).toBe(0)
  expect(await removeLeftovers(root, { nowMs, signal })).toEqual({
    drafts: 0,
    folders: 0,
    entriesSeen: 60,
    isComplete: true,
  })
})

test('An empty root stays, and a round ends when it is aborted', async () => {
  await utimes(root, 1, 1)
  const options = { nowMs: Date.now() + HOUR_MS, signal }
  expect(await removeLeftovers(root, options)).toMatchObject({ folders: 0, isComplete: true })
  expect(await readdir(root)).toEqual([])
  await expect(removeLeftovers(root, { ...options, signal: AbortSignal.abort() })).rejects.toMatchObject({
    name: 'AbortError',
  })
})
