import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { asOfToInput } from '@/lib/contract/shapes/plain-values'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { candidateKey, type LayoutCandidate } from '@/lib/layout/offered-transforms'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'

type SimulationInput = {
  metadataLocation: string
  candidates: readonly LayoutCandidate[]
  /** Ids of columns. */
  sortColumns: readonly number[]
}

/** The estimated effects of layouts on a state of a table. It is aborted when the user leaves it. */
export function layoutSimulationQuery(
  identifier: TableIdentifier,
  asOf: AsOf,
  { metadataLocation, candidates, sortColumns }: SimulationInput,
) {
  return queryOptions({
    queryKey: [
      ...keys.table(identifier),
      'layout-simulation',
      asOfToInput(asOf),
      metadataLocation,
      candidates.map(candidateKey),
      sortColumns,
    ],
    queryFn: async (context) => {
      const input = {
        ...identifier,
        ...asOfToInput(asOf),
        candidates: candidates.map((fields) => ({
          fields: fields.map(({ sourceId, transform }) => ({ sourceId, transform })),
        })),
        sortColumns: [...sortColumns],
      }
      const simulation = await callEndpoint('simulateLayouts', input, toCallOptions(context))
      // The result carries its candidates, because it is shown until the next simulation is there.
      return { simulation, candidates }
    },
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  })
}
