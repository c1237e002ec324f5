import { beforeAll } from 'vitest'

/** Tests of components wait for what is to be shown as long as a machine takes that is busy with other things. */
beforeAll(async () => {
  if (!('document' in globalThis)) return
  const { configure } = await import('@testing-library/react')
  configure({ asyncUtilTimeout: 30_000 })
})
