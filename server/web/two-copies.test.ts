import { expect, it, vi } from 'vitest'

/** The web server holds our modules twice, in Next's bundle and in its own, over one database. */
it('knows its errors when another copy of the program throws them', async () => {
  const here = { ...(await import('@/lib/errors')), ...(await import('@/server/db/database')) }
  vi.resetModules()
  const there = { ...(await import('@/lib/errors')), ...(await import('@/server/db/database')) }
  expect(there.AppError).not.toBe(here.AppError)
  expect(new there.AppError('not-found', 'x')).toBeInstanceOf(here.AppError)
  expect(new there.UnexpectedChanges(0, 0)).toBeInstanceOf(here.UnexpectedChanges)
  expect(new there.UnexpectedChanges(0, 0)).not.toBeInstanceOf(here.AppError)
  expect(new Error('x')).not.toBeInstanceOf(here.AppError)
})
