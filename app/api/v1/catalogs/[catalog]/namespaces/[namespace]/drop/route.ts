import { dropNamespace, reviewNamespaceDrop } from '@/lib/contract/lifecycle/namespaces'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(reviewNamespaceDrop, dropNamespace)
