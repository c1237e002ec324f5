import { describe, expect, it } from 'vitest'
import { shareSyncs } from './folder-syncs'

function createSyncs() {
  const started: { folder: string; end: () => void; fail: (error: Error) => void }[] = []
  const sync = shareSyncs((folder) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    started.push({ folder, end: resolve, fail: reject })
    return promise
  })
  return { sync, started }
}

describe('Syncs of a folder', () => {
  it('that are asked for while one runs share the next, which begins after it', async () => {
    const { sync, started } = createSyncs()
    const first = sync('a')
    const others = [sync('a'), sync('a')]
    const elsewhere = sync('b')
    expect(started.map(({ folder }) => folder)).toEqual(['a', 'b'])
    started[0]?.end()
    await first
    expect(started.map(({ folder }) => folder)).toEqual(['a', 'b', 'a'])
    let isDone = false
    const shared = Promise.all(others).then(() => (isDone = true))
    started[1]?.end()
    await elsewhere
    expect(isDone).toBe(false)
    started[2]?.end()
    await shared
    expect(started).toHaveLength(3)
  })

  it('fail for all who share one, and the next begins again', async () => {
    const { sync, started } = createSyncs()
    const first = sync('a')
    const others = [sync('a'), sync('a')]
    started[0]?.fail(new Error('the first'))
    await expect(first).rejects.toThrow('the first')
    started[1]?.fail(new Error('the second'))
    for (const other of others) await expect(other).rejects.toThrow('the second')
    const last = sync('a')
    started[2]?.end()
    await last
    expect(started).toHaveLength(3)
  })
})
