import { FirstView } from '@/app/first-view'
import { NamespacePage } from '@/components/explore/namespaces/namespace-page'
import { namespaceContentsQuery, namespaceQuery } from '@/lib/client/namespaces'
import { changePolicyQuery } from '@/lib/client/table/proposals'
import { entryMetadata } from '@/app/page-titles'
import { type NamespaceParams, namespaceFromParams } from '@/lib/paths/paths'

type Props = { params: Promise<NamespaceParams> }

export const generateMetadata = entryMetadata

export default async function Namespace({ params }: Props) {
  const { catalog, namespace } = namespaceFromParams(await params)
  return (
    <FirstView
      queries={[
        namespaceQuery(catalog, namespace),
        namespaceContentsQuery(catalog, namespace),
        changePolicyQuery(catalog, namespace),
      ]}
    >
      {/* A page keeps its filter when its figures are reloaded, but not when it shows another namespace. */}
      <NamespacePage key={`${catalog} ${namespace.join('\x1F')}`} catalog={catalog} namespace={namespace} />
    </FirstView>
  )
}
