import { expect, it } from 'vitest'
import { getTableLayouts } from '@/lib/contract/table/tables'
import type { Intent } from '@/lib/changes/intents/intent'
import { changeForIntents } from '@/lib/changes/intents/intent-changes'
import { readTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { createTestHome } from '@/testing/homes/test-home'
import { describeLayouts } from './describe-layouts'

const home = createTestHome()
const SECRET = 'wJalrXUtnFEMI/K7MDENG'

it('returns what a draft of the schema depends on, so that the page and the commit agree', () => {
  const metadata = sampleMetadata()
  const layouts = readTableMetadata(describeLayouts(home.services.keys, metadata).metadata)
  const drop: Intent = { kind: 'drop-column', fieldId: 3, column: ['route'] }
  const trays: Intent[][] = [
    [{ kind: 'rename-column', fieldId: 2, column: ['origin'], name: 'source', movesProperties: true }, drop],
    [{ kind: 'set-current-schema', schemaId: 0, base: 1 }],
    [{ kind: 'upgrade-format-version', formatVersion: 3, base: 2 }, drop],
  ]
  for (const intents of trays) {
    expect(changeForIntents(layouts, intents)).toEqual(changeForIntents(metadata, intents))
  }
  const partitioned: Intent[] = [{ kind: 'drop-column', fieldId: 1, column: ['date'] }]
  expect(() => changeForIntents(layouts, partitioned)).toThrow('source of the partition spec')
})

it('names the snapshots of each schema, newest first, and no secret', () => {
  const metadata = sampleMetadata({ properties: { 's3.secret-access-key': SECRET } })
  const layouts = describeLayouts(home.services.keys, metadata)
  expect(getTableLayouts.output.parse(layouts)).toEqual(layouts)
  const [first, second, third, fourth] = SAMPLE_SNAPSHOT_IDS
  expect(
    layouts.schemaUses.map(({ schemaId, snapshots }) => [schemaId, snapshots.map(({ snapshotId }) => snapshotId)]),
  ).toEqual([
    [0, [second, first]],
    [1, [fourth, third]],
  ])
  expect(readTableMetadata(layouts.metadata).snapshots.map(({ snapshotId }) => snapshotId)).toEqual([second, fourth])
  expect(layouts.metadata).not.toContain(SECRET)
})
