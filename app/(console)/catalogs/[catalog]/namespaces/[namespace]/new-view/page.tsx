import type { Metadata } from 'next'
import { FirstView } from '@/app/first-view'
import { NewViewPage } from '@/components/views/edit/new-view-page'
import { catalogsQuery } from '@/lib/client/catalogs'
import { type NamespaceParams, namespaceFromParams } from '@/lib/paths/paths'

type Props = { params: Promise<NamespaceParams> }

export const metadata: Metadata = { title: 'New view' }

export default async function NewView({ params }: Props) {
  const { catalog, namespace } = namespaceFromParams(await params)
  return (
    <FirstView queries={[catalogsQuery()]}>
      <NewViewPage key={`${catalog} ${namespace.join('\x1F')}`} catalog={catalog} namespace={namespace} />
    </FirstView>
  )
}
