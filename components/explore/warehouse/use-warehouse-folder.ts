import { parseAsString, useQueryStates } from 'nuqs'
import { inPageLink } from '@/components/ui/controls/in-page-link'
import { paths } from '@/lib/paths/paths'

/** The folder of a warehouse that the address names; null for the warehouse itself. */
export function useWarehouseFolder(catalog: string) {
  // Each folder has a separate filter.
  const [{ folder }, setParams] = useQueryStates({ folder: parseAsString, q: parseAsString }, { history: 'push' })
  const open = (location: string | null) => void setParams({ folder: location, q: null })
  const linkTo = (location: string) => inPageLink(paths.warehouse(catalog, location), () => open(location))
  return { folder, open, linkTo }
}
