import { expect, test } from 'vitest'
import { importCode } from './import-code'

test('Code that cannot be loaded is a failure of the connection, and not cached', async () => {
  const results: (() => Promise<string>)[] = [() => Promise.reject(new TypeError('gone')), async () => 'code']
  const load = () => (results.shift() ?? (async () => 'nothing'))()
  await expect(importCode(load)).rejects.toMatchObject({ code: 'server-unreachable' })
  expect(await importCode(load)).toBe('code')
})
