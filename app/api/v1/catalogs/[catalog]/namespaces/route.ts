import { createNamespace } from '@/lib/contract/lifecycle/namespaces'
import { listNamespaces } from '@/lib/contract/namespaces'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(createNamespace, listNamespaces)
