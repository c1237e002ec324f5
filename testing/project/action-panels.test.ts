import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

/** Panels that add to the pending changes of a table, or create a namespace: they have no review of the server. */
const WITHOUT_REVIEW = [
  'components/about/table-about-panel.tsx',
  'components/explore/namespaces/actions/create-namespace-panel.tsx',
  'components/table/refs/ref-form-panel.tsx',
]
/** Others render these. */
const FRAMES = [
  'components/changes/action/action-panel.tsx',
  'components/table/lifecycle/rename-panel.tsx',
  'components/views/actions/view-edit-panel.tsx',
]

it('The responses of every action panel are delivered in each order by app/action-panels.test.tsx', () => {
  const test = readFileSync('app/action-panels.test.tsx', 'utf8')
  const panels = globSync('components/**/*.tsx').filter(
    (path) =>
      !path.endsWith('.test.tsx') && /<(ActionPanel|RenamePanel|ViewEditPanel)\b/.test(readFileSync(path, 'utf8')),
  )
  const untested = panels.filter((path) => !test.includes(`from '@/${path.replace('.tsx', '')}'`))
  expect(untested.toSorted()).toEqual(
    [...WITHOUT_REVIEW, ...FRAMES].filter((path) => untested.includes(path)).toSorted(),
  )
})
