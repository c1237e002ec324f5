import { expect, it } from 'vitest'
import type { NamedClient } from '../../iceberg/properties/format-support'
import { clientDemands, describeSupport } from './client-support'
import type { Intent } from './intent'

const UPGRADE: Intent = { kind: 'upgrade-format-version', formatVersion: 3, base: 2 }
const setCodec = (value: string, key = 'write.parquet.compression-codec'): Intent => ({
  kind: 'set-property',
  key,
  value,
  base: null,
})

function describeFor(intents: readonly Intent[], client: Partial<NamedClient>): string[] {
  const named = { name: null, version: null, library: null, ...client }
  return clientDemands(intents).map(({ noun, supportOf }) => describeSupport(supportOf(named), noun))
}

it.each([
  [{ name: 'PyIceberg', version: '0.12.0' }, 'can read, cannot write format version 3'],
  [{ name: 'PyIceberg', version: '0.9.1' }, 'cannot write format version 3, reading is not known'],
  [{ name: 'PyIceberg', version: '0.8.1' }, 'cannot read or write format version 3'],
  [{ name: 'Trino', version: '481' }, 'can read and write format version 3'],
  [{ name: 'DuckDB', version: '1.5.1' }, 'can read format version 3, writing is not known'],
  [{ name: 'my loader' }, 'format version 3: not known'],
])('an upgrade and %j', (client, text) => {
  expect(describeFor([UPGRADE], client)).toEqual([text])
})

it('A codec that some engines cannot read asks it of readers alone', () => {
  expect(describeFor([setCodec('brotli')], { name: 'Spark' })).toEqual(['cannot read files with the codec brotli'])
  expect(describeFor([setCodec('lz4')], { name: 'Spark' })).toEqual(['can read files with the codec lz4'])
  expect(describeFor([setCodec('lz4')], { name: 'Apache Iceberg' })).toEqual(['files with the codec lz4: not known'])
  expect(describeFor([setCodec('zstd'), setCodec('x'), setCodec('brotli', 'owner')], { name: 'Trino' })).toEqual([])
})

it('Several changes ask for each of theirs', () => {
  expect(describeFor([UPGRADE, setCodec('brotli')], { name: 'Trino', version: '481' })).toEqual([
    'can read and write format version 3',
    'cannot read files with the codec brotli',
  ])
})
