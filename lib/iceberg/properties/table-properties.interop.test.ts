import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { findJdk } from '@/testing/peers/find-jdk'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { SPARK_RUNTIME_WITH_PLANNING } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { runToEnd } from '@/testing/processes/run-to-end'
import { isReservedProperty, TABLE_PROPERTIES } from './table-properties'

const constants = await installOrSkip('Iceberg’s TableProperties', readConstants)

/** Defaults that Iceberg writes in another way than the catalogue, which has null for unlimited and empty values. */
const OTHER_DEFAULTS: Readonly<Record<string, string | null>> = {
  // The constant is that of releases before 1.4; tables of later ones get this codec when they are created.
  PARQUET_COMPRESSION: 'zstd',
  MAX_REF_AGE_MS: null,
  ORC_BLOOM_FILTER_COLUMNS: null,
}

describe.skipIf(constants === null)('The catalogue (skipped if Iceberg’s TableProperties are not available)', () => {
  const all = constants ?? new Map<string, string>()
  const keys = [...all].filter(([name, value]) => !name.includes('_DEFAULT') && /^[a-z]+[.-][a-z.-]+$/.test(value))
  const properties = new Map(TABLE_PROPERTIES.map((property) => [property.name, property]))

  test('has every property of Iceberg 1.11', () => {
    expect(keys.length).toBeGreaterThan(100)
    const missing = keys.map(([, key]) => key).filter((key) => !properties.has(key) && !isReservedProperty(key))
    expect(missing).toEqual([])
  })

  test('has the same defaults', () => {
    const defaults = keys.flatMap(([name, key]) => {
      const value = OTHER_DEFAULTS[name] === undefined ? all.get(`${name}_DEFAULT`) : OTHER_DEFAULTS[name]
      return value === undefined ? [] : [[key, value] as const]
    })
    expect(defaults.length).toBeGreaterThan(50)
    expect(defaults.map(([key]) => [key, properties.get(key)?.default])).toEqual(defaults)
  })

  test('says of every other property that no release has it, or that another program has', () => {
    const known = new Set(all.values())
    const others = TABLE_PROPERTIES.filter(({ name }) => !known.has(name)).map(({ name, since }) => ({ name, since }))
    for (const { since } of others) expect(since ?? 'PyIceberg').toMatch(/^PyIceberg/)
  })
})

/** The constants of the class, by name, as text: `COMMIT_NUM_RETRIES_DEFAULT` is `4`. */
async function readConstants(): Promise<ReadonlyMap<string, string>> {
  const [jar] = await fetchJars([SPARK_RUNTIME_WITH_PLANNING])
  if (jar === undefined) throw new Error('Maven returned no jar.')
  const javap = path.join(findJdk(17), 'bin', 'javap')
  const output = await runToEnd(javap, ['-constants', '-cp', jar, 'org.apache.iceberg.TableProperties'], {
    timeoutMs: 60_000,
  })
  const declarations = output.matchAll(/ (?<name>[A-Z_0-9]+) = (?:"(?<text>.*)"|(?<literal>[\w.-]+?)[dl]?);/g)
  return new Map(
    [...declarations].map(({ groups }) => [groups?.['name'] ?? '', groups?.['text'] ?? groups?.['literal'] ?? '']),
  )
}
