import { queryOptions, useQueryClient } from '@tanstack/react-query'
import type { ConnectionSettings } from '@/lib/contract/connections'
import { CATALOG_NAME_PATTERN } from '@/lib/contract/shapes/plain-values'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { keys } from './keys'
import { toCallOptions } from './call/retry'
import { useSingleMutation } from './call/use-single-mutation'

/** The fields of the form; only new secrets are included. */
export type ConnectionForm = { name: string; settings: ConnectionSettings; secrets: Record<string, string> }

export function connectionsQuery() {
  return queryOptions({
    queryKey: keys.connections(),
    queryFn: (context) => callEndpoint('listConnections', {}, toCallOptions(context)),
    select: (output) => output.connections,
  })
}

/** Folders of the server that connections may read; empty if the operator allows none. */
export function localRootsQuery() {
  return queryOptions({
    queryKey: keys.connections(),
    queryFn: (context) => callEndpoint('listConnections', {}, toCallOptions(context)),
    select: (output) => output.localRoots,
  })
}

export function connectionQuery(connectionId: string) {
  return queryOptions({
    queryKey: [...keys.connections(), connectionId],
    queryFn: (context) => callEndpoint('getConnection', { connection: connectionId }, toCallOptions(context)),
    // A refetch must not replace the user's input.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
}

/** Adds a connection, or changes the given one if it is still at `version`. */
export function useSaveConnection(existing: { connectionId: string; version: number } | null) {
  return useCatalogsMutation(async (form: ConnectionForm): Promise<string> => {
    if (existing === null) return (await callEndpoint('addConnection', form)).connectionId
    const { connectionId, version } = existing
    await callEndpoint('changeConnection', { connection: connectionId, version, ...form })
    return connectionId
  })
}

export function useRemoveConnection(connectionId: string) {
  return useCatalogsMutation((confirmedName: string) =>
    callEndpoint('removeConnection', { connection: connectionId, confirmedName }),
  )
}

/** Tests a stored connection; the list then shows the result. */
export function useTestConnection() {
  const queryClient = useQueryClient()
  return useSingleMutation({
    mutationFn: (connectionId: string) => callEndpoint('testConnection', { connection: connectionId }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.connections(), exact: true }),
  })
}

/** Tests the settings in the form before they are stored. */
export function useTestConnectionForm(connectionId: string | null) {
  return useSingleMutation({
    mutationFn: ({ name, settings, secrets }: ConnectionForm) =>
      callEndpoint('testConnectionForm', {
        settings,
        secrets,
        // A test does not need a name, but would be refused with a wrong one.
        ...(CATALOG_NAME_PATTERN.test(name) && { name }),
        ...(connectionId !== null && { connection: connectionId }),
      }),
  })
}

/** Catalogs that the user signs in to with their own credentials. */
export function ownCredentialsQuery() {
  return queryOptions({
    queryKey: keys.ownCredentials(),
    queryFn: (context) => callEndpoint('listOwnCredentials', {}, toCallOptions(context)),
    select: (output) => output.credentials,
  })
}

export function useSetOwnCredentials(catalog: string) {
  return useCatalogsMutation((login: { identity: string | null; secret: string }) =>
    callEndpoint('setOwnCredentials', { catalog, ...login }),
  )
}

export function useRemoveOwnCredentials(catalog: string) {
  return useCatalogsMutation(() => callEndpoint('removeOwnCredentials', { catalog }))
}

/** After this change, everything below any catalog may look different. */
function useCatalogsMutation<Data, Variables = void>(mutationFn: (variables: Variables) => Promise<Data>) {
  const queryClient = useQueryClient()
  return useSingleMutation({
    mutationFn,
    onSettled: () =>
      Promise.all([
        // Only the list: a removed connection is not fetched again.
        queryClient.invalidateQueries({ queryKey: keys.connections(), exact: true }),
        ...[keys.ownCredentials(), keys.catalogs(), ['catalog'], keys.lake()].map((queryKey) =>
          queryClient.invalidateQueries({ queryKey }),
        ),
      ]),
  })
}
