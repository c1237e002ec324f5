import { expect } from 'vitest'
import type { ConsoleClient } from './console-client'

export type ExpectedTable = {
  rowCount: number
  /** Oldest first. */
  snapshotIds?: readonly string[]
  /** Name, `branch` or `tag`, and snapshot id; ordered by name. */
  refs?: readonly (readonly [string, string, string])[]
  columns?: readonly string[]
  /** As the header shows it. */
  partitionedBy?: string
  property?: readonly [string, string]
}

/**
 * Expects that the console shows the same of a table as an engine that just read it. Does nothing if the server under
 * test has no console.
 */
export function expectInConsole(console: ConsoleClient | null, namespace: string, table: string) {
  return {
    toHave: async ({ rowCount, snapshotIds, refs, columns, partitionedBy, property }: ExpectedTable): Promise<void> => {
      if (console === null) return
      const actual = await console.table(namespace, table)
      expect(actual.figures.rowCount).toBe(rowCount)
      if (snapshotIds) expect(await console.snapshotIds(namespace, table)).toEqual(snapshotIds)
      if (columns) expect(actual.schema.fields.map(({ name }) => name)).toEqual(columns)
      if (partitionedBy !== undefined) expect(actual.partitionedBy).toBe(partitionedBy)
      if (property) expect(actual.properties[property[0]]).toBe(property[1])
      if (refs) {
        const named = actual.refs.map(({ name, type, snapshotId }) => [name, type, snapshotId])
        expect(named.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))).toEqual(refs)
      }
    },
  }
}
