import { expect, test } from 'vitest'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import { ALL_VERBS } from '@/testing/conformance/verbs/all-verbs'
import { EXCLUDED_ENDPOINTS, PROPOSAL_ENDPOINTS } from '@/testing/conformance/verbs/excluded-endpoints'
import { UNDER_POLICY } from '@/testing/conformance/verbs/under-policy'

test('Every endpoint that sends something has a descriptor of its verb, or a reason why it changes nothing in the lake', () => {
  const described = new Set([...ALL_VERBS.map(({ endpoint }) => endpoint), ...PROPOSAL_ENDPOINTS])
  const excluded = Object.values(EXCLUDED_ENDPOINTS).flat()
  expect(excluded.filter((name) => described.has(name))).toEqual([])
  expect(new Set(excluded).size).toBe(excluded.length)
  const sending = ENDPOINTS.filter(({ endpoint }) => endpoint.method !== 'GET').map(({ name }) => name)
  expect([...described, ...excluded].sort()).toEqual([...sending].sort())
})

test('Every verb has one descriptor, and says what becomes of it where changes need two people', () => {
  const names = ALL_VERBS.map(({ name }) => name)
  // Loads have no endpoint: `verbs-runs.test.ts` tests the effect of a policy on them.
  expect([...names, 'load'].sort()).toEqual(Object.keys(UNDER_POLICY).sort())
})

test('A verb without a key, a review or an undo, or with several entries, says why', () => {
  const unexplained = ALL_VERBS.filter(
    ({ key, stale, actions, undoneBy, hidesUnrecorded, differences = [] }) =>
      differences.length === 0 &&
      (!key || stale === null || undoneBy === null || actions.length > 1 || hidesUnrecorded),
  )
  expect(unexplained.map(({ name }) => name)).toEqual([])
})
