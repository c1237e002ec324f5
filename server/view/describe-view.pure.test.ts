import { describe, expect, it } from 'vitest'
import { MAX_VIEW_VERSIONS, viewDetail } from '@/lib/contract/views'
import { sampleViewVersion, sampleView } from '@/testing/iceberg/sample-view'
import { readViewMetadata, writeViewMetadata } from '@/lib/iceberg/view/view-metadata-json'
import { Keys } from '@/server/auth/keys'
import { describeView } from './describe-view'

const keys = new Keys({ secret: 'a secret of these tests alone 0123456789' })

const identifier = { catalog: 'lake', namespace: ['demo'], view: 'days' }
const describeSample = (change: Parameters<typeof sampleView>[0] = {}) =>
  viewDetail
    .omit({ catalogKind: true, abilities: true, openProposalCount: true })
    .parse(describeView(keys, { identifier, metadataLocation: 'file:///lake/v.json', metadata: sampleView(change) }))

describe('A view', () => {
  it('is described with its versions, newest first, each with its SQL by dialect', () => {
    const { versions, currentVersionId, versionCount } = describeSample()
    expect(versions.map(({ versionId }) => versionId)).toEqual([2, 1])
    expect(versions[0]).toMatchObject({
      writer: 'Spark 3.5.1',
      defaultCatalog: 'lake',
      defaultNamespace: ['demo'],
      representations: [
        { type: 'sql', dialect: 'spark', sql: 'SELECT date FROM flights' },
        { type: 'sql', dialect: 'trino', sql: 'SELECT "date" FROM flights' },
      ],
    })
    expect({ currentVersionId, versionCount }).toEqual({ currentVersionId: 2, versionCount: 2 })
  })

  it('has the time since when its current version is current, even if that is an older version', () => {
    const rollback = { timestampMs: 1_800_000_000_000, versionId: 1 }
    const { versionLog } = sampleView()
    expect(describeSample({ currentVersionId: 1, versionLog: [...versionLog, rollback] }).currentSinceMs).toBe(
      rollback.timestampMs,
    )
    expect(describeSample({ versionLog: [] }).currentSinceMs).toBeNull()
  })

  it('keeps a representation other than SQL exactly as it was written', () => {
    const text = writeViewMetadata(sampleView()).replace(
      '"representations":[',
      '"representations":[{"type":"plan","id":9007199254740993},',
    )
    const { versions } = describeView(keys, {
      identifier,
      metadataLocation: '',
      metadata: readViewMetadata(text),
    })
    const [first] = versions.at(-1)?.representations ?? []
    expect(first).toEqual({ type: 'other', kind: 'plan', json: '{\n  "type": "plan",\n  "id": 9007199254740993\n}' })
  })

  it('with more versions than fit into one answer includes the current one', () => {
    const many = Array.from({ length: MAX_VIEW_VERSIONS + 10 }, (_, i) =>
      sampleViewVersion({ versionId: i + 1, timestampMs: i }),
    )
    const { versions, versionCount } = describeSample({ versions: many, currentVersionId: 3 })
    expect(versions).toHaveLength(MAX_VIEW_VERSIONS)
    expect(versions.at(-1)?.versionId).toBe(3)
    expect(versionCount).toBe(MAX_VIEW_VERSIONS + 10)
  })

  it('includes only the schemas that its versions use', () => {
    const [schema] = sampleView().schemas
    if (!schema) throw new Error('the sample has a schema')
    expect(describeSample({ schemas: [schema, { ...schema, schemaId: 7 }] }).schemas).toEqual([schema])
  })
})
