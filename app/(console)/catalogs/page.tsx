import type { Metadata } from 'next'
import { CatalogList } from '@/components/catalogs/catalog-list'

export const metadata: Metadata = { title: 'Explore' }

export default function CatalogsPage() {
  return <CatalogList />
}
