import { beforeAll } from 'vitest'

/** How long tests of components wait for content to appear: longer in CI, whose machine may be busy with other work. */
beforeAll(async () => {
  if (!('document' in globalThis)) return
  const { configure } = await import('@testing-library/react')
  configure({ asyncUtilTimeout: process.env.CI === 'true' ? 60_000 : 20_000 })
})
