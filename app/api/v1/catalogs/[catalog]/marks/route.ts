import { listMarks } from '@/lib/contract/namespaces'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(listMarks)
