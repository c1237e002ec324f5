import type { Metadata } from 'next'
import { NamespacePage } from '@/components/namespaces/namespace-page'
import { type NamespaceParams, namespaceFromParams, titleFromParams } from '@/lib/paths'

type Props = { params: Promise<NamespaceParams> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: titleFromParams(await params) }
}

export default async function Namespace({ params }: Props) {
  const { catalog, namespace } = namespaceFromParams(await params)
  // A page keeps its filter when its figures are reloaded, but not when it shows another namespace.
  return <NamespacePage key={`${catalog} ${namespace.join('\x1F')}`} catalog={catalog} namespace={namespace} />
}
