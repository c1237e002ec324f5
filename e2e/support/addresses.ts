import { paths } from '@/lib/paths/paths'

export { asOfQuery, paths } from '@/lib/paths/paths'

export type TableIdentifier = Parameters<typeof paths.table>[0]
type ViewIdentifier = Parameters<typeof paths.view>[0]
export type AsOf = NonNullable<Parameters<typeof paths.table>[2]>

export const FLIGHTS: TableIdentifier = { catalog: 'local', namespace: ['demo'], table: 'flights' }
export const EARTHQUAKES: TableIdentifier = { ...FLIGHTS, table: 'earthquakes' }
export const BIRDSTRIKES: TableIdentifier = { ...FLIGHTS, table: 'birdstrikes' }

/** A view over the flights with two versions, the second with SQL for two engines. */
export const ROUTES: ViewIdentifier = {
  catalog: FLIGHTS.catalog,
  namespace: FLIGHTS.namespace,
  view: 'flights_by_route',
}

/** A table that a test creates for itself. */
export function labTable(table: string): TableIdentifier {
  return { catalog: 'local', namespace: ['lab'], table }
}
