import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createFolder } from './create-folder'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-folders-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

it('creates a folder with those above it, and leaves one that is there', () => {
  const deep = path.join(folder, 'a', 'b', 'c')
  createFolder(deep, { mode: 0o700 })
  createFolder(deep, { mode: 0o755 })
  for (const one of [deep, path.dirname(deep)]) expect(statSync(one).mode & 0o777).toBe(0o700)
})

it('refuses a file in its place or above it, and a link that leads nowhere', () => {
  const file = path.join(folder, 'file')
  writeFileSync(file, '')
  symlinkSync(path.join(folder, 'gone'), path.join(folder, 'link'))
  expect(() => createFolder(file)).toThrow('EEXIST')
  expect(() => createFolder(path.join(file, 'in', 'it'))).toThrow('ENOTDIR')
  expect(() => createFolder(path.join(folder, 'link'))).toThrow('EEXIST')
  expect(() => createFolder(path.join(folder, 'link', 'in'))).toThrow('EEXIST')
})

it.runIf(process.platform === 'linux')('ends where no folder can be created', () => {
  expect(() => createFolder('/proc/lakeshore/home/secrets')).toThrow(/ENOENT|EACCES/)
})
