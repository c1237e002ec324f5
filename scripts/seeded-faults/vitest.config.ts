import { defineConfig } from 'vitest/config'
import config from '../../vitest.config.ts'

/** The projects of the repository, one test file at a time: the switch names one running test. */
export default defineConfig({
  test: {
    projects: (config.test?.projects ?? []).map((project) => {
      if (typeof project !== 'object' || !('test' in project))
        throw new Error('a project of vitest.config.ts is not an object')
      const { setupFiles = [], sequence: _, ...test } = project.test ?? {}
      return {
        ...project,
        test: { ...test, maxWorkers: 1, setupFiles: ['scripts/seeded-faults/record-test.ts', ...[setupFiles].flat()] },
      }
    }),
  },
})
