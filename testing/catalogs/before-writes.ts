import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { CatalogWrite, WriteKind } from '@/server/catalog/port/catalog-write'

/** The catalog, with what happens before each of its writes of one kind. What that throws refuses the write. */
export function beforeWrites<Kind extends WriteKind>(
  catalog: CatalogClient,
  kind: Kind,
  act: (write: CatalogWrite<Kind>) => Promise<void>,
): CatalogClient {
  const isMatching = (write: { kind: WriteKind }): write is CatalogWrite<Kind> => write.kind === kind
  return {
    ...catalog,
    async write(write, options) {
      if (isMatching(write)) await act(write)
      return catalog.write(write, options)
    },
  }
}
