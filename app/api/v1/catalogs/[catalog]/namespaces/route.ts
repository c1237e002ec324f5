import { createNamespace } from '@/lib/contract/namespace-lifecycle'
import { listNamespaces } from '@/lib/contract/namespaces'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(createNamespace, listNamespaces)
